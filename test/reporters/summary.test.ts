import { describe, expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../src/core/event.ts';
import { failed, succeeded } from '../../src/core/outcome.ts';
import { createPlainReporter } from '../../src/reporters/plain.ts';
import { STARTED } from '../journal/events.ts';
import { tell } from './lines.ts';

const TEXT = `## Phase 1: Setup
- [ ] T001 Make the project
## Phase 2: User Story 1 (Priority: P1)
- [ ] T002 [P] [US1] Make the model
- [ ] T003 [P] [US1] Make the service
## Phase 3: User Story 2 (Priority: P2)
- [ ] T004 [US2] Make the list
`;
const bad = failed('exit-code', 'exit code 1', { exitCode: 1, tail: 'noise\nconnect ECONNREFUSED\n' });

describe('the summary', () => {
  test('of a complete parallel run', () => {
    const { hand, close } = tell(createPlainReporter, TEXT, { parallel: true, state: { verifyEnd: 'true' } });
    hand.start(0, 1);
    hand.end('T001', 'done', 4000);
    hand.start(4000, 1);
    hand.end('T004', 'done', 6000);
    hand.start(6000, 1);
    hand.start(6000, 2);
    hand.end('T002', 'done', 10_000);
    hand.end('T003', 'done', 8000);
    hand.start(10_000, 1);
    hand.end('verify:end', succeeded('42 passed'), 11_000);
    expect(close()).toBe(`
Implementation Complete ✓

Summary:
- Tasks Completed: 4/4
- Total Duration: 10 s
- Average Task Time: 3 s
- Sequential Equivalent: 12 s
- Time Saved: 2 s (17% faster)
- Parallel Efficiency: 60%
- Average Parallelism: 1.2 of 2 slots
- Longest Task: 4 s (T001)
- Shortest Task: 2 s (T003)
- Verification: 42 passed

Phase Breakdown:
- Phase 1: Setup: 1/1 tasks in 4 s
- Phase 2: User Story 1 (Priority: P1): 2/2 tasks in 6 s
- Phase 3: User Story 2 (Priority: P2): 1/1 tasks in 2 s`);
  });

  test('of a run in which something failed: the failure stands last before what to do', () => {
    const { hand, close } = tell(createPlainReporter, TEXT, { retries: 1 });
    hand.start(0);
    hand.end('T001', 'done', 1000);
    hand.start(1000);
    hand.end('T002', bad, 2000, hand.noon + 3000);
    hand.start(2000);
    hand.end('T003', 'cancelled', 2500);
    hand.apply({ kind: 'retry-due', step: 'T002' }, 3000);
    hand.start(3000);
    hand.end('T002', bad, 4000);
    expect(close('partial')).toBe(`
Implementation Partially Complete

Summary:
- Tasks Completed: 1/4
- Tasks Failed: 1 (T002)
- Tasks Cancelled: 1 (T003)
- Tasks Not Started: 1 (T004)
- Total Duration: 4 s
- Average Task Time: 1.2 s
- Longest Task: 2 s (T002)
- Shortest Task: 500 ms (T003)

Phase Breakdown:
- Phase 1: Setup: 1/1 tasks in 1 s
- Phase 2: User Story 1 (Priority: P1): 0/2 tasks in 2.5 s

Cancelled Tasks:
  T003 [US1] Make the service

Failed Task:
  T002 [US1] Make the model
    Error: exit code 1
    Output: connect ECONNREFUSED
    Retry: 2/2 (exhausted)
    Log: .implement/runs/20260101-120000-0000/T002.2.log

Next Steps:
  Fix the cause of T002 (its log is named above), then:
  implement --continue   # tries what failed again`);
  });

  test('of a run with a filter: what remains, and how to go on', () => {
    const { hand, close } = tell(createPlainReporter, TEXT.replace('[ ] T001', '[x] T001'), { filter: 'P1' });
    for (const id of ['T002', 'T003']) {
      hand.start(0);
      hand.end(id, 'done', 1000);
    }
    expect(close()).toBe(`
Implementation Complete ✓ (P1 Tasks)

Summary:
- P1 Tasks Completed: 2/2
- Done Before: 1
- Tasks Deferred: 1
- Total Duration: 1 s
- Average Task Time: 1 s
- Longest Task: 1 s (T002)
- Shortest Task: 1 s (T002)

Phase Breakdown:
- Phase 2: User Story 1 (Priority: P1): 2/2 tasks in 2 s

Remaining (for later):
  P2: 1 task (T004)
  US2: 1 task (T004)

Next Steps:
  implement --filter=P2`);
  });

  test('of a run that went on: what was there, what was resumed, each retried task', () => {
    const titles = ['Make the project', 'Make the model', 'Make the service', 'Make the list'];
    const bodies: RunEventBody[] = [
      STARTED,
      {
        kind: 'plan-read',
        tasks: titles.map((title, i) => ({ id: `T00${i + 1}`, title, generated: false })),
        done: [],
      },
      { kind: 'attempt-started', step: 'T001', attempt: 1, slot: 1 },
      { kind: 'attempt-ended', step: 'T001', attempt: 1, outcome: succeeded(), retryAt: null },
      ...['T002', 'T003'].flatMap((step): RunEventBody[] => [
        { kind: 'attempt-started', step, attempt: 1, slot: 1 },
        { kind: 'attempt-ended', step, attempt: 1, outcome: bad, retryAt: null },
      ]),
    ];
    const past = bodies.map((body, i): RunEvent => ({ ...body, seq: i + 1, time: i }));
    const { hand, close } = tell(createPlainReporter, TEXT.replace('[ ] T003', '[x] T003'), { past });
    hand.start(0);
    hand.end('T002', 'done', 1000);
    hand.start(1000);
    hand.end('T004', 'done', 2000);
    expect(close('complete', { elapsedMs: 65_000 })).toBe(`
Implementation Complete ✓ (Resumed)

Summary:
- Tasks Completed: 3/3
- Done Before: 1
- Previously Completed: 2 tasks
- Resumed Tasks: 2 tasks
- Failed Task Retry: T002 (successful, 1 attempt)
- Failed Task Retry: T003 (done by hand)
- Resume Duration: 2 s
- Total Duration: 1m 5s (across 2 sessions)
- Average Task Time: 1 s
- Longest Task: 1 s (T002)
- Shortest Task: 1 s (T002)

Phase Breakdown:
- Phase 2: User Story 1 (Priority: P1): 1/1 tasks in 1 s
- Phase 3: User Story 2 (Priority: P2): 1/1 tasks in 1 s`);
  });

  test('of a verification that failed, and of what it blocks', () => {
    const { hand, close } = tell(createPlainReporter, TEXT, { state: { verifyPhase: 'true' } });
    hand.start(0);
    hand.end('T001', 'done', 1000);
    hand.start(1000);
    hand.end('verify:phase:Phase 1', failed('verification', 'exit code 1', { exitCode: 1, tail: '1 failing\n' }), 2000);
    const said = close('partial');
    expect(said).toContain('- Tasks Blocked: 3 (T002, T003, T004)');
    expect(said).toContain('- Verification: failed: 1 failing');
    expect(said.slice(said.indexOf('Blocked Tasks:'))).toBe(`Blocked Tasks:
  T002 [US1] Make the model (blocked by verification of Phase 1)
  T003 [US1] Make the service (blocked by verification of Phase 1)
  T004 [US2] Make the list (blocked by verification of Phase 1)

Failed Task:
  verification of Phase 1
    Error: exit code 1
    Output: 1 failing
    Log: .implement/runs/20260101-120000-0000/verify:phase:Phase 1.1.log

Next Steps:
  Fix what the verification found, then:
  implement --continue   # then runs what it blocked`);
  });

  test('of a run that was stopped before it did anything', () => {
    const { hand, close } = tell(createPlainReporter, TEXT);
    hand.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    expect(close('interrupted')).toBe(`
Implementation Partially Complete

Summary:
- Tasks Completed: 0/4
- Tasks Not Started: 4 (T001, T002, T003, T004)
- Total Duration: 0 ms

Next Steps:
  implement --continue   # goes on where this stopped`);
  });
});
