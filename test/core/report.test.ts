import { describe, expect, test } from 'vitest';
import { failed, succeeded } from '../../src/core/outcome.ts';
import { deferredBy, groupReports, reportOf, timingOf } from '../../src/core/report.ts';
import { planOf } from '../support/random-plan.ts';
import { stateOf } from '../support/run-state.ts';

const TEXT = `## Phase 1: Setup
- [ ] T001 [P] Make a
- [ ] T002 [P] Make b
- [x] T003 [P] Make c
## Phase 2: User Story 1 (Priority: P1)
- [ ] T004 [US1] Make d
## Phase 3: User Story 2 (Priority: P10)
- [ ] T005 [US2] Make e
`;

/** T001 and T002 side by side, T002 in two attempts with a wait between; T004 fails. */
function ran(some: Parameters<typeof stateOf>[1] = {}) {
  const hand = stateOf(planOf(TEXT), some);
  hand.start(0, 1);
  hand.start(0, 2);
  hand.end('T001', 'done', 1000);
  hand.end('T002', 'failed', 500, hand.noon + 1500);
  hand.apply({ kind: 'retry-due', step: 'T002' }, 1500);
  hand.start(1500, 1);
  hand.end('T002', 'done', 2000);
  hand.start(2000, 1);
  hand.end('T004', failed('exit-code', 'exit code 3', { exitCode: 3, tail: 'oh no\n' }), 4000);
  return hand;
}

describe('timingOf', () => {
  test('gives the figures of a run', () => {
    const timing = timingOf(ran({ selected: new Set(['T001', 'T002', 'T004']) }).state.tasks(), 2);
    expect(timing).toMatchObject({ makespanMs: 4000, serialMs: 4000, averageMs: 4000 / 3 });
    expect([timing.longest?.id, timing.shortest?.id]).toEqual(['T004', 'T001']);
    // Waiting for the second attempt ate up what running side by side had saved.
    expect([timing.saved, timing.efficiency, timing.parallelism]).toEqual([0, 0.5, 1]);
  });

  test('knows what side by side saves', () => {
    const hand = stateOf(planOf('- [ ] T001 [P] a\n- [ ] T002 [P] b\n- [ ] T003 [P] c\n'));
    hand.fill(0);
    hand.end('T001', 'done', 1000);
    hand.end('T002', 'done', 1000);
    hand.end('T003', 'done', 2000);
    const timing = timingOf(hand.state.tasks(), 4);
    expect(timing).toMatchObject({ makespanMs: 2000, serialMs: 4000, saved: 0.5, efficiency: 0.5, parallelism: 2 });
  });

  test('divides by nothing', () => {
    const idle = timingOf(stateOf(planOf(TEXT)).state.tasks(), 4);
    expect(idle).toEqual({
      makespanMs: 0,
      serialMs: 0,
      saved: 0,
      efficiency: 0.25,
      parallelism: 1,
      averageMs: 0,
      longest: null,
      shortest: null,
    });
    const hand = stateOf(planOf('- [ ] T001 a\n'));
    hand.start(5);
    hand.end('T001', 'done', 5);
    expect(timingOf(hand.state.tasks(), 1)).toMatchObject({ makespanMs: 0, saved: 0, efficiency: 1, parallelism: 1 });
  });
});

describe('reportOf', () => {
  test('tells each verification by its name', () => {
    const hand = stateOf(planOf(TEXT), { verifyPhase: 'true', selected: new Set(['T001', 'T002']) });
    for (const id of hand.fill()) hand.end(id);
    hand.start(4000);
    hand.end('verify:phase:Phase 1', succeeded('3 passed'), 4100);
    const report = reportOf(hand.state, context);
    expect(report.counts.deferred).toBe(2);
    expect(report.verifications[0]).toEqual({
      id: 'verification of Phase 1',
      status: 'done',
      attempts: 1,
      startedAt: '2026-01-01T12:00:04.000Z',
      durationMs: 100,
      blockedBy: null,
      error: null,
      log: 'log of verify:phase:Phase 1.1',
      commit: null,
      files: [],
      worktree: null,
      branch: null,
    });
  });

  test('tells each task, with its error and the root of its block', () => {
    const hand = stateOf(planOf(TEXT.replace('e\n', 'e (depends on T004)\n')));
    hand.start(0);
    hand.start(0);
    hand.end('T001', 'done', 100);
    hand.end('T002', 'done', 100);
    hand.start(100);
    hand.end('T004', failed('exit-code', 'exit code 3', { exitCode: 3, tail: 'oh no\n' }), 400);
    const report = reportOf(hand.state, context);
    expect(report).toMatchObject({ schemaVersion: 1, runId: 'r', status: 'partial', exitCode: 1, slots: 2 });
    expect(report).toMatchObject({ makespanMs: 400, serialMs: 500 });
    expect(report.tasks.slice(2)).toEqual([
      { ...bare, id: 'T003', status: 'skipped' },
      {
        ...bare,
        id: 'T004',
        status: 'failed',
        attempts: 1,
        startedAt: '2026-01-01T12:00:00.100Z',
        durationMs: 300,
        error: { reason: 'exit-code', message: 'exit code 3', exitCode: 3, tail: 'oh no\n' },
        log: 'log of T004.1',
      },
      { ...bare, id: 'T005', status: 'blocked', blockedBy: 'T004' },
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  const bare = {
    attempts: 0,
    startedAt: null,
    durationMs: 0,
    blockedBy: null,
    error: null,
    log: null,
    commit: null,
    files: [],
    worktree: null,
    branch: null,
  };
  const context = {
    run: 'r',
    status: 'partial',
    exitCode: 1,
    slots: 2,
    logOf: (step: string, attempt: number) => `log of ${step}.${attempt}`,
    isoTime: (ms: number) => new Date(ms).toISOString(),
  } as const;
});

test('groupReports counts what this session ran, phase by phase', () => {
  const groups = groupReports(ran().state).map(({ group, done, total, durationMs }) => [
    group.short,
    done,
    total,
    durationMs,
  ]);
  expect(groups).toEqual([
    ['Phase 1', 2, 2, 2000],
    ['Phase 2', 0, 1, 2000],
  ]);
});

test('deferredBy sorts what is left by priority and story', () => {
  const left = deferredBy(stateOf(planOf(TEXT), { selected: new Set() }).state);
  const shown = (some: [string, { readonly id: string }[]][]) =>
    some.map(([name, steps]) => [name, ...steps.map((step) => step.id)]);
  expect(shown(left.priorities)).toEqual([
    ['P1', 'T004'],
    ['no priority', 'T001', 'T002', 'T005'],
  ]);
  expect(shown(left.stories)).toEqual([
    ['US1', 'T004'],
    ['US2', 'T005'],
  ]);
});
