import { describe, expect, test } from 'vitest';
import { select } from '../../src/core/filter.ts';
import { planOf } from '../support/random-plan.ts';

const plan = planOf(`# Tasks

## Phase 1: Setup

- [x] T001 Make the project
- [ ] T002 [TEST] Set up the tests (depends on T001)

## Phase 2: User Story 1 (Priority: P1)

- [ ] T003 [P] [US1] Make the model
- [ ] T004 [US1] Make the service

## Phase 3: User Story 2 (Priority: P2)

- [ ] T005 [US2] [DOC] Make the list
- [ ] T006 [US1+US2] Join them

## Phase 20: Polish

- [ ] T007 [ALL] Tidy up
- [ ] T008 Write the docs
`);

const chosen = (filters: readonly string[], only = true, failed: readonly string[] = []): string[] | string => {
  const selection = select(plan, filters, only, new Set(failed));
  return selection.ok ? [...selection.value.selected].sort() : (selection.diagnostics[0]?.message ?? '');
};
const T = (...numbers: number[]): string[] => numbers.map((n) => `T00${n}`);

describe('select', () => {
  test.each<[string, string[]]>([
    ['P1', T(3, 4)],
    ['p1', T(3, 4)],
    ['P2', T(5, 6)],
    ['US1', T(3, 4, 6)],
    ['us1', T(3, 4, 6)],
    ['US-1', T(3, 4, 6)],
    ['US1.2', T(3, 4, 6)],
    ['US01', T(3, 4, 6)],
    ['T005', T(5)],
    ['t005', T(5)],
    ['T003..T005', T(3, 4, 5)],
    ['T003 .. t005', T(3, 4, 5)],
    ['T005..T005', T(5)],
    ['Phase 2', T(3, 4)],
    ['phase2', T(3, 4)],
    ['Phase 20', T(7, 8)],
    ['label:TEST', T(2)],
    ['LABEL:doc', T(5)],
    ['P1,US2', T(3, 4, 5, 6)],
    ['P1, US2', T(3, 4, 5, 6)],
    ['P1&US1', T(3, 4)],
    ['US1 & P2', T(6)],
    ['US1&US2', T(6)],
    ['!US1', T(1, 2, 5, 7, 8)],
    ['! US1', T(1, 2, 5, 7, 8)],
    ['!P1&!P2', T(1, 2, 7, 8)],
    ['US1&!P2', T(3, 4)],
    ['T001,', T(1)],
  ])('%s selects %j', (filter, ids) => expect(chosen([filter])).toEqual(ids));

  test('takes a repeated filter as alternatives', () => expect(chosen(['P1', 'T008'])).toEqual(T(3, 4, 8)));

  test('takes everything without a filter', () => {
    const selection = select(plan, [], false, new Set());
    expect(selection).toMatchObject({ ok: true, value: { filter: null } });
    expect(chosen([])).toEqual(T(1, 2, 3, 4, 5, 6, 7, 8));
  });

  test('knows what failed last', () => {
    expect(chosen(['failed'], true, ['T004', 'T008'])).toEqual(T(4, 8));
    expect(chosen(['failed'])).toMatch(/selects no task/);
    expect(chosen(['!failed'], true, ['T004'])).toEqual(T(1, 2, 3, 5, 6, 7, 8));
  });

  test('adds what the selected still need, and names for whom', () => {
    const selection = select(plan, ['US2'], false, new Set());
    if (!selection.ok) throw new Error('not selected');
    // What is done is needed no more; US1 is joined to US2 by T006, which is in both.
    expect([...selection.value.selected].sort()).toEqual(T(2, 3, 4, 5, 6));
    expect([...selection.value.neededBy]).toEqual([
      ['T002', 'T005'],
      ['T003', 'T006'],
      ['T004', 'T006'],
    ]);
    expect(selection.value.filter).toBe('US2');
  });

  test('takes for open what is open in truth, whatever its box says', () => {
    const plan = planOf('- [x] T001 a\n- [ ] T002 b\n- [x] T003 c\n');
    const isOpen = (task: { id: string }): boolean => task.id !== 'T002';
    const chosen = select(plan, ['T003'], false, new Set(), isOpen);
    expect(chosen.ok && [...chosen.value.selected].sort()).toEqual(['T001', 'T003']);
  });

  test('adds nothing for what is done itself', () => expect(chosen(['T001'], false)).toEqual(T(1)));

  test.each<[string, string, string]>([
    ['US9', 'The filter US9 selects no task.', 'This file has: P1, P2; US1, US2;'],
    ['P7', 'The filter P7 selects no task.', 'This file has: P1, P2;'],
    ['Phase 3&P1', 'The filter Phase 3&P1 selects no task.', 'Phase 1, Phase 2, Phase 3, Phase 20;'],
    [' , ', 'The filter (empty) selects no task.', 'label:DOC, label:TEST; T001..T008; failed.'],
    ['T01', 'The filter does not know "T01".', 'Did you mean T001? This file has:'],
    ['lable:TEST', 'The filter does not know "lable:TEST".', 'Did you mean label:TEST?'],
    ['fialed', 'The filter does not know "fialed".', 'Did you mean failed?'],
    ['banana split', 'The filter does not know "banana split".', 'This file has:'],
    ['P1&', 'The filter does not know "".', 'This file has:'],
    ['T005..T003', 'The range T005..T003 names no tasks', 'This file has:'],
    ['T001..T099', 'The range T001..T099 names no tasks', 'This file has:'],
  ])('refuses %j', (filter, message, hint) => {
    const selection = select(plan, [filter], false, new Set());
    if (selection.ok) throw new Error('selected');
    expect(selection.diagnostics[0]?.severity).toBe('error');
    expect(selection.diagnostics[0]?.message).toContain(message);
    expect(selection.diagnostics[0]?.hint).toContain(hint);
  });

  test('warns of an alternative that selects nothing beside one that does', () => {
    const selection = select(plan, ['P1,US3'], false, new Set());
    if (!selection.ok) throw new Error('not selected');
    expect(selection.warnings.map((one) => [one.message, one.hint])).toEqual([
      ['No task is selected by US3.', 'Did you mean US1?'],
    ]);
  });
});
