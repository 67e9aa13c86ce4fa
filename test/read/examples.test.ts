/**
 * Small task files and what they mean: the examples of the contract, their meaning written down by hand.
 * `A, B < C s` reads: C waits for A and B, by a sequence edge; e explicit, b barrier, s sequence, h hint, c conflict.
 */
import { describe, expect, it } from 'vitest';
import { blockedBy } from '../../src/core/plan.ts';
import { codes, pairs, planOf } from '../support/plans.ts';

/** `T002, T003 < T004, T005 s` to every pair of it. */
function meaning(...lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => {
      const kind = line.slice(-1);
      const sides = line
        .slice(0, -2)
        .split(' < ')
        .map((side) => side.split(', '));
      return sides
        .slice(1)
        .flatMap((side, i) => (sides[i] as string[]).flatMap((a) => side.map((b) => `${a} < ${b} ${kind}`)));
    })
    .sort();
}

const rows: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly means: readonly string[];
  readonly says?: readonly string[];
}[] = [
  {
    name: '1: neighbours with [P] are a run',
    lines: ['## Phase 1: Setup', 'T001 init', 'T002 [P] lint', 'T003 [P] format', 'T004 hooks'],
    means: ['T001 < T002 s', 'T001 < T003 s', 'T002, T003 < T004 s'],
  },
  {
    name: '2: a sub-heading ends the run',
    lines: [
      '## Phase 3: User Story 1',
      '### Tests',
      'T010 [P] test a',
      'T011 [P] test b',
      '### Code',
      'T012 [P] model a',
      'T013 [P] model b',
      'T014 service (depends on T012)',
    ],
    means: ['T010, T011 < T012 s', 'T010, T011 < T013 s', 'T013 < T014 s', 'T012 < T014 e'],
  },
  {
    name: '3: a shared heading wins against a tag',
    lines: [
      '## Phase 2: Foundational',
      'T001 [US1] tables',
      '## Phase 3: User Story 1',
      'T002 page',
      '## Phase 4: User Story 2',
      'T003 search',
    ],
    means: ['T001 < T002 b', 'T001 < T003 b'],
  },
  {
    name: '4: words in the bracket name no story',
    lines: [
      '## Phase 2: Blocking Prerequisites (for US1 and US2)',
      'T001 a',
      '## Phase 3: US1',
      'T002 b',
      '## Phase 4: US2',
      'T003 c',
    ],
    means: ['T001 < T002 b', 'T001 < T003 b'],
  },
  {
    name: '5: one tagged task does not make a story phase',
    lines: ['## Phase 5: Polish', 'T004 [P] docs', 'T005 [US2] tune', 'T006 [P] audit'],
    means: ['T004 < T005 < T006 b'],
  },
  {
    name: '6: phases in which every task has a story do not wait for each other',
    lines: ['## Phase 4: Pages', 'T001 [US1] a', 'T002 [US2] b', '## Phase 5: Screens', 'T003 [US1] c'],
    means: ['T001 < T003 s'],
  },
  {
    name: '7: without a heading the file is one phase',
    lines: ['T001 prepare', 'T002 [US1] a', 'T003 [US2] b', 'T004 [P] [US1] c', 'T005 [P] [US2] d', 'T006 [ALL] e'],
    means: ['T001 < T002, T003, T004, T005 b', 'T002, T003, T004, T005 < T006 b', 'T002 < T004 s', 'T003 < T005 s'],
  },
  {
    name: '8: the lane of a story goes on behind a cut',
    lines: [
      '## Phase 3: US1',
      'T001 a',
      '## Phase 4: Check',
      'T002 b',
      '## Phase 5: US1',
      'T003 c',
      '## Phase 6: US2',
      'T004 d',
    ],
    means: ['T001 < T002 < T003 b', 'T002 < T004 b'],
  },
  {
    name: '9: a task of two stories is in both lanes',
    lines: ['## Phase 3: User Story 1 + US2', 'T001 [US1] a', 'T002 b', 'T003 [US2] c'],
    means: ['T001 < T002 < T003 s'],
  },
  {
    name: '10: two stories change one file',
    lines: [
      '## Phase 1: US1',
      'T001 create panel in ui/panel.ts',
      'T002 style in ui/panel.css',
      '## Phase 2: US2',
      'T003 add filter to ui/panel.ts',
      'T004 store in db/f.ts',
    ],
    means: ['T001 < T002 s', 'T003 < T004 s', 'T001 < T003 c'],
  },
  {
    name: '11: a directory is no target',
    lines: [
      'T001 [P] test in test/x.ts',
      'T002 [P] more tests in test/x.ts',
      'T003 [P] docs in docs/',
      'T004 [P] guide in docs/',
    ],
    means: ['T001 < T002 c'],
  },
  {
    name: '12: a task that waits for a later one is read behind it',
    lines: ['## Phase 1: Setup', 'T001 plan (depends on T003)', 'T002 tools', 'T003 repo', 'T004 ci'],
    means: ['T002 < T003 s', 'T001 < T004 s', 'T003 < T001 e'],
    says: ['info moved'],
  },
  {
    name: '15: sentences that give no edge',
    lines: [
      '## Phase 1: US1',
      'T001 a',
      '## Phase 2: US2',
      'T002 b',
      '## Phase 3: US3',
      'T003 c',
      '## Dependencies',
      '- **US2**: Can start after Foundational - May integrate with US1 but should be independently testable',
      '- US3 (P3): Depends on US1 (needs its rows)',
      '- T001, T002 can run in parallel',
      '- All stories depend on Setup completion',
    ],
    means: ['T001 < T003 e'],
    says: [],
  },
  {
    name: '16: a loose word makes a hint',
    lines: [
      '## Phase 1: US1',
      'T001 a',
      '## Phase 2: US2',
      'T002 b',
      '## Phase 3: US3',
      'T003 c',
      '## Dependencies',
      '- US2: extends the command of US1, so US1 should land first',
    ],
    means: ['T001 < T002 h'],
    says: ['info not-understood'],
  },
  {
    name: '17: sentences about tasks',
    lines: [
      '## Tasks',
      'T001 [P] a',
      'T002 [P] b',
      'T003 [P] c',
      'T004 [P] d',
      'T005 [P] e',
      'T006 [P] f',
      '## Dependencies',
      '- T002 → T003 (same file), then T004',
      '- T005 after T001/T002; T006 last',
    ],
    means: ['T002 < T003 < T004 e', 'T001, T002 < T005 e'],
    says: ['info not-understood'],
  },
  {
    name: '18: one H2 holds all tasks, so the H3s are the phases',
    lines: [
      '## Tasks',
      '### Phase 1: Setup',
      'T001 a',
      '### Phase 2: User Story 1',
      'T002 b',
      '### Phase 3: User Story 2',
      'T003 c',
    ],
    means: ['T001 < T002 b', 'T001 < T003 b'],
  },
  {
    name: '20: a range follows the document',
    lines: ['- [ ] T010a x', 'T012 y', 'T011 z', 'T020 w (depends on T010a-T011)'],
    means: ['T010a < T012 < T011 s', 'T010a, T012, T011 < T020 e'],
  },
  {
    name: '21: a done task passes order on',
    lines: ['T001 a', 'x T002 b', 'T003 c'],
    means: ['T001 < T002 < T003 s'],
  },
];

