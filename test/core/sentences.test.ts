/** What sentences say: `T001 < T002` reads "T002 waits for T001"; `?` a sentence that is listed, `~` a hint, `-` nothing. */
import { describe, expect, it } from 'vitest';
import { readBody, readInline } from '../../src/core/inline.ts';
import { readFenceLine, readSection } from '../../src/core/sections.ts';
import type { Order } from '../../src/core/sentences.ts';
import type { Ref, Vocabulary } from '../../src/core/tokens.ts';

const vocabulary: Vocabulary = {
  phaseNames: ['setup', 'foundational', 'foundation', 'polish', 'user interface', '基盤'],
};

function name(ref: Ref): string {
  switch (ref.kind) {
    case 'task':
    case 'story':
      return ref.id;
    case 'range':
      return `${ref.from}..${ref.to}`;
    case 'phase':
      return `P${ref.number}`;
    case 'phase-name':
      return ref.name;
    case 'every-story':
      return 'stories';
  }
}

function show(orders: readonly Order[]): string {
  const side = (refs: readonly Ref[]): string => (refs.length === 0 ? 'self' : refs.map(name).join(' '));
  return orders.map(({ first, second }) => `${side(first)} < ${side(second)}`).join('; ');
}

function section(text: string, above: string | null = null): string {
  const { orders, hints, unclear } = readSection(text, above, vocabulary);
  const loose = hints.map(({ one, other }) => `${one.join(' ')} ~ ${other.join(' ')}`);
  return [show(orders), ...loose, ...(unclear.length > 0 ? ['?'] : [])].filter((part) => part !== '').join('; ') || '-';
}

