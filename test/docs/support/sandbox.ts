/** A place to run the commands of a page in: a temporary copy of an example, and `implement` on the path. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtCommand } from '../../support/built.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Sandbox {
  /** Where the commands run. */
  readonly dir: string;
  /** Puts a file there. */
  write(name: string, text: string): void;
  /** Runs one line of shell; gives both streams in the order in which they were written. `$?` is that of the last one. */
  run(line: string): string[];
  remove(): void;
}

/** @param example a folder of `examples/`, or `null` for an empty place. */
export async function createSandbox(example: string | null): Promise<Sandbox> {
  const cli = await builtCommand();
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'implement-docs-')));
  const dir = join(base, example ?? 'project');
  const bin = join(base, 'bin');
  mkdirSync(dir);
  mkdirSync(bin);
  if (example !== null) cpSync(join(ROOT, 'examples', example), dir, { recursive: true });
  const shim = join(bin, 'implement');
  writeFileSync(shim, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(cli)} "$@"\n`);
  chmodSync(shim, 0o755);
  const env = {
    HOME: base,
    PATH: [bin, dirname(process.execPath), process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter),
    LANG: 'C.UTF-8',
    TMPDIR: tmpdir(),
    GIT_CONFIG_NOSYSTEM: '1',
  };
  // A repository of its own, so that no folder above counts as the project.
  spawnSync('git', ['init', '--quiet', '--template=', '--initial-branch=main'], { cwd: dir, env, stdio: 'ignore' });
  let last = 0;
  return {
    dir,
    write: (name, text) => writeFileSync(join(dir, name), text),
    run(line) {
      const script = `exec 2>&1\n(exit ${last})\n${line}\n`;
      const ended = spawnSync('sh', ['-c', script], {
        cwd: dir,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (ended.error !== undefined) throw ended.error;
      last = ended.status ?? 1;
      return ended.stdout.replace(/\n+$/, '').split('\n');
    },
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
