import { describe, expect, test } from 'vitest';
import { info, warning } from '../../src/core/diagnostic.ts';
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
- [ ] T004 [US1] Join them
## Phase 3: User Story 2 (Priority: P2)
- [ ] T005 [US2] Make the list
`;
const bad = failed('exit-code', 'exit code 1', { exitCode: 1, tail: 'one\n\ntwo\n' });
const since = (lines: readonly string[], from: number): string => lines.slice(from).join('\n');

describe('the plain reporter', () => {
  test('says what was found', () => {
    expect(tell(createPlainReporter, TEXT).err.join('\n')).toBe(`tasks.md: 5 tasks, 2 parallelizable [P]
  Stories: US1 (3), US2 (1)
  Graph: 6 edges, 3 waves, critical path 3 tasks
Running 5 tasks, one at a time (run 20260101-120000-0000)`);
  });

  test('says what a filter leaves out and what it takes along', () => {
    const text = TEXT.replace('list\n', 'list (depends on T002)\n').replace('[ ] T001', '[x] T001');
    const { err } = tell(createPlainReporter, text, { filter: 'US2', parallel: true, slots: 4 });
    expect(err.join('\n')).toBe(`tasks.md: 5 tasks, 2 parallelizable [P], 1 done before, 2 deferred by --filter=US2
  Stories: US1 (3), US2 (1)
  Graph: 7 edges, 3 waves, critical path 3 tasks
  T002: needed by T005
Running 2 tasks, up to 4 side by side (run 20260101-120000-0000)`);
  });

  test('says when there is nothing to do', () => {
    const { err } = tell(createPlainReporter, '- [x] T001 Make it\n');
    expect(err).toEqual([
      'tasks.md: 1 task, no [P] markers, 1 done before',
      '  Graph: 0 edges, 3 waves, critical path 3 tasks',
      'Nothing to run: everything selected is done.',
    ]);
  });

  test('gives a line to each ending, with its slot and the time in parallel runs', () => {
    const { hand, err } = tell(createPlainReporter, TEXT, { parallel: true });
    const from = err.length;
    hand.start(0, 1);
    hand.end('T001', 'done', 12_000);
    hand.start(12_000, 1);
    hand.end('T005', 'done', 12_850);
    hand.start(12_850, 1);
    hand.start(12_850, 2);
    hand.end('T003', 'done', 27_100);
    hand.end('T002', 'done', 75_000);
    expect(since(err, from)).toBe(`[1/5] ✓ T001 Make the project (12 s) · slot 1 · 00:12
[2/5] ✓ T005 [US2] Make the list (850 ms) · slot 1 · 00:12
[3/5] ✓ T003 [US1] Make the service (14 s) · slot 2 · 00:27
[4/5] ✓ T002 [US1] Make the model (1m 2s) · slot 1 · 01:15`);
  });

  test('tells attempts, the last failure with its output and log, and what is blocked by it', () => {
    const { hand, err } = tell(createPlainReporter, TEXT, { retries: 1 });
    const from = err.length;
    hand.start(0);
    hand.end('T001', bad, 500, hand.noon + 1500);
    hand.apply({ kind: 'retry-due', step: 'T001' }, 1500);
    hand.start(1500);
    hand.end('T001', bad, 2000);
    expect(since(err, from)).toBe(`[0/5] ↻ T001 Make the project: exit code 1; attempt 1/2, next in 1 s
[1/5] ✗ T001 Make the project (1 s)
      exit code 1, 2/2 attempts
      │ one
      │ two
      log: .implement/runs/20260101-120000-0000/T001.2.log
      ⊘ T002 [US1] Make the model: blocked by T001
      ⊘ T003 [US1] Make the service: blocked by T001
      ⊘ T004 [US1] Join them: blocked by T001
      ⊘ T005 [US2] Make the list: blocked by T001`);
  });

  test('tells a verification by its name, and what it printed last', () => {
    const { hand, err } = tell(createPlainReporter, TEXT, { state: { verifyPhase: 'true' } });
    const from = err.length;
    hand.start(0);
    hand.end('T001', 'done', 1000);
    hand.start(1000);
    hand.end('verify:phase:Phase 1', succeeded('3 passed'), 2000);
    for (const id of ['T002', 'T003', 'T004']) {
      hand.start(2000);
      hand.end(id, 'done', 2000);
    }
    hand.start(2000);
    hand.end('verify:phase:Phase 2', failed('verification', 'the verification failed: exit code 1'), 2100);
    expect(since(err, from)).toContain(`[1/5] ✓ T001 Make the project (1 s)
