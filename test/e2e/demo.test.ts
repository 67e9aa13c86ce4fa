/** The demo, as the README starts it: it checks itself, and ends with exit code 0 only if all is as it says. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { builtCommand } from '../support/built.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo.mjs', import.meta.url));

beforeAll(async () => {
  await builtCommand();
});

function play(...args: string[]): { status: number | null; text: string } {
  const ended = spawnSync(process.execPath, [DEMO, ...args], { encoding: 'utf8', cwd: join(DEMO, '..') });
  return { status: ended.status, text: ended.stdout + ended.stderr };
}

test('the demo builds its tool, also after the failure', () => {
  const { status, text } = play();
  expect(text).toContain('Implementation Complete ✓ (Resumed)');
  expect(text).toContain('That was all');
  expect(status).toBe(0);
});

test('with worktrees it shows the history that it made: a commit per task, none of them twice', () => {
  const { status, text } = play('--worktree');
  expect(status).toBe(0);
  const subjects = [...text.matchAll(/^[0-9a-f]{7,} (T\d+):/gm)].map((match) => match[1]);
  expect([...subjects].sort()).toEqual(Array.from({ length: 18 }, (_, i) => `T${String(i + 1).padStart(3, '0')}`));
  expect(text).toMatch(/^[0-9a-f]{7,} Bring the forecast of the week$/m);
});
