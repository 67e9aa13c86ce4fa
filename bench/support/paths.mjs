/** Where the built command is, the rooms inside it, and a folder to work in. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built command. */
export const command = join(root, 'dist', 'cli.cjs');
/** Preloaded into a measured Node process; see `usage.cjs`. */
export const usageHook = fileURLToPath(new URL('./usage.cjs', import.meta.url));
/** One of the programs that the benches compare with. */
export const reference = (name) => fileURLToPath(new URL(`../references/${name}`, import.meta.url));

export function checkBuilt() {
  if (!existsSync(command)) throw new Error(`${command} is not there: npm run build`);
}

/** A new folder for temporary files; removed when this process ends. */
export function workFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'implement-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let rooms = null;

/** What `internals.ts` exports, bundled for this process alone. */
export function internals() {
  rooms ??= (async () => {
    const { build } = await import('tsdown');
    const outDir = workFolder();
    await build({
      config: false,
      cwd: root,
      entry: { internals: fileURLToPath(new URL('../internals.ts', import.meta.url)) },
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      outDir,
      dts: false,
      logLevel: 'silent',
      define: { __VERSION__: '"bench"' },
      deps: { alwaysBundle: [/.*/] },
      outExtensions: () => ({ js: '.mjs' }),
    });
    return import(pathToFileURL(join(outDir, 'internals.mjs')).href);
  })();
  return rooms;
}
