/** The merge queue on real git: its order, and somebody else who moves the target at the worst moment. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { createFollower, type Follower } from '../../src/workspaces/checkout.ts';
import { createMergeQueue, type MergeQueue, type Merging } from '../../src/workspaces/merge-queue.ts';
import { useScratch } from '../support/scratch.ts';

const scratch = useScratch();

async function queueWith(
  change: Partial<Parameters<typeof createMergeQueue>[0]> = {},
  wrap = (one: Follower) => one,
): Promise<MergeQueue> {
  const repository = await scratch.repository();
  return createMergeQueue({
    repository,
    follower: wrap(createFollower(repository)),
    inTree: false,
    last: repository.base,
    tickText: () => null,
    verify: null,
    writeConflict: () => {},
    running: () => [],
    tell: () => {},
    clean: (text) => text,
    published: () => {},
    ...change,
  });
}

/** A change on top of the present head, on its branch. */
function changeOf(step: string, files: Record<string, string>): Change {
  const base = scratch.git('rev-parse', 'main');
  const commit = scratch.commit(step, files);
  scratch.git('reset', '-q', '--hard', base);
  const ref = `refs/heads/implement/r/${step}/1`;
  scratch.git('update-ref', ref, commit);
  return { commit, base, ref, message: `${step}\n`, files: [] };
}

function merging(step: string, change: Change, publishing: Merging['publishing'] = async () => {}): Merging {
  const { signal } = new AbortController();
  return {
    step,
    attempt: 1,
    slot: 1,
    change,
    io: { stop: signal, kill: signal, verifying: async () => {} },
    tick: async () => false,
    publishing,
  };
}

const subjects = (): string[] => scratch.git('log', '--reverse', '--format=%s', 'main').split('\n');

test('changes join in the order in which they come', async () => {
  scratch.commit('start', { base: 'x\n' });
  const steps = ['C', 'A', 'B', 'D'];
  const changes = steps.map((step) => changeOf(step, { [step]: `${step}\n` }));
  const queue = await queueWith();
  const results = await Promise.all(steps.map((step, i) => queue.merge(merging(step, changes[i] as Change))));
  expect(results.map((one) => one.kind)).toEqual(['merged', 'merged', 'merged', 'merged']);
  expect(subjects()).toEqual(['start', ...steps]);
  expect(scratch.git('status', '--porcelain')).toBe('');
  expect(scratch.git('for-each-ref', 'refs/heads/implement')).toBe('');
});

test('somebody who moves the target before each publication is waited for', async () => {
  scratch.commit('start', { base: 'x\n' });
  const change = changeOf('A', { a: 'a\n' });
  const queue = await queueWith();
  let moves = 3;
  const result = await queue.merge(
    merging('A', change, async () => {
      if (moves-- > 0) scratch.commit(`mover ${moves}`, { [`mover-${moves}`]: 'x\n' });
    }),
  );
  expect(result.kind).toBe('merged');
  expect(subjects()).toEqual(['start', 'mover 2', 'mover 1', 'mover 0', 'A']);
  expect(scratch.git('status', '--porcelain')).toBe('');
});

test('one who moves it in the very file is a conflict, not an uncommitted change', async () => {
  scratch.commit('start', { a: 'x\n' });
  const change = changeOf('A', { a: 'a\n' });
  const queue = await queueWith();
  let isFirst = true;
  const result = await queue.merge(
    merging('A', change, async () => {
      if (isFirst) scratch.commit('mover', { a: 'mover\n' });
      isFirst = false;
    }),
  );
  expect(result).toMatchObject({ kind: 'failure', failure: { reason: 'merge-conflict' } });
  expect(readFileSync(scratch.path('a'), 'utf8')).toBe('mover\n');
  expect(scratch.git('status', '--porcelain')).toBe('');
});

test('one who moves it when the files have followed: they are taken back, and follow again', async () => {
  scratch.commit('start', { base: 'x\n' });
  const change = changeOf('A', { a: 'a\n' });
  let isFirst = true;
  const queue = await queueWith({}, (follower) => ({
    ...follower,
    async follow(checkout, publication) {
      const result = await follower.follow(checkout, publication);
      if (isFirst)
        scratch.git(
          'update-ref',
          'refs/heads/main',
          scratch.git('commit-tree', '-p', 'main', '-m', 'mover', 'main^{tree}'),
        );
      isFirst = false;
      return result;
    },
  }));
  expect((await queue.merge(merging('A', change))).kind).toBe('merged');
  expect(subjects()).toEqual(['start', 'mover', 'A']);
  expect(scratch.git('status', '--porcelain')).toBe('');
});

test('a target that was rewritten takes nothing any more', async () => {
  scratch.commit('start', { base: 'x\n' });
  scratch.commit('more', { more: 'x\n' });
  const [one, two] = [changeOf('A', { a: 'a\n' }), changeOf('B', { b: 'b\n' })];
  const queue = await queueWith();
  expect((await queue.merge(merging('A', one))).kind).toBe('merged');
  scratch.git('reset', '-q', '--hard', 'main~2');
  expect(await queue.merge(merging('B', two))).toMatchObject({
    kind: 'failure',
    held: true,
    failure: { reason: 'held-back' },
  });
  expect(subjects()).toEqual(['start']);
  expect(scratch.git('rev-parse', two.ref)).toBe(two.commit);
});
