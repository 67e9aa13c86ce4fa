import { describe, expect, test } from 'vitest';
import { scheduleOf, settledIn } from '../../src/core/waves.ts';
import { planOf } from '../support/random-plan.ts';

const TEXT = `## Phase 1: Setup
- [x] T001 Make the project
- [ ] T002 [P] Make the lint
- [ ] T003 [P] Make the tests
- [ ] T004 [P] Make the docs
## Phase 2: User Story 1 (Priority: P1)
- [ ] T005 [P] [US1] Make a
- [ ] T006 [US1] Make b
## Phase 3: User Story 2 (Priority: P2)
- [ ] T007 [US2] Make c
- [-] T008 [US2] Leave d
- [ ] T009 [P] [US2] Make e
`;

const waves = (overlap: 'serial' | 'marked' | 'stories', slots: number, selected?: readonly string[]) => {
  const plan = planOf(TEXT);
  const chosen = new Set(selected ?? plan.tasks.map((task) => task.id));
  return scheduleOf(plan, chosen, overlap, slots, settledIn(plan));
};

describe('scheduleOf', () => {
  test('serial: one task at a time, in document order', () => {
    expect(waves('serial', 1).waves).toEqual([['T002'], ['T003'], ['T004'], ['T005'], ['T006'], ['T007'], ['T009']]);
  });

  test('marked: marked tasks side by side, any other alone', () => {
    expect(waves('marked', 4).waves).toEqual([['T002', 'T003', 'T004'], ['T007'], ['T005', 'T009'], ['T006']]);
  });

  test('stories: lanes side by side', () => {
    expect(waves('stories', 4).waves).toEqual([
      ['T002', 'T003', 'T004'],
      ['T005', 'T007'],
      ['T006', 'T009'],
    ]);
  });

  test('has no more than its slots, and as many as there is room for', () => {
    expect(waves('marked', 2).waves[0]).toEqual(['T002', 'T003']);
    expect(waves('marked', Number.POSITIVE_INFINITY).waves[0]).toEqual(['T002', 'T003', 'T004']);
  });

  test('names what it never reaches, because what it needs is outside the filter', () => {
    const schedule = waves('marked', 4, ['T002', 'T006']);
    expect(schedule.waves).toEqual([['T002']]);
    expect(schedule.unreached).toEqual(['T006']);
  });

  test('has no waves where nothing is to be done', () => {
    const plan = planOf('- [x] T001 Make a\n');
    expect(scheduleOf(plan, new Set(['T001']), 'marked', 4, settledIn(plan))).toEqual({ waves: [], unreached: [] });
  });
});

test('settledIn takes what is ticked or crossed out', () => {
  expect([...settledIn(planOf(TEXT))]).toEqual([
    ['T001', 'skipped'],
    ['T008', 'skipped'],
  ]);
});
