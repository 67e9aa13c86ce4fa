/** Slots on real git: brought to a commit whatever was done in them, and never confused with what they were. */
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSlots, type OpenSlot } from '../../src/workspaces/slots.ts';
import { useScratch } from '../support/scratch.ts';

const scratch = useScratch();

async function open(): Promise<{ slot: OpenSlot; again: () => Promise<OpenSlot> }> {
  scratch.commit('start', { 'a.txt': '1\n', 'b/c.txt': 'c\n', '.gitignore': 'ignored\n/.implement\n' });
  const slots = createSlots(await scratch.repository(), scratch.path('.implement/worktrees'));
  return { slot: await slots.open(1, 'main'), again: () => slots.open(1, 'main') };
}

function expectClean(slot: OpenSlot): void {
  expect(slot.base).toBe(scratch.git('rev-parse', 'main'));
  expect(scratch.git('-C', slot.dir, 'status', '--porcelain')).toBe('');
  expect(scratch.git('-C', slot.dir, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
  expect(readFileSync(join(slot.dir, 'a.txt'), 'utf8')).toBe('1\n');
}

describe('reset', () => {
  test('a file that was changed at the speed of its checkout, to the same length', async () => {
    const { slot, again } = await open();
    const path = join(slot.dir, 'a.txt');
    // As if file, index and change fell into one second, and the reset into a later one.
    const then = new Date(Math.floor(Date.now() / 1000) * 1000 - 5000);
    scratch.git('-C', slot.dir, 'update-index', '--refresh');
    writeFileSync(path, '1\n');
    utimesSync(path, then, then);
    scratch.git('-C', slot.dir, 'update-index', '--really-refresh');
    const index = join(slot.gitDir, 'index');
    writeFileSync(slot.index, readFileSync(index));
    utimesSync(slot.index, then, then);
    writeFileSync(path, '2\n');
    utimesSync(path, then, then);
    expectClean(await again());
  });

  test.each<[string, (slot: OpenSlot) => void]>([
    [
      'files changed, removed, added',
      ({ dir }) => {
        writeFileSync(join(dir, 'a.txt'), 'other\n');
        rmSync(join(dir, 'b'), { recursive: true });
        mkdirSync(join(dir, 'x/y'), { recursive: true });
        writeFileSync(join(dir, 'x/y/z'), 'z\n');
      },
    ],
    ['.git removed', ({ dir }) => rmSync(join(dir, '.git'))],
    ['everything removed', ({ dir }) => rmSync(dir, { recursive: true })],
    ['what git knows of it removed', ({ gitDir }) => rmSync(gitDir, { recursive: true })],
    [
      'indexes broken',
      ({ gitDir, index }) => {
        writeFileSync(join(gitDir, 'index'), 'broken');
        writeFileSync(index, 'broken');
      },
    ],
    ['HEAD broken', ({ gitDir }) => writeFileSync(join(gitDir, 'HEAD'), 'broken')],
    ['locks', ({ gitDir }) => writeFileSync(join(gitDir, 'index.lock'), '')],
    [
      'a commit on a branch',
      ({ dir }) => {
        scratch.git('-C', dir, 'switch', '-qc', 'mine');
        scratch.git('-C', dir, 'commit', '-q', '--allow-empty', '-m', 'Mine');
      },
    ],
    [
      'a hidden change',
      ({ dir }) => {
        scratch.git('-C', dir, 'update-index', '--skip-worktree', 'a.txt');
        writeFileSync(join(dir, 'a.txt'), 'hidden\n');
      },
    ],
    ['a repository inside', ({ dir }) => scratch.git('init', '-q', join(dir, 'nested'))],
    [
      'a file in its place',
      ({ dir }) => {
        rmSync(dir, { recursive: true });
        writeFileSync(dir, 'a file\n');
      },
    ],
  ])('after: %s', async (_what, spoil) => {
    const { slot, again } = await open();
    spoil(slot);
    const main = scratch.git('status', '--porcelain');
    expectClean(await again());
    expect(scratch.git('status', '--porcelain')).toBe(main);
  });

  test('ignored files stay, and it comes to a new commit', async () => {
    const { slot, again } = await open();
    writeFileSync(join(slot.dir, 'ignored'), 'cache\n');
    scratch.commit('more', { 'more.txt': 'more\n' });
    const next = await again();
    expectClean(next);
    expect(next.fresh).toBe(false);
    expect(existsSync(join(next.dir, 'more.txt')) && existsSync(join(next.dir, 'ignored'))).toBe(true);
  });
});

test('slots are found again, with what was noted about them, and removed', async () => {
  const { slot } = await open();
  const slots = createSlots(await scratch.repository(), scratch.path('.implement/worktrees'));
  const note = { run: 'r', step: 'T001', attempt: 2, base: slot.base, kept: true, setup: null };
  slots.remember(slot, note);
  expect(slots.list().map((one) => [one.number, slots.note(one)])).toEqual([[1, note]]);
  await slots.remove(slot);
  expect(slots.list()).toEqual([]);
  expect(existsSync(slot.dir)).toBe(false);
});
