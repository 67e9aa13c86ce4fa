import { describe, expect, test } from 'vitest';
import { generationsOf, rankOf } from '../../src/core/rank.ts';
import { planOf } from '../support/random-plan.ts';

const unit = (): number => 1;

describe('rankOf', () => {
  const plan = planOf(`## Phase 1: Setup

- [ ] T001 [P] Make a
- [ ] T002 [P] Make b
- [ ] T003 [P] Make c (depends on T002)
- [ ] T004 [P] [P1] Make d (depends on T003)

## Phase 2: Polish

- [ ] T005 [P0] Tidy
`);

  test('measures the longest path that is left, through gates', () => {
    const rank = rankOf(plan, unit);
    expect(plan.tasks.map((task) => rank.remaining(task.id))).toEqual([2, 4, 3, 2, 1]);
    expect(rank.criticalPath).toEqual(['T002', 'T003', 'T004', 'T005']);
    expect(rank.criticalWeight).toBe(4);
  });

  test('measures in durations where there are some, and leaves out what will not run', () => {
    const ms: Record<string, number> = { T001: 100, T002: 5, T003: 5, T004: 5, T005: 0 };
    const rank = rankOf(plan, (id) => ms[id] ?? 1);
    expect(rank.criticalPath).toEqual(['T001']);
    expect(rank.criticalWeight).toBe(100);
    expect(rank.remaining('T002')).toBe(15);
    expect(rankOf(plan, () => 0)).toMatchObject({ criticalPath: [], criticalWeight: 0 });
  });

  test('counts a task with the best priority behind it, but not across a cut', () => {
    const rank = rankOf(plan, unit);
    const none = Number.POSITIVE_INFINITY;
    expect(plan.tasks.map((task) => rank.priority(task.id))).toEqual([none, 1, 1, 1, 0]);
    expect([rank.priority('nobody'), rank.remaining('nobody')]).toEqual([none, 0]);
  });

  test('follows conflicts and hints as well', () => {
    const joined = planOf('- [ ] T001 [P] Make src/a.ts\n- [ ] T002 [P] [P1] Mend src/a.ts\n');
    const rank = rankOf(joined, unit);
    expect(joined.edges.map((edge) => edge.kind)).toEqual(['conflict']);
    expect([rank.remaining('T001'), rank.priority('T001')]).toEqual([2, 1]);
  });

  test('has an answer for no tasks', () => {
    expect(rankOf(planOf('nothing here\n'), unit)).toMatchObject({ criticalPath: [], criticalWeight: 0 });
  });
});

describe('generationsOf', () => {
  test('puts each task behind the longest path to it, in document order', () => {
    const plan = planOf(`- [ ] T001 Make a
- [ ] T002 [P] Make b
- [ ] T003 [P] Make c
- [ ] T004 Make d
`);
    expect(generationsOf(plan)).toEqual([['T001'], ['T002', 'T003'], ['T004']]);
  });

  test('does not count gates', () => {
    const plan = planOf(`## Phase 1: Setup
- [ ] T001 [P] Make a
- [ ] T002 [P] Make b
## Phase 2: Polish
- [ ] T003 [P] Make c
- [ ] T004 [P] Make d
`);
    expect(plan.gates.length).toBe(1);
    expect(generationsOf(plan)).toEqual([
      ['T001', 'T002'],
      ['T003', 'T004'],
    ]);
  });
});
