/** Tasks, phases and edges of small files: the rules of the contract one by one. */
import { describe, expect, it } from 'vitest';
import { blockedBy, buildPlan, related } from '../../src/core/plan.ts';
import { parse } from '../../src/read.ts';
import { codes, file, pairs, planOf } from '../support/plans.ts';

const phases = (...lines: string[]): (readonly [string, boolean, string])[] =>
  planOf(...lines).phases.map((phase) => [phase.name, phase.shared, phase.stories.join()] as const);

describe('phases', () => {
  it('are the nearest H2', () => {
    const plan = planOf('# Title', '## A', 'T001 a', '### B', 'T002 b', '#### C', 'T003 c', '## D', 'T004 d');
    expect(plan.tasks.map((task) => [task.phase, task.group])).toEqual([
      [0, null],
      [0, 'B'],
      [0, 'C'],
      [1, null],
    ]);
  });

  it('are the nearest H3 where one H2 holds all tasks and its H3s are named like phases', () => {
    expect(phases('## Tasks', '### Phase 1: Setup', 'T001 a', '### US1', 'T002 b').map(([name]) => name)).toEqual([
      'Phase 1: Setup',
      'US1',
    ]);
    expect(phases('## Tasks', '### Backend', 'T001 a', '### Frontend', 'T002 b').map(([name]) => name)).toEqual([
      'Tasks',
    ]);
    expect(
      phases('## Tasks', 'T000 z', '### Phase 1', 'T001 a', '### Phase 2', 'T002 b').map(([name]) => name),
    ).toEqual(['Tasks', 'Phase 1', 'Phase 2']);
  });

  it('are the nearest H3, then H1, where no H2 stands above; else the file is one phase', () => {
    expect(phases('### A', 'T001 a', '### B', 'T002 b').map(([name]) => name)).toEqual(['A', 'B']);
    expect(phases('# A', 'T001 a', '# B', 'T002 b').map(([name]) => name)).toEqual(['A', 'B']);
    expect(phases('#### A', 'T001 a', '#### B', 'T002 b').map(([name]) => name)).toEqual(['Tasks']);
    expect(planOf('#### A', 'T001 a', '#### B', 'T002 b').tasks.map((task) => task.group)).toEqual(['A', 'B']);
  });

  it('are shared by their words, by tasks without a story, never when they name a story', () => {
    expect(phases('## Phase 1: Setup for US1', 'T001 a')[0]).toEqual(['Phase 1: Setup for US1', false, 'US1']);
    expect(phases('## Polish', 'T001 [US1] a')[0]?.[1]).toBe(true);
    expect(phases('## Pages', 'T001 [US1] a', 'T002 b')[0]?.[1]).toBe(true);
    expect(phases('## Pages', 'T001 [US1] a', 'T002 [US2] b')[0]?.[1]).toBe(false);
  });

  it('do not include headings without tasks, or headings that speak for a task', () => {
    expect(
      phases('## Empty', '## A', 'T001 a', '## T001: more about it', 'text', '- [ ] acceptance', '## Notes').length,
    ).toBe(1);
    const plan = planOf('## A', 'T001 a', '## T001: more', 'text in src/a.ts', 'T002 b');
    expect(plan.tasks.map((task) => [task.phase, task.target])).toEqual([
      [0, 'src/a.ts'],
      [1, null],
    ]);
  });

  it('called like a range of tasks are phases', () => {
    expect(phases('## A', 'T001 a', '## T002-T003: more', 'T002 b', 'T003 c').length).toBe(2);
  });
});

describe('what headings hand down', () => {
  it('is the nearest story and priority', () => {
    const plan = planOf(
      '# US9',
      '## Phase 3: User Story 1 (Priority: P2)',
      '### Tests (US2)',
      'T001 a',
      '### Code',
      'T002 [US3] b',
      'T003 [P1] c',
      '## Rest',
      'T004 d',
      'T005 [ALL] e',
    );
    expect(plan.tasks.map((task) => [task.stories.join(), task.priority])).toEqual([
      ['US2', 2],
      ['US3', 2],
      ['US1', 1],
      ['US9', null],
      ['', null],
    ]);
  });
});

describe('sequences', () => {
  it('run per lane over phases of stories', () => {
    expect(
      pairs(
        planOf(
          '## Phase 3: US1',
          'T001 a',
          'T002 [P] b',
          '## Phase 4: US1',
          'T003 [P] c',
          'T004 d',
          '## Phase 5: US2',
          'T005 e',
        ),
      ),
    ).toEqual(['T001 < T002 s', 'T002 < T003 s', 'T003 < T004 s']);
  });

  it('are left out with --deps=explicit, conflicts are not', () => {
    const lines = ['## Setup', 'T001 a in src/a.ts', 'T002 b in src/a.ts (depends on T003)', 'T003 c'];
    const plan = buildPlan(parse('a.md', file(...lines)), { deps: 'explicit' });
    expect(pairs(plan)).toEqual(['T001 < T002 c', 'T003 < T002 e']);
  });

  it('are suggested away when most tasks wait for something explicitly', () => {
    expect(codes(planOf('T001 a', 'T002 b (depends on T001)', 'T003 c (depends on T001)'))).toEqual([
      'info suggest-explicit',
    ]);
    expect(codes(planOf('T001 a', 'T002 b (depends on T001)'))).toEqual([]);
  });
});