const sections: readonly (readonly [string, string])[] = [
  ['T004 blocks T005, T006', 'T004 < T005 T006'],
  ['T001 → T002 → T003', 'T001 < T002; T002 < T003'],
  ['`T001` -> **T002** --> T003 ==> T004', 'T001 < T002; T002 < T003; T003 < T004'],
  ['T007 must complete before T018', 'T007 < T018'],
  ['T007 MUST be completed BEFORE T018 can start.', 'T007 < T018'],
  ['T006-T010 depend on T001-T005', 'T001..T005 < T006..T010'],
  ['T006–T010 depend on T001 to T005 (validation requires docs)', 'T001..T005 < T006..T010'],
  ['T016, T017 can run in parallel after T012', 'T012 < T016 T017'],
  ['T017 + T018, then T019', 'T017 T018 < T019'],
  ['T001 first, then T002-T004 in parallel', 'T001 < T002..T004'],
  ['T002 → T003 (same file), then T004', 'T002 < T003; T003 < T004'],
  ['T005 after T001/T002; T006 last', 'T001 T002 < T005; ?'],
  ['Wave 3: T003 (after T002)', 'T002 < T003'],
  ['**Wave 4** (parallel): T004, T005 (after T003), T009 (after T007, T008)', 'T003 < T004 T005; T007 T008 < T009'],
  ['**Wave 2** (after T001, parallel): T002, T006', 'T001 < T002 T006'],
  ['US2 depends on US1', 'US1 < US2'],
  ['**US4 (Phase 6)**: after US2', 'US2 < US4'],
  ['Phase 4 depends on Phase 3', 'P3 < P4'],
  ['US3 builds on US1', 'US1 < US3'],
  ['US3 (P3): Depends on US1 (needs its rows)', 'US1 < US3'],
  ['- **User Story 2 (P2)** - Customers: Depends on US1', 'US1 < US2'],
  ['User Stories 4, 6 and 7 depend on User Story 1', 'US1 < US4 US6 US7'],
  ['US1 blocks US2: rows must exist', 'US1 < US2'],
  ['US2, US3 — after US1', 'US1 < US2 US3'],
  ['US2: can start only after US1 is complete', 'US1 < US2'],
  ['US4 must follow US2', 'US2 < US4'],
  ['T006 must wait for T005', 'T005 < T006'],
  ['T006 is blocked by T005', 'T005 < T006'],
  ['T002/T003 precede T007', 'T002 T003 < T007'],
  ['T006 depends on T005 (flags) and on T001/T002', 'T005 T001 T002 < T006'],
  ['T015 cannot start until T014 is complete', 'T014 < T015'],
  ['T001→T002→T003 must be sequential (type → function → usage)', 'T001 < T002; T002 < T003'],
  ['T003 is required by T005', 'T003 < T005'],
  ['US1 (Chat) → Required by all other stories', 'US1 < stories'],
  ['Phase 2 must complete before Phase 3, 4, 5 and 6', 'P2 < P3 P4 P5 P6'],
  ['Phases 3 & 4 -> Phase 6', 'P3 P4 < P6'],
  ['Phases 3-5 depend on Phase 2', 'P2 < P3 P4 P5'],
  ['Depends on Phase 2, 3 days', '-'],
  ['US2: Depends on Foundational', 'foundational < US2'],
  ['Setup → Foundational → {US1, US2} → Polish', 'setup < foundational; foundational < US1 US2; US1 US2 < polish'],
  ['All user stories depend on Setup completion', 'setup < stories'],
  ['Foundational: Depends on Setup - BLOCKS all user stories', 'setup < foundational; foundational < stories'],
  ['**Linting (Phase 3)**: Depends on Phase 1', 'P1 < P3'],
  ['**Search (US2)**: depends on US1', 'US1 < US2'],
  ['2. **Phase 2: Unit Tests - Hooks** - Depends on Phase 1', 'P1 < P2'],
  ['User interface depends on Foundational', 'foundational < user interface'],
  ['T001 blocks T002. T003 blocks T004; depends on T001', 'T001 < T002; T003 < T004; T001 < T003'],
  ['**Phase 2**: T011 depends on T003. Depends on Setup', 'T003 < T011; setup < P2'],
  ['Set-up (T001 must complete before T002)', 'T001 < T002'],
  // No edge, and why.
  [
    'US2: Can start after Foundational - May integrate with US1 but should be independently testable',
    'foundational < US2',
  ],
  ['US2: May integrate with US1', '-'],
  ['No dependencies on US1', '-'],
  ['US2: No dependencies on US1', '-'],
  ['US2 is independent of US1', '-'],
  ['US2 does not depend on US1', '-'],
  ["US2 doesn't depend on US1", '-'],
  ['US2 might follow US1', '-'],
  ['US2 could start after US1', '-'],
  ['If possible, US2 after US1', '-'],
  ['Ideally US2 comes after US1', '-'],
  ['US2 may start before US1', '-'],
  ['T005 after T003 if the cache is on', '-'],
  ['T003, T004, T005 can run in parallel', '-'],
  ['US2 can run in parallel with US1', '-'],
  ['User stories can then proceed in parallel (if staffed)', '-'],
  ['US5 depends on US1, but its logic is independent', 'US5 ~ US1; ?'],
  ['US2: extends the command of US1, so US1 should land first', 'US2 ~ US1; ?'],
  ['US3: needs the model of US1; independent of US2', 'US3 ~ US1; ?'],
  ['US4 depends on US1; can run in parallel with US3 after US2 baseline exists', 'US1 < US4; US4 ~ US2; ?'],
  ['US2 and US3 extend US1', 'US2 US3 ~ US1; ?'],
  ['US1 should land first', '?'],
  ['Or sequentially: US1 → US2 → US3', '?'],
  ['Recommended order: US1 → US2', '?'],
  ['US2 or US3 after US1', '?'],
  ['T016 last', '?'],
  ['Tests (T005-T018) → Implementation (T019-T034)', '?'],
  ['API clients (T019) must exist before hooks (T024)', '?'],
  ['Fix T010 before you merge T011 into the branch', '?'],
  ['T001 blocks T002 blocks T003', '?'],
  ['US2 depends on US1, US3 depends on US2', 'US2 ~ US1 US3; ?'],
  ['T016 after T012, T017 in parallel', '?'],
  ['T005 follows the pattern of T003', '?'],
  ['US3-tests depend on US1', 'US3 ~ US1; ?'],
  ["US2 depends on US1's engine", 'US2 ~ US1; ?'],
  ['T001-T007: setup tasks', '-'],
  ['Total: 12 tasks, 3 per story', '-'],
  ['Rationale: US1 must complete first. US4 is documentation that can proceed once the feature is understood', '?'],
  ['See e.g. after US1', '?'],
  // Other languages.
  ['T004 requiere T003', 'T003 < T004'],
  ['US2: depende de US1 (usa sus filas)', 'US1 < US2'],
  ['US3 (P2): tras Foundational, T013 (US1) y T019', 'foundational T013 T019 < US3'],
  ['T001 bloquea T002 y T003', 'T001 < T002 T003'],
  ['T012 depende do T011', 'T011 < T012'],
  ['T009 dépend de T008', 'T008 < T009'],
  ['T008 zależy od T007 i T006', 'T007 T006 < T008'],
  ['T008 wymaga T007', 'T007 < T008'],
  ['T005 зависит от T004', 'T004 < T005'],
  ['T006依赖T005', 'T005 < T006'],
  ['US1、US2 皆依賴 Foundational 完成', 'foundational < US1 US2'],
  ['US1不依赖US2', '-'],
  ['US2（P2）依賴 US1 的 key', 'US2 ~ US1; ?'],
  ['US2/US3 可在 US1 完成後並行', 'US1 < US2 US3'],
  ['T007はT006に依存', 'T006 < T007'],
  ['T001 は T002 の前に', 'T001 < T002'],
  ['US2 완료 후 시작', '?'],
  ['**User Story 3**: US2 완료 후 시작 - 독립적', 'US2 < US3'],
  ['**Phase 4**: Phase 3 완료 필요', 'P3 < P4'],
  ['T003: T001, T002 완료 후', 'T001 T002 < T003'],
];

