import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dependentsOf,
  entriesOfFile,
  idAmong,
  standing,
  type TrailEntry,
  titleOf,
  undoneBy,
} from '../../src/core/trail.ts';

const entry = (commit: string, changes: Partial<TrailEntry> = {}): TrailEntry => ({
  commit,
  parents: [],
  date: '2026-01-01T00:00:00+00:00',
  kind: 'task',
  task: commit.toUpperCase(),
  subject: commit,
  title: commit,
  run: 'r',
  attempt: 1,
  stories: [],
  reverts: null,
  files: [],
  ...changes,
});
const changed = (...paths: string[]): TrailEntry['files'] => paths.map((path) => ({ path, how: 'modified' }));
const nothing: ReadonlySet<string> = new Set();

describe('what stands', () => {
  it('is what was not taken back, and what was brought back', () => {
    const all = [
      entry('a'),
      entry('b'),
      entry('c', { kind: 'undo', reverts: 'a' }),
      entry('d', { kind: 'undo', reverts: 'b' }),
    ];
    expect(standing(all)).toEqual([]);
    const again = [...all, entry('e', { kind: 'revert', reverts: 'c' })];
    expect(standing(again).map((one) => one.commit)).toEqual(['a']);
    expect([...undoneBy(again)]).toEqual([
      ['c', 'e'],
      ['b', 'd'],
    ]);
  });

  it('changes with each further revert of the last one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), (n) => {
        const chain = Array.from({ length: n }, (_, i) => entry(`c${i + 1}`, { kind: 'revert', reverts: `c${i}` }));
        expect(standing([entry('c0'), ...chain])).toHaveLength(n % 2 === 0 ? 1 : 0);
      }),
    );
  });
});

describe('what builds on a commit', () => {
  const a = entry('a', { files: changed('x', 'tasks.md') });
  const b = entry('b', { files: changed('x', 'y', 'tasks.md') });
  const c = entry('c', { files: changed('y') });
  const d = entry('d', { files: changed('z', 'tasks.md') });

  it('changed the same files later, near and far; the task file does not count', () => {
    const found = dependentsOf([a], [a, b, c, d], () => nothing, 'tasks.md');
    expect(found.map(({ entry: one, on, files }) => [one.commit, on, files])).toEqual([
      ['c', 'B', ['y']],
      ['b', 'A', ['x']],
    ]);
    expect(dependentsOf([c], [a, b, c, d], () => nothing, 'tasks.md')).toEqual([]);
  });

  it('depends on it in the plan, if it came later', () => {
    const needs = (id: string): ReadonlySet<string> => new Set(id === 'C' ? ['A', 'D'] : []);
    const found = dependentsOf([c], [a, b, c, d], needs, 'tasks.md');
    expect(found.map(({ entry: one, depends }) => [one.commit, depends])).toEqual([['d', true]]);
  });
});

it('entries of one file are told by their run, else by the file in the commit', () => {
  const context = {
    file: 'specs/1/tasks.md',
    fileOf: (run: string) => (run === 'one' ? 'specs/1/tasks.md' : run === 'two' ? 'specs/2/tasks.md' : null),
    titles: new Map([['#7', 'Make two']]),
  };
  const all = [
    entry('a', { run: 'one' }),
    entry('b', { run: 'two', files: changed('specs/1/tasks.md') }),
    entry('c', { files: changed('specs/1/tasks.md') }),
    entry('d', { files: changed('specs/2/tasks.md') }),
    entry('e', { task: '#2', title: 'Make  two' }),
  ];
  const found = entriesOfFile(all, context);
  expect(found.map((one) => one.commit)).toEqual(['a', 'c', 'e']);
  expect(found.at(-1)?.task).toBe('#7');
});

it.each([
  ['T001: Make it', '', 'Make it'],
  ['feat(us1): make it (T001)', '', 'make it'],
  ['Make it', '', 'Make it'],
  ['T001: Make…', 'Make it long\n\nImplement-Task: T001', 'Make it long'],
  ['feat: make… (T001)', 'Make it long\n\nImplement-Task: T001', 'Make it long'],
  ['T001: Odd…', 'Implement-Task: T001', 'Odd…'],
])('finds the title in "%s"', (subject, body, title) => {
  expect(titleOf('T001', { subject, body })).toBe(title);
});

it('ids are found whatever their case, else the nearest is named', () => {
  const known = new Set(['T001', 'T002']);
  expect(idAmong('t002', known)).toMatchObject({ ok: true, value: 'T002' });
  expect(idAmong('T0001', known)).toMatchObject({ ok: false, diagnostics: [{ hint: 'Did you mean T001?' }] });
});
