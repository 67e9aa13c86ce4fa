import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';
import { writeSchema } from './scripts/schema.mjs';
import { thirdParty } from './scripts/third-party.mjs';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
// The same code as modules: only what is used comes along, and nothing runs before it is called.
const alias = { yaml: fileURLToPath(new URL('./node_modules/yaml/browser/dist/index.js', import.meta.url)) };
const define = { __VERSION__: JSON.stringify(version) };

export default defineConfig([
  // The command: everything inside, CommonJS, a chunk for each room that a command may not need.
  {
    entry: { command: 'src/cli.ts' },
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    outDir: 'dist',
    clean: true,
    minify: true,
    dts: false,
    define,
    deps: { alwaysBundle: [/.*/] },
    alias,
    outExtensions: () => ({ js: '.cjs' }),
    // The library bundles a part of what is in here, so one list is enough.
    plugins: [thirdParty('THIRD-PARTY.txt')],
    hooks: { 'build:done': ({ options }) => install(options.outDir) },
  },
  // The library: Markdown inside (its micromark is pinned), the rest as dependencies.
  {
    entry: { index: 'src/index.ts' },
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outDir: 'dist',
    clean: false,
    dts: true,
    define,
    deps: { alwaysBundle: [/^(mdast|micromark|unist|@types|yaml|decode-named|character-ent|devlop|dequal)/] },
    alias,
    outExtensions: () => ({ js: '.mjs', dts: '.d.mts' }),
  },
]);

/** Puts the launcher before the command, and the compiled code and the schema of configurations beside it. */
async function install(outDir) {
  await writeSchema(join(outDir, 'implement.schema.json'));
  copyFileSync(new URL('./scripts/launcher.cjs', import.meta.url), join(outDir, 'cli.cjs'));
  chmodSync(join(outDir, 'cli.cjs'), 0o755);
  const { status } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('./scripts/code-cache.mjs', import.meta.url)), outDir],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error(`scripts/code-cache.mjs ended with ${status}`);
}