describe('the examples of the contract', () => {
  it.each(rows)('$name', ({ lines, means, says }) => {
    const plan = planOf(...lines);
    expect(pairs(plan)).toEqual(meaning(...means));
    if (says !== undefined) expect(codes(plan).filter((code) => !code.endsWith('suggest-explicit'))).toEqual(says);
    expect(plan.diagnostics.some((one) => one.severity === 'error')).toBe(false);
  });

  it('2: all tasks are in the story of the heading', () => {
    const plan = planOf('## Phase 3: User Story 1', '### Tests', 'T010 [P] a', '### Code', 'T012 b');
    expect(plan.tasks.map((task) => [task.stories, task.group])).toEqual([
      [['US1'], 'Tests'],
      [['US1'], 'Code'],
    ]);
  });

  it('10, 16: a hint and a conflict block nothing', () => {
    const conflict = planOf('## Phase 1: US1', 'T001 create ui/panel.ts', '## Phase 2: US2', 'T003 extend ui/panel.ts');
    expect(blockedBy(conflict, 'T001')).toEqual([]);
    const hint = planOf(
      '## Phase 1: US1',
      'T001 a',
      '## Phase 2: US2',
      'T002 b',
      '## Dependencies',
      '- US2: extends US1',
    );
    expect(pairs(hint)).toEqual(['T001 < T002 h']);
    expect(blockedBy(hint, 'T001')).toEqual([]);
  });

  it('12: the plan says which task moved, and behind which', () => {
    const plan = planOf('## Phase 1: Setup', 'T001 plan (depends on T003)', 'T002 tools', 'T003 repo', 'T004 ci');
    expect(plan.diagnostics.find((one) => one.code === 'moved')?.message).toMatch(/^T001 is read behind T003/);
    expect(plan.order).toEqual([1, 2, 0, 3]);
  });

  it('13: a cycle is an error that shows each edge at its own line', () => {
    const plan = planOf('T001 a (depends on T002)', 'T002 b (depends on T001)');
    const cycle = plan.diagnostics.find((one) => one.code === 'cycle');
    expect(cycle?.severity).toBe('error');
    const words = (cycle?.related ?? []).map(({ at }) => plan.source.text.slice(at.span.start, at.span.end));
    expect(words.sort()).toEqual(['(depends on T001)', '(depends on T002)']);
  });

  it('14: an unknown id is an error at a task and a warning in a section', () => {
    const own = planOf('T001 a', 'T002 b (depends on T011)').diagnostics.find((one) => one.code === 'unknown-id');
    expect([own?.severity, own?.hint]).toEqual(['error', 'Did you mean T001 (line 1)?']);
    const plan = planOf('T001 a', 'T002 b', '## Dependencies', '- T011 blocks T002');
    expect(codes(plan)).toContain('warning unknown-id');
    expect(pairs(plan)).toEqual(['T001 < T002 s']);
  });

  it('15: the hint of a negative sentence is no hint, and nothing is listed', () => {
    const plan = planOf(
      '## Phase 1: US1',
      'T001 a',
      '## Phase 2: US2',
      'T002 b',
      '## Dependencies',
      '- US2: No dependencies on US1',
    );
    expect(pairs(plan)).toEqual([]);
    expect(codes(plan)).toEqual([]);
  });

  it('19: duplicate ids', () => {
    const plan = planOf('T004 a', 'x T004 a', 'T005 b', 'T005 c');
    expect(plan.tasks.map((task) => [task.id, task.status, task.boxes.length])).toEqual([
      ['T004', 'done', 2],
      ['T005', 'open', 1],
      ['T005#2', 'open', 1],
    ]);
    expect(codes(plan)).toEqual(['warning duplicate-task', 'warning duplicate-id']);
    const other = planOf('## Phase 1: A', 'T005 b', 'T005 c', '## Phase 2: B', 'T006 d (depends on T005)');
    expect(codes(other)).toContain('error ambiguous-id');
  });
});