describe('a line of a dependency section', () => {
  it.each(sections)('%s', (text, says) => {
    expect(section(text)).toBe(says);
  });

  it('takes its subject from the line above it', () => {
    expect(section('Depends on US1', '**US2 (P2)**:')).toBe('US1 < US2');
    expect(section('Depends on US1', 'User Story 2 - Search')).toBe('US1 < US2');
    expect(section('T003 depends on T001', 'US2')).toBe('T001 < T003');
    expect(section('Depends on US1', 'Dependencies')).toBe('?');
    expect(section('Depends on US1', 'US2 depends on US1')).toBe('?');
  });

  it('keeps the place of the words', () => {
    const text = '**US9**: first. **T002** depends on `T001` (rows). Other words';
    const [order] = readSection(text, null, vocabulary).orders;
    expect(text.slice(order?.start, order?.end)).toBe('T002** depends on `T001');
  });

  it('is read over line breaks, quote marks and table bars', () => {
    expect(section('| T002 depends on\n> T001 |')).toBe('?');
    expect(section('T002 depends on\n  > T001,\n  > T003')).toBe('T001 T003 < T002');
  });
});

describe('a line of a fenced block', () => {
  const fence = (text: string): string => {
    const { orders, unclear } = readFenceLine(text, vocabulary);
    return show(orders) || (unclear.length > 0 ? '?' : '-');
  };

  it.each([
    ['T001 → T002, T003 → T004', 'T001 < T002 T003; T002 T003 < T004'],
    ['T001 (db) → T002 (api)', 'T001 < T002'],
    ['T001[T001: a] --> T002[T002: b]', 'T001 < T002'],
    ['US2 --> US3', 'US2 < US3'],
    ['T001 + T002 ──► T003', 'T001 T002 < T003'],
    ['Phase 3 → Phase 4', '-'],
    ['Phase 2 → US1 → US2', '?'],
    ['├── T001 → T002', '?'],
    ['T004 model → T007 repository', '?'],
    ['T001 blocks T002', '-'],
    ['T001', '-'],
  ])('%s', (text, says) => {
    expect(fence(text)).toBe(says);
  });
});