[1/5] ✓ verification of Phase 1: 3 passed (1 s)
[2/5]`);
    expect(err.at(-3)).toBe('[4/5] ✗ verification of Phase 2 (100 ms)');
    expect(err.at(-2)).toBe('      the verification failed: exit code 1');
  });

  test('tells interrupts and boxes that were put back', () => {
    const { hand, err } = tell(createPlainReporter, TEXT);
    const from = err.length;
    hand.start();
    for (const stage of [1, 2, 3] as const) hand.apply({ kind: 'interrupted', signal: 'SIGINT', stage });
    hand.apply({ kind: 'box-restored', task: 'T001' });
    expect(since(err, from)).toBe(`SIGINT: nothing new is started, 1 task is running; press again to end it
SIGINT: ending what runs (1)
SIGINT: killing what runs
      the box of T001 was ticked while it ran, but it is not done: it is open again`);
  });

  test('says what --continue found', () => {
    const titles = ['Make the project', 'Make the model', 'Make the service', 'Join them', 'Make the list'];
    const bodies: RunEventBody[] = [
      STARTED,
      {
        kind: 'plan-read',
        tasks: titles.map((title, i) => ({ id: `T00${i + 1}`, title, generated: false })),
        done: [],
      },
      { kind: 'attempt-started', step: 'T001', attempt: 1, slot: 1 },
      { kind: 'attempt-ended', step: 'T001', attempt: 1, outcome: succeeded(), retryAt: null },
      { kind: 'attempt-started', step: 'T002', attempt: 1, slot: 1 },
      { kind: 'attempt-ended', step: 'T002', attempt: 1, outcome: bad, retryAt: null },
      { kind: 'attempt-started', step: 'T003', attempt: 1, slot: 1 },
      { kind: 'attempt-ended', step: 'T003', attempt: 1, outcome: bad, retryAt: null },
    ];
    const past = bodies.map((body, i): RunEvent => ({ ...body, seq: i + 1, time: i }));
    // A person has done T003 since.
    const text = TEXT.replace('[ ] T003', '[x] T003');
    expect(
      tell(createPlainReporter, text, { past }).err.slice(0, 3).join('\n'),
    ).toBe(`Loaded checkpoint from current-session.md
  run 20260101-120000-0000, session 2
  Found 2 completed tasks, 1 failed (T002), 2 pending`);
    expect(tell(createPlainReporter, text, { past, filter: 'US2' }).err[2]).toBe(
      '  Found 2 completed tasks, 1 failed (T002), 1 pending',
    );
  });

  test('says less when it is to be quiet, and more when it is to talk', () => {
    const quiet = tell(createPlainReporter, TEXT, { options: { verbosity: -1 } });
    quiet.hand.start();
    quiet.hand.end('T001', 'done', 10);
    quiet.reporter.note(info('hint', 'By the way.', null));
    quiet.reporter.note(warning('hint', 'Look out.', null));
    expect(quiet.err).toEqual(['warning[hint]: Look out.']);
    const wordy = tell(createPlainReporter, TEXT, { retries: 1, options: { verbosity: 1 } });
    const from = wordy.err.length;
    wordy.hand.start();
    wordy.hand.end('T001', bad, 100, wordy.hand.noon + 1100);
    expect(since(wordy.err, from)).toBe(`      ▸ T001 Make the project
[0/5] ↻ T001 Make the project: exit code 1; attempt 1/2, next in 1 s
      │ one
      │ two`);
  });

  test('never obeys what a task or its output says', () => {
    const { hand, err, close } = tell(createPlainReporter, '- [ ] T001 Make \x1b]0;owned\x07it\x1b[2J\n');
    hand.start();
    hand.end('T001', failed('exit-code', 'exit\x1b[31m 1', { tail: 'x\x1b[2Jy\rz\n\x9b31mq' }), 5);
    const said = [...err, close('partial')].join('\n');
    expect(said).toContain('✗ T001 Make it (5 ms)');
    expect(said).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  });

  test('cuts a title that is longer than a line', () => {
    const { hand, err } = tell(createPlainReporter, `- [ ] T001 ${'word '.repeat(40)}\n`);
    hand.start();
    hand.end('T001', 'done', 5);
    expect(err.at(-1)).toMatch(/^\[1\/1\] ✓ T001 (?:word ){17}word… \(5 ms\)$/);
  });
});
