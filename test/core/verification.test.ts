import fc from 'fast-check';
import { topologicalSort } from 'graphology-dag';
import { describe, expect, test } from 'vitest';
import { addVerifications, groupsOf } from '../../src/core/verification.ts';
import { planOf, taskFiles } from '../support/random-plan.ts';

const edgesOf = (text: string, end = false): string[] => {
  const plan = planOf(text);
  addVerifications(plan, { phase: true, end });
  return plan.network
    .mapEdges((_edge, data, from, to) => (data.kind === 'verification' ? `${from} > ${to}` : ''))
    .filter((edge) => edge !== '');
};

describe('groupsOf', () => {
  test('gives the phases of the file', () => {
    const plan = planOf('## Phase 1: Setup\n- [ ] T001 a\n## Notes\n- [ ] T002 b\n## Phase 2.1: More\n- [ ] T003 c\n');
    expect(groupsOf(plan).map(({ name, short, tasks }) => [name, short, tasks.length])).toEqual([
      ['Phase 1: Setup', 'Phase 1', 1],
      ['Notes', 'Notes', 1],
      ['Phase 2.1: More', 'Phase 2.1', 1],
    ]);
  });

  test('gives the stories of a file without headings, in order', () => {
    const plan = planOf('- [ ] T001 [US2] a\n- [ ] T002 b\n- [ ] T003 [US1+US2] c\n- [ ] T004 [US2] d\n');
    expect(groupsOf(plan).map(({ name, tasks }) => [name, tasks.map((task) => task.id)])).toEqual([
      ['US2', ['T001', 'T004']],
      ['Tasks without a story', ['T002']],
      ['US1', ['T003']],
    ]);
  });

  test('gives one group where there is neither', () => {
    expect(groupsOf(planOf('- [ ] T001 a\n- [ ] T002 b\n')).map(({ tasks }) => tasks.length)).toEqual([2]);
  });
});

describe('addVerifications', () => {
  test('puts one behind each phase, before what waits for it, and one behind all', () => {
    const text = '## Phase 1: Setup\n- [ ] T001 a\n## Phase 2: Polish\n- [ ] T002 b\n';
    expect(edgesOf(text, true)).toEqual([
      'T001 > verify:phase:Phase 1',
      'verify:phase:Phase 1 > T002',
      'T002 > verify:phase:Phase 2',
      'T001 > verify:end',
      'T002 > verify:end',
      'verify:phase:Phase 1 > verify:end',
      'verify:phase:Phase 2 > verify:end',
    ]);
  });

  test('goes to gates where there are any, and not along hints and conflicts', () => {
    const text = `## Phase 1: User Story 1
- [ ] T001 [P] [US1] Make src/a.ts
- [ ] T002 [P] [US1] b
## Phase 2: User Story 2
- [ ] T003 [P] [US2] Mend src/a.ts
## Phase 3: Polish
- [ ] T004 [P] c
- [ ] T005 [P] d
`;
    expect(edgesOf(text).filter((edge) => edge.startsWith('verify'))).toEqual([
      'verify:phase:Phase 1 > cut:1',
      'verify:phase:Phase 2 > cut:1',
    ]);
  });

  test('does not make a phase wait for itself where its tasks wait for those of a later one', () => {
    const text = `## Phase 1: User Story 1
- [ ] T001 [US1] a
- [ ] T002 [US1] b (depends on T003)
## Phase 2: User Story 2
- [ ] T003 [US2] c (depends on T001)
- [ ] T004 [US2] d (depends on T001)
`;
    const plan = planOf(text);
    addVerifications(plan, { phase: true, end: true });
    expect(() => topologicalSort(plan.network)).not.toThrow();
    // T003 stands before T002 in reading order, T004 behind it.
    expect(plan.network.hasEdge('verify:phase:Phase 1', 'T003')).toBe(false);
    expect(plan.network.hasEdge('verify:phase:Phase 1', 'T004')).toBe(true);
  });

  test('tells phases of the same name apart', () => {
    const plan = planOf('## Phase 1: Setup\n- [ ] T001 a\n## Phase 1: Again\n- [ ] T002 b\n');
    expect(addVerifications(plan, { phase: true, end: false })).toEqual([
      { id: 'verify:phase:Phase 1', label: 'verification of Phase 1', kind: 'phase' },
      { id: 'verify:phase:Phase 1#2', label: 'verification of Phase 1', kind: 'phase' },
    ]);
  });

  test('adds nothing that was not asked for, and nothing to an empty plan', () => {
    const plan = planOf('- [ ] T001 a\n');
    const before = plan.network.size;
    expect(addVerifications(plan, { phase: false, end: false })).toEqual([]);
    expect(plan.network.size).toBe(before);
    expect(addVerifications(planOf('nothing\n'), { phase: true, end: true })).toEqual([]);
  });

  test('never makes a circle', () => {
    fc.assert(
      fc.property(taskFiles, fc.constantFrom('all', 'explicit'), (text, deps) => {
        const plan = planOf(text, deps as 'all');
        addVerifications(plan, { phase: true, end: true });
        topologicalSort(plan.network);
      }),
      { numRuns: 100 },
    );
  });
});
