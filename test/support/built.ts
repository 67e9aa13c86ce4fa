/** The built command: where it is, and building it once when the sources are newer. Knows files and times only. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOCK = join(ROOT, 'node_modules', '.implement-build');

/** Absolute path of the command to test: `IMPLEMENT_CLI`, else `dist/cli.cjs`, built anew if it is out of date. */
export async function builtCommand(): Promise<string> {
  const named = process.env['IMPLEMENT_CLI'];
  if (named !== undefined && named !== '') return named;
  const path = join(ROOT, 'dist', 'cli.cjs');
  while (timeOf(path) < newestSource()) {
    if (!tryLock()) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    try {
      const built = spawnSync('npm', ['run', 'build'], { cwd: ROOT, encoding: 'utf8' });
      if (built.status !== 0) throw new Error(`npm run build failed:\n${built.stdout}\n${built.stderr}`);
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
  }
  return path;
}

/** Several test files start at once; one of them builds. A lock older than two minutes was left behind. */
function tryLock(): boolean {
  if (Date.now() - timeOf(LOCK) > 120_000) rmSync(LOCK, { recursive: true, force: true });
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    return false;
  }
}

function newestSource(): number {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return [...sources.map((name) => join(ROOT, 'src', name)), join(ROOT, 'tsdown.config.mjs')].reduce(
    (newest, path) => Math.max(newest, timeOf(path)),
    0,
  );
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
