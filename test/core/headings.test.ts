import { describe, expect, it } from 'vitest';
import {
  findStories,
  headingPriority,
  headingStories,
  looksLikePhase,
  phaseName,
  phaseNumber,
  speaksOfDependencies,
  speaksOfSharedWork,
} from '../../src/core/headings.ts';

describe('stories in a heading', () => {
  it.each([
    ['Phase 3: User Story 1 - Login (Priority: P1) 🎯 MVP', ['US1']],
    ['User Story 2 - Search', ['US2']],
    ['US-3: Pay', ['US3']],
    ['Login (US4)', ['US4']],
    ['Login (US4, P1)', ['US4']],
    ['Login [US4] (Priority: P2)', ['US4']],
    ['US1 + US2', ['US1', 'US2']],
    ['User Stories 1, 2 & 3', ['US1', 'US2', 'US3']],
    ['US1-US3', ['US1', 'US2', 'US3']],
    ['US1.2: Skeleton', ['US1']],
    ['User Story 1 - 2 pages', ['US1']],
    ['Phase 5: US4 & US5 (P3)', ['US4', 'US5']],
    ['フェーズ 4: ユーザーストーリー2', ['US2']],
    ['用户故事 3：导出', ['US3']],
    ['단계 3: 사용자 스토리 1', ['US1']],
    ['Fase 3: Historia de Usuario 1', ['US1']],
    ['Blocking Prerequisites (for US1 and US2)', []],
    ['Polish (after US1)', []],
    ['Tell us 3 things', []],
    ['User Stories', []],
    ['Campus 3', []],
    ['History 4', []],
  ])('%s', (text, stories) => {
    expect(headingStories(text)).toEqual(stories);
  });

  it('are found in linear time', () => {
    expect(findStories('US1, '.repeat(50_000)).flatMap((found) => found.stories)).toContain('US1');
    expect(findStories('user '.repeat(100_000))).toEqual([]);
  });
});

describe('other words of a heading', () => {
  it.each([
    ['Phase 3: x (Priority: P1)', 1],
    ['x (P0)', 0],
    ['x [P2]', 2],
    ['x — Priority: P3', 3],
    ['x (US4, P1)', 1],
    ['優先度: P2', 2],
    ['x (P10)', null],
    ['P1 x', null],
    ['x', null],
  ])('priority of %s', (text, priority) => {
    expect(headingPriority(text)).toBe(priority);
  });

  it.each([
    ['Phase 3: Login', '3'],
    ['Phase 3.1', '3.1'],
    ['Fase 3: x', '3'],
    ['フェーズ 2', '2'],
    ['第3阶段：x', '3'],
    ['3단계: x', '3'],
    ['Phase N: Polish', null],
    ['Setup', null],
    ['Étape 2', '2'],
    ['Faza 4', '4'],
  ])('phase number of %s', (text, number) => {
    expect(phaseNumber(text)).toBe(number);
  });

  it.each([
    ['Phase 3: x', true],
    ['Phase N: x', true],
    ['✅ Phase 3', true],
    ['User Story 1', true],
    ['Tests', false],
    ['Two phases', false],
  ])('%s looks like a phase: %s', (text, is) => {
    expect(looksLikePhase(text)).toBe(is);
  });

  it('give a phase its name', () => {
    expect(phaseName('Phase 1: Setup (Shared) ✅')).toBe('Setup');
    expect(phaseName('Phase 2 - Unit Tests')).toBe('Unit Tests');
    expect(phaseName('フェーズ 1: 基盤')).toBe('基盤');
  });

  it.each([
    'Setup',
    'Phase 1: Set-up',
    'Foundational (Blocking Prerequisites)',
    'Infrastructure',
    'Polish & Cross-Cutting Concerns',
    'Clean-up',
    'Convergence',
    'Final Phase',
    'Prerequisites',
    'Cimientos',
    'Pulido y aspectos transversales',
    'Polimento',
    'Finitions',
    'Szlify i porządki',
    '基盤',
    'セットアップ',
    '初始化',
    '收尾',
    '마무리',
    '설정',
  ])('%s is shared work', (text) => {
    expect(speaksOfSharedWork(text)).toBe(true);
  });

  it.each([
    'Login',
    'Pages',
    'Upsetting news',
    'Refinishing',
    'Cleanups of data'.replace('Cleanups', 'Cleaners'),
  ])('%s is not', (text) => {
    expect(speaksOfSharedWork(text)).toBe(false);
  });

  it.each([
    ['Dependencies & Execution Order', true],
    ['Execution Wave DAG', true],
    ['User Story Dependencies', true],
    ['Task order', true],
    ['依赖关系', true],
    ['実行順序', true],
    ['Dependencias', true],
    ['Parallel Team Strategy', false],
    ['Incremental Delivery', false],
    ['Implementation Strategy', false],
    ['Parallel Opportunities', null],
    ['Phase 1: Setup', null],
    ['Microwaves', null],
  ])('%s speaks of dependencies: %s', (text, says) => {
    expect(speaksOfDependencies(text)).toBe(says);
  });
});