describe('the text of a task', () => {
  const inline = (text: string): string => show(readInline(text, 'T050', vocabulary)) || '-';

  it.each([
    ['Make it (depends on T012, T013)', 'T012 T013 < self'],
    ['Make it *(depends on T002, T003)* — now', 'T002 T003 < self'],
    ['Make it (after T004 — same file)', 'T004 < self'],
    ['Make it (depends: T001-T003)', 'T001..T003 < self'],
    ['Make it (depends T001)', 'T001 < self'],
    ['Make it (deps: T001)', 'T001 < self'],
    ['Make it [depends on T001]', 'T001 < self'],
    ['Make it (needs models, depends on T001)', 'T001 < self'],
    ['Make it (must run after T001)', 'T001 < self'],
    ['Make it (blocks T060)', 'self < T060'],
    ['Make it (before T060)', 'self < T060'],
    ['Make it; requires T010', 'T010 < self'],
    ['Make it. Depends on: T010, T011. More words about T012', 'T010 T011 < self'],
    ['Make it — after T010', 'T010 < self'],
    ['Make it, depends on T010', 'T010 < self'],
    ['Make it, blocked by T010 for now', 'T010 < self'],
    ['Make it. Must run after T010.', 'T010 < self'],
    ['Make it (depends on T014 completion, NOT on its files)', 'T014 < self'],
    ['T063の後に make it', 'T063 < self'],
    ['T063とT064の後に make it', 'T063 T064 < self'],
    ['Make it <!-- Requires: T009 -->', 'T009 < self'],
    ['Make it <!-- depends on T009 --> (after T008)', 'T009 < self; T008 < self'],
    ['T050 depends on T001', 'T001 < self'],
    ['Make it (depende de T003, T004)', 'T003 T004 < self'],
    ['Make it (依赖 T003)', 'T003 < self'],
    ['Make it (after US1)', 'US1 < self'],
    ['Setup is done, depends on T003', 'T003 < self'],
    // Prose.
    ['make T008 pass', '-'],
    ['split from T105', '-'],
    ['same changes as T026', '-'],
    ['Make it (depends: -)', '-'],
    ['Make it (depends on: None)', '-'],
    ['Make it (no dependencies on T001)', '-'],
    ['Make it (does not depend on T001)', '-'],
    ['Make it (after T003 if caching is on)', '-'],
    ['Make it (parallel with T003)', '-'],
    ['Make it (same file as T003)', '-'],
    ['Run it after T004 was merged into the branch', '-'],
    ['Compare before and after T010 refactoring', '-'],
    ['Verify that T013 depends on T012', '-'],
    ['Add a check that requires T010 output', '-'],
    ['Make it then T003', '-'],
    ['Once T003 was a good idea', '-'],
    ['Handle users who follow US1', '-'],
    ['Show a notice before login', '-'],
  ])('%s', (text, says) => {
    expect(inline(text)).toBe(says);
  });
});

describe('a line below a task', () => {
  const body = (text: string): string => show(readBody(text, 'T050', vocabulary)) || '-';

  it.each([
    ['Depends on: T001, T002', 'T001 T002 < self'],
    ['**Depends On**: T001 (baseline), T002', 'T001 T002 < self'],
    ['**Dependencies:** T001-T003', 'T001..T003 < self'],
    ['Dependencies: models of T012, services of T013', 'T012 T013 < self'],
    ['Dependencies:\n  - T001\n  - T002', 'T001 T002 < self'],
    ['依存: T02（基盤）, T03', 'T02 T03 < self'],
    ['Blocks: T060, T061', 'self < T060 T061'],
    ['**Dependency**: MUST run BEFORE T021 and T026', 'self < T021 T026'],
    ['Requires T001', 'T001 < self'],
    ['After T001.', 'T001 < self'],
    ['Depends on T001. Blocks T060.', 'T001 < self; self < T060'],
    ['<!-- Requires: T009 -->', 'T009 < self'],
    ['Dependencies: None', '-'],
    ['Dependencies: none (T001 is optional)', '-'],
    ['Depends on: -', '-'],
    ['Parallel with: T003', '-'],
    ['Same changes as T026 depends on T001', '-'],
    ['Requires T010 to be rewritten from the ground', '-'],
    ['Files: src/a.ts, used by T004', '-'],
    ['Note: after T004 the API is different', '-'],
    ['Depends on: T001 — same file as T002', 'T001 < self'],
  ])('%s', (text, says) => {
    expect(body(text)).toBe(says);
  });
});
