import { describe, expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../src/core/event.ts';
import { foldHistory, type History, historyOf, isGenerated } from '../../src/core/history.ts';
import { failed, succeeded } from '../../src/core/outcome.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import type { Session, SessionTask } from '../../src/core/session.ts';
import { addVerifications } from '../../src/core/verification.ts';
import { owedBy } from '../../src/prepare.ts';
import { STARTED } from '../journal/events.ts';
import { PLAIN, planOf } from '../support/random-plan.ts';

const TEXT = '## Phase 1: Setup\n- [ ] T001 Make a\n- [ ] T002 Make b\n## Phase 2: Polish\n- [ ] T003 Make c\n';

type Timed = RunEventBody & { readonly time?: number };
const read = (...ids: string[]): Timed => ({
  kind: 'plan-read',
  tasks: ids.map((id) => ({ id, title: `Make ${'abc'[Number(id.slice(-1)) - 1]}`, generated: false })),
  done: [],
});
const start = (step: string, attempt = 1, time?: number): Timed => ({
  kind: 'attempt-started',
  step,
  attempt,
  slot: 1,
  ...(time === undefined ? {} : { time }),
});
const end = (
  step: string,
  how: 'done' | 'failed' = 'done',
  attempt = 1,
  time?: number,
  retryAt: number | null = null,
): Timed => ({
  kind: 'attempt-ended',
  step,
  attempt,
  outcome: how === 'done' ? succeeded() : failed('exit-code', 'exit code 1'),
  retryAt,
  ...(time === undefined ? {} : { time }),
});

function journal(...bodies: Timed[]): RunEvent[] {
  let now = 0;
  return bodies.map((body, i) => {
    now = body.time ?? now;
    return { ...body, seq: i + 1, time: now };
  });
}
const fold = (...bodies: Timed[]): History => foldHistory(journal(...bodies)) as History;

describe('foldHistory', () => {
  test('gives nothing for a journal that does not begin with a run', () => {
    expect(foldHistory([])).toBe(null);
    expect(foldHistory(journal(start('T001')))).toBe(null);
  });

  test('knows what is done, failed and in flight, and how often each was tried', () => {
    const history = fold(
      STARTED,
      read('T001', 'T002', 'T003'),
      start('T001', 1, 100),
      end('T001', 'failed', 1, 300, 1300),
      { kind: 'retry-due', step: 'T001' },
      start('T001', 2, 1300),
      end('T001', 'done', 2, 1400),
      { kind: 'box-ticked', task: 'T001' },
      start('T002'),
      end('T002', 'failed'),
      start('T003', 4),
      { kind: 'attempt-spawned', step: 'T003', attempt: 4, pid: 77, startTime: '5' },
    );
    expect([...history.done]).toEqual(['T001']);
    expect([...history.ticked]).toEqual(['T001']);
    expect([...history.failed.keys()]).toEqual(['T002']);
    expect([...history.inFlight]).toEqual([['T003', 4]]);
    expect([...history.attempts]).toEqual([
      ['T001', 2],
      ['T002', 1],
      ['T003', 4],
    ]);
    expect(history.durations.get('T001')).toBe(300);
    expect(history.processes).toEqual([{ pid: 77, startTime: '5' }]);
    expect(history).toMatchObject({ run: STARTED.run, sessions: 1, status: 'running', seq: 12, elapsedMs: 1400 });
  });

  test('adds up the time that sessions worked, not the time between', () => {
    const history = fold(
      { ...STARTED, time: 1000 },
      start('T001', 1, 1100),
      { kind: 'run-ended', status: 'partial', commands: 'after', time: 1500 },
      { ...STARTED, session: 2, time: 900_000 },
      start('T001', 2, 900_200),
    );
    expect(history).toMatchObject({ startedAt: 1000, elapsedMs: 700, sessions: 2, status: 'running' });
    expect(history.commands).toEqual({ start: STARTED.commands, end: null });
  });

  test('forgets what somebody took back', () => {
    const history = fold(
      STARTED,
      read('T001'),
      start('T001'),
      end('T001'),
      { kind: 'box-ticked', task: 'T001' },
      { kind: 'undone', task: 'T001' },
    );
    expect([history.done.size, history.ticked.size]).toEqual([0, 0]);
  });

  test('takes over what another checkpoint knew', () => {
    const history = fold(
      STARTED,
      { kind: 'adopted', done: ['T001'], verified: ['verify:end'], elapsedMs: 5000 },
      read('T001'),
    );
    expect([...history.done, ...history.verified]).toEqual(['T001', 'verify:end']);
    expect(history.elapsedMs).toBe(5000);
  });

  test('has an answer for every prefix', () => {
    const events = journal(
      STARTED,
      read('T001'),
      start('T001'),
      end('T001'),
      { kind: 'box-ticked', task: 'T001' },
      { kind: 'run-ended', status: 'complete', commands: null },
    );
    const told = events.map((_event, i) => {
      const history = foldHistory(events.slice(0, i + 1)) as History;
      return [history.status, [...history.done].length, history.inFlight.size, history.ticked.size];
    });
    expect(told).toEqual([
      ['running', 0, 0, 0],
      ['running', 0, 0, 0],
      ['running', 0, 1, 0],
      ['running', 1, 0, 0],
      ['running', 1, 0, 1],
      ['complete', 1, 0, 1],
    ]);
  });

  test('finds generated ids again under their new numbers', () => {
    const known = (id: string, title: string) => ({ id, title, generated: true });
    const history = fold(
      STARTED,
      { kind: 'plan-read', tasks: [known('#1', 'a'), known('#2', 'b'), known('#3', 'b')], done: [] },
      start('#3'),
      end('#3'),
      { ...STARTED, session: 2 },
      {
        kind: 'plan-read',
        tasks: [known('#1', 'new'), known('#2', 'b'), known('#3', 'a'), known('#4', 'b')],
        done: [],
      },
    );
    expect([...history.done]).toEqual(['#4']);
    expect([isGenerated('#4'), isGenerated('T001')]).toEqual([true, false]);
  });
});

describe('reconcile', () => {
  const base = [STARTED, read('T001', 'T002', 'T003')] as const;
  const over = (text: string, history: History, resume = true) => {
    const {
      settled,
      tick,
      found,
      restore,
      undone,
      failed: wrong,
      attempts,
      notes,
    } = reconcile(planOf(text), history, resume);
    const ids = (tasks: readonly { readonly id: string }[]) => tasks.map((task) => task.id);
    return {
      settled: Object.fromEntries(settled),
      tick: ids(tick),
      found: ids(found),
      restore: ids(restore),
      undone: ids(undone),
      failed: [...wrong],
      attempts: attempts.get('T001'),
      notes: notes.map((note) => note.message),
    };
  };
  const ticked = TEXT.replace('[ ] T001', '[x] T001');
  const done = [start('T001'), end('T001')];
  const nothing = { settled: {}, tick: [], found: [], restore: [], undone: [], failed: [], notes: [] };

  test('without a history the boxes count', () => {
    expect([...reconcile(planOf(ticked.replace('[ ] T003', '[-] T003')), null, false).settled]).toEqual([
      ['T001', 'skipped'],
      ['T003', 'skipped'],
    ]);
  });

  test('what is done and ticked stays done', () => {
    expect(over(ticked, fold(...base, ...done, { kind: 'box-ticked', task: 'T001' }))).toEqual({
      ...nothing,
      settled: { T001: 'done' },
      attempts: 1,
    });
  });

  test('what is done and was never ticked is ticked, not run', () => {
    expect(over(TEXT, fold(...base, ...done))).toMatchObject({ settled: { T001: 'done' }, tick: ['T001'], undone: [] });
  });

  test('a tick that the journal never heard of is learnt', () => {
    expect(over(ticked, fold(...base, ...done))).toMatchObject({
      settled: { T001: 'done' },
      tick: [],
      found: ['T001'],
    });
  });

  test('a box that somebody opened again runs again, and is reported', () => {
    const result = over(TEXT, fold(...base, ...done, { kind: 'box-ticked', task: 'T001' }));
    expect(result).toMatchObject({ settled: {}, tick: [], undone: ['T001'] });
    expect(result.notes).toEqual(['Somebody has opened the box of T001, which was done; it runs again.']);
  });

  test('a tick of an attempt that never ended counts for nothing', () => {
    for (const resume of [true, false]) {
      const result = over(ticked, fold(...base, start('T001')), resume);
      expect(result).toMatchObject({ settled: {}, restore: ['T001'] });
      expect(result.notes[0]).toContain('The box of T001 was ticked while it ran');
    }
  });

  test('a tick made between runs is believed, also of a task that had failed', () => {
    expect(over(ticked, fold(...base))).toMatchObject({ settled: { T001: 'skipped' }, restore: [] });
    expect(over(ticked, fold(...base, start('T001'), end('T001', 'failed')))).toMatchObject({
      settled: { T001: 'skipped' },
      failed: ['T001'],
    });
  });

  test('what a person crossed out is not run, whatever was done', () => {
    const crossed = TEXT.replace('[ ] T001', '[-] T001');
    expect(over(crossed, fold(...base, ...done))).toMatchObject({ settled: { T001: 'skipped' }, tick: [] });
  });

  test('a new run takes only the boxes, but ticks what was done', () => {
    expect(over(TEXT, fold(...base, ...done), false)).toMatchObject({
      settled: { T001: 'skipped' },
      tick: ['T001'],
      attempts: undefined,
    });
  });

  test('an edited file is read anew: changed texts and what is gone are reported', () => {
    const edited = TEXT.replace('Make a', 'Make it better').replace('- [ ] T002 Make b\n', '- [ ] T009 Make z\n');
    const result = over(edited, fold(...base, ...done));
    expect(result.settled).toEqual({ T001: 'done' });
    expect(result.notes).toEqual([
      'The text of T001 has changed since the last session. It is done and is not run again; open its box to run it anew.',
      'T002 is no longer in the file.',
    ]);
    expect(over(edited, fold(...base)).notes[0]).toContain('It runs with its new text.');
  });
});

describe('historyOf', () => {
  const task = (id: string, status: SessionTask['status'], some: Partial<SessionTask> = {}): SessionTask => ({
    id,
    title: `Make ${id}`,
    generated: false,
    stories: [],
    status,
    attempts: 1,
    allowed: 3,
    error: null,
    blockedBy: null,
    ...some,
  });
  const session: Session = {
    run: STARTED.run,
    session: 2,
    status: 'interrupted',
    file: 'tasks.md',
    digest: 'd',
    options: PLAIN,
    startedAt: 10,
    updatedAt: 20,
    elapsedMs: 7,
    tasks: [
      task('T001', 'done'),
      task('T002', 'failed', { attempts: 3 }),
      task('T003', 'running'),
      task('T004', 'blocked'),
      task('T005', 'skipped'),
      task('T006', 'deferred'),
      task('T007', 'delayed'),
    ],
    verifications: [
      { id: 'verify:phase:Phase 1', label: 'verification of Phase 1', status: 'done', error: null },
      { id: 'verify:phase:Phase 2', label: 'verification of Phase 2', status: 'failed', error: 'exit code 1' },
      { id: 'verify:end', label: 'verification of the whole', status: 'running', error: null },
    ],
    blocker: null,
    action: null,
  };

  test('takes from the checkpoint what a resume needs', () => {
    const history = historyOf(session);
    expect([...history.done]).toEqual(['T001']);
    expect([...history.failed.keys()]).toEqual(['T002', 'verify:phase:Phase 2']);
    expect([...history.inFlight.keys()]).toEqual(['T003', 'verify:end']);
    expect([...history.verified]).toEqual(['verify:phase:Phase 1']);
    expect([...history.known.keys()]).toHaveLength(7);
    expect(history.attempts.get('T002')).toBe(3);
    expect(history).toMatchObject({ sessions: 2, status: 'interrupted', seq: 0, elapsedMs: 7, startedAt: 10 });
  });
});

describe('owedBy', () => {
  const V1 = 'verify:phase:Phase 1';
  const owed = (...bodies: Timed[]): string[] => {
    const history = fold(STARTED, read('T001', 'T002', 'T003'), ...bodies);
    const plan = planOf(TEXT);
    const verifications = addVerifications(plan, { phase: true, end: false });
    return owedBy(plan, verifications, history, reconcile(plan, history, true));
  };
  const both = [start('T001'), end('T001'), start('T002'), end('T002')];

  test('names what was never reached, was cut off, or failed', () => {
    expect(owed()).toEqual([]);
    expect(owed(...both)).toEqual([V1]);
    expect(owed(...both, start(V1))).toEqual([V1]);
    expect(owed(...both, start(V1), end(V1, 'failed'))).toEqual([V1]);
    expect(owed(...both, start(V1), end(V1))).toEqual([]);
  });

  test('names one again behind which a task was done', () => {
    expect(owed(start('T001'), end('T001'), start(V1), end(V1), start('T002'), end('T002'))).toEqual([V1]);
    expect(owed(start('T001'), end('T001'), start(V1), end(V1), start('T003'), end('T003'))).toEqual([
      'verify:phase:Phase 2',
    ]);
  });
});