describe('cuts', () => {
  it('stand round every run of [ALL] tasks', () => {
    expect(
      pairs(
        planOf(
          '## US1',
          'T001 a',
          'T002 [ALL] b',
          'T003 [ALL] [P] c',
          'T004 [ALL] [P] d',
          'T005 e',
          '## US2',
          'T006 f',
          'T007 [ALL] g',
        ),
      ),
    ).toEqual([
      'T001 < T002 b',
      'T001 < T003 b',
      'T001 < T004 b',
      'T002 < T003 s',
      'T002 < T004 s',
      'T002 < T005 b',
      'T002 < T006 b',
      'T003 < T005 b',
      'T003 < T006 b',
      'T004 < T005 b',
      'T004 < T006 b',
      'T005 < T007 b',
      'T006 < T007 b',
    ]);
  });

  it('follow reading order, so that a task that moved is on the other side', () => {
    const plan = planOf('## Setup', 'T001 a (depends on T003)', 'T002 b', '## Polish', 'T003 c', 'T004 d');
    expect(plan.order).toEqual([1, 2, 0, 3]);
    expect(pairs(plan)).toEqual(['T001 < T004 b', 'T002 < T003 b', 'T003 < T001 e']);
  });
});

describe('sentences about stories and phases', () => {
  const stories = ['## US1', 'T001 a', '## US2', 'T002 b', 'T003 c', '## US3', 'T004 d'];

  it('mean their tasks, without those that both ends share', () => {
    const plan = planOf(
      '## US1',
      'T001 a',
      'T002 [US1] [US2] b',
      '## US2',
      'T003 c',
      '## Dependencies',
      '- US2 depends on US1',
    );
    expect(pairs(plan)).toEqual(['T001 < T002 s', 'T001 < T003 e', 'T002 < T003 s']);
  });

  it('hold between two cuts and never against one', () => {
    const plan = planOf(
      ...stories,
      '## Check',
      'T005 e',
      '## US1',
      'T006 f',
      '## Dependencies',
      '- US2 depends on US1',
      '- US1 depends on Check',
    );
    expect(pairs(plan)).toEqual([
      'T001 < T002 e',
      'T001 < T003 e',
      'T001 < T005 b',
      'T002 < T003 s',
      'T002 < T005 b',
      'T003 < T005 b',
      'T004 < T005 b',
      'T005 < T006 b',
    ]);
    expect(codes(plan)).toEqual([]);
    const against = planOf('## Setup', 'T001 a', '## US1', 'T002 b', '## Dependencies', '- Setup depends on US1');
    expect([pairs(against), codes(against)]).toEqual([['T001 < T002 b'], ['warning contradicts-cut']]);
  });

  it('may call a phase by its name', () => {
    const plan = planOf(
      '## Phase 1: Core Pages',
      'T001 [US1] a',
      '## Phase 2: Screens',
      'T002 [US2] b',
      '## Dependencies',
      '- Screens depends on Core Pages',
    );
    expect(pairs(plan)).toEqual(['T001 < T002 e']);
  });

  it('move the stories that wait for later ones', () => {
    const plan = planOf(...stories, '## Dependencies', '- US1 depends on US3');
    expect(plan.order).toEqual([1, 2, 3, 0]);
    expect(pairs(plan)).toEqual(['T002 < T003 s', 'T004 < T001 e']);
  });

  it('of all other stories mean those that are not named', () => {
    expect(pairs(planOf(...stories, '## Dependencies', '- US1 blocks all other stories'))).toEqual([
      'T001 < T002 e',
      'T001 < T003 e',
      'T001 < T004 e',
      'T002 < T003 s',
    ]);
  });

  it('that go round are an error, and the rest is still planned', () => {
    const plan = planOf(
      ...stories,
      '## Dependencies',
      '- US1 depends on US2',
      '- US2 depends on US1',
      '- US3 depends on US1',
    );
    expect(codes(plan).filter((code) => code.startsWith('error'))).toEqual(['error cycle']);
    expect(pairs(plan)).toContain('T001 < T004 e');
  });

  it('stand in dependency sections only', () => {
    for (const heading of [
      '## Notes',
      '## Implementation Strategy',
      '## Dependencies\n### Team Strategy',
      '## Delivery\n### Execution Order',
    ]) {
      expect(pairs(planOf(...stories, heading, '- US3 depends on US1'))).toEqual(['T002 < T003 s']);
    }
    for (const heading of [
      '## Dependencies',
      '## Execution Order',
      '## Notes\n### Wave plan',
      '## Dependencies\n### More',
    ]) {
      expect(pairs(planOf(...stories, heading, '- US3 depends on US1'))).toEqual(['T001 < T004 e', 'T002 < T003 s']);
    }
  });

  it('stand in a section even where tasks stand below it, but not in a phase of such a name', () => {
    expect(
      pairs(
        planOf(
          '## US1',
          'T001 a',
          '## US2',
          'T002 b',
          '## Dependencies',
          '- US2 depends on US1',
          '### Convergence',
          'T003 c',
        ),
      ),
    ).toContain('T001 < T002 e');
    expect(
      pairs(
        planOf(
          '## US1',
          'T001 a',
          '## US2',
          'T002 b',
          '## Phase 9: Dependency updates',
          '- US2 depends on US1',
          'T003 c',
        ),
      ),
    ).not.toContain('T001 < T002 e');
  });
});

