/** Records from events: what is told of a done task, and that a fold in pieces gives the same as one at once. */
import { expect, it } from 'vitest';
import type { RunEvent, RunEventBody, RunOptions } from '../../src/core/event.ts';
import { createRecorder } from '../../src/core/record.ts';

const OPTIONS = { verify: null, scripts: false } as RunOptions;
const started = (options: Partial<RunOptions> = {}): RunEventBody =>
  ({ kind: 'run-started', run: 'r', file: 'tasks.md', options: { ...OPTIONS, ...options } }) as RunEventBody;
const PLAN: RunEventBody = {
  kind: 'plan-read',
  tasks: ['A', 'B'].map((id) => ({ id, title: `Make ${id}`, generated: false })),
  done: [],
};
const begin = (step: string, slot = 1, attempt = 1): RunEventBody => ({ kind: 'attempt-started', step, attempt, slot });
const done = (step: string, more: object = {}): RunEventBody => ({
  kind: 'attempt-ended',
  step,
  attempt: 1,
  outcome: { kind: 'success', verified: null, ...more },
  retryAt: null,
});
const CHANGE = { commit: 'c', base: 'b', ref: 'r', message: 'm', files: [] };
const merged = (step: string): RunEventBody => ({
  kind: 'merge-ended',
  step,
  attempt: 1,
  result: {
    kind: 'merged',
    commit: 'd',
    files: [
      { path: 'a', how: 'created' },
      { path: 'b', how: 'modified' },
    ],
    ticked: true,
  },
  retryAt: null,
});

function records(bodies: readonly RunEventBody[], front: string | null = null) {
  const recorder = createRecorder({ front, isoTime: String });
  return bodies.flatMap((body, i) => recorder({ ...body, seq: i + 1, time: i * 10 } as RunEvent) ?? []);
}

it('tells of a task that was done alone', () => {
  expect(records([started(), PLAN, begin('A', 2), done('A')])).toEqual([
    {
      schemaVersion: 1,
      task: 'A',
      title: 'Make A',
      file: 'tasks.md',
      run: 'r',
      attempt: 1,
      slot: 2,
      start: '20',
      end: '30',
      commit: null,
      attribution: 'alone',
      stat: null,
      files: null,
      verification: null,
    },
  ]);
});

it('cannot attribute what tasks changed side by side in one tree', () => {
  const found = records([started(), PLAN, begin('A'), begin('B', 2), done('A'), done('B')]);
  expect(found.map((one) => one.attribution)).toEqual(['not attributable', 'not attributable']);
  const after = records([started(), PLAN, begin('A'), done('A'), begin('B'), done('B')]);
  expect(after.map((one) => one.attribution)).toEqual(['alone', 'alone']);
});

it('waits for the merge where a task is committed, over sessions too', () => {
  const before = [started(), PLAN, begin('A'), begin('B', 2), done('A', { change: CHANGE })];
  expect(records(before)).toEqual([]);
  const [record] = records([...before, started(), PLAN, merged('A')]);
  expect(record).toMatchObject({
    commit: 'd',
    attribution: 'commit',
    start: '20',
    stat: { created: 1, modified: 1, deleted: 0 },
    files: [{ path: 'a' }, { path: 'b' }],
  });
});

it('names the verification that passed', () => {
  const verified = [PLAN, begin('A'), done('A', { verified: '12 passed' })];
  expect(records([started({ verify: 'npm test' }), ...verified])[0]?.verification).toEqual({
    command: 'npm test',
    exitCode: 0,
    lastLine: '12 passed',
  });
  expect(records([started({ scripts: true }), ...verified], 'make check')[0]?.verification?.command).toBe('make check');
  expect(records([started(), ...verified], 'make check')[0]?.verification).toBeNull();
});

it('says nothing of failures and of verification steps', () => {
  const failure = { reason: 'exit-code', message: '', exitCode: 1, signal: null, tail: '' } as const;
  const failed: RunEventBody = {
    kind: 'attempt-ended',
    step: 'A',
    attempt: 1,
    outcome: { kind: 'failure', failure },
    retryAt: null,
  };
  expect(records([started(), PLAN, begin('A'), failed, begin('verify:end'), done('verify:end')])).toEqual([]);
});