describe('ids', () => {
  it('of a section that are unknown take nothing else with them', () => {
    const plan = planOf('T001 [P] a', 'T002 [P] b', '## Dependencies', '- T001 blocks T002, T009');
    expect([pairs(plan), codes(plan)]).toEqual([['T001 < T002 e'], ['warning unknown-id']]);
  });

  it('in a range that ends before it starts are unknown', () => {
    expect(codes(planOf('T002 b', 'T001 a', 'T003 c (depends on T001-T002)'))).toEqual(['error unknown-id']);
    expect(codes(planOf('T002 b', 'T001 a', '## Dependencies', '- T003 after T001-T002', 'T003 c'))).toContain(
      'warning unknown-id',
    );
  });

  it('that are used twice mean the one in the same phase', () => {
    const lines = ['## A', 'T001 a', 'T002 b', '## B', 'T001 other', 'T003 c (depends on T001)'];
    expect(pairs(planOf(...lines))).toContain('T001#2 < T003 e');
    expect(codes(planOf(...lines, '## Dependencies', '- T001 blocks T003'))).toContain('warning ambiguous-id');
  });

  it('of the task itself are an error', () => {
    expect(codes(planOf('T001 a (depends on T001)'))).toEqual(['error cycle']);
    expect(pairs(planOf('## A', 'T001 a', '## B', 'T001 b (depends on T001)'))).toEqual(['T001 < T001#2 e']);
  });

  it('of a sub-task may be a range without the letter', () => {
    expect(pairs(planOf('T001 [P] a', 'T002 [P] b', 'T003 [P] c', 'T004 [P] d (depends on T001-003)'))).toEqual([
      'T001 < T004 e',
      'T002 < T004 e',
      'T003 < T004 e',
    ]);
  });
});

describe('cycles', () => {
  it('show each edge at its own line, through gates too', () => {
    const plan = planOf(
      'T001 [P] a',
      'T002 [P] b',
      'T003 [P] c',
      'T004 [P] d',
      '## Dependencies',
      '- T001, T002 block T003, T004',
      '- T004 blocks T001',
    );
    const cycle = plan.diagnostics.find((one) => one.code === 'cycle');
    expect(cycle?.message).toBe('These tasks wait for each other: T001 → T004 → T001.');
    expect(cycle?.related.map((one) => one.message)).toEqual([
      'T004 waits for T001: "T001, T002 block T003, T004"',
      'T001 waits for T004: "T004 blocks T001"',
    ]);
    expect(plan.topological.length).toBe(plan.network.order);
  });

  it('of many kinds do not hang', () => {
    const n = 3_000;
    const lines = Array.from(
      { length: n },
      (_, i) => `- [ ] T${i} a (depends on T${(i * 7 + 1) % n}, T${(i * 13 + 5) % n})`,
    );
    const plan = planOf(...lines);
    expect(codes(plan)).toContain('error cycle');
  });
});

describe('questions', () => {
  it('what is blocked, and what stands before and behind', () => {
    const plan = planOf(
      '## US1',
      'T001 a in src/a.ts',
      'T002 b',
      '## US2',
      'T003 c in src/a.ts',
      '## Polish',
      'T004 d',
    );
    const ids = (tasks: readonly { id: string }[]): string[] => tasks.map((task) => task.id);
    expect(ids(blockedBy(plan, 'T001'))).toEqual(['T002', 'T004']);
    expect(ids(related(plan, 'T001', 'out'))).toEqual(['T002', 'T003', 'T004']);
    expect(ids(related(plan, 'T004', 'in'))).toEqual(['T001', 'T002', 'T003']);
  });
});
