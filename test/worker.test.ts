import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Assignment, Work } from '../src/core/assignment.ts';
import type { Outcome } from '../src/core/event.ts';
import { failed } from '../src/core/outcome.ts';
import { createAgentRunner } from '../src/runners/agent.ts';
import { createExecRunner } from '../src/runners/exec.ts';
import { createProcesses, isAlive } from '../src/runners/process.ts';
import type { AttemptIo } from '../src/runners/runner.ts';
import { createScriptRunner } from '../src/runners/script.ts';
import { systemClock } from '../src/util/clock.ts';
import { createWorker, type Runners } from '../src/worker.ts';
import { createIo, createPlace, linux, program } from './support/attempt.ts';

const SUCCESS: Outcome = { kind: 'success', verified: null };
const exec = (command: string): Work => ({ kind: 'exec', command });

/** A worker whose parts only note what they are asked for; each step takes `stepMs` of its own clock. */
function createBench(outcomes: Readonly<Record<string, Outcome>> = {}, stepMs = 0) {
  const events: string[] = [];
  let now = 1000;
  const step = async (kind: string, what: string, { timeoutMs }: Assignment): Promise<Outcome> => {
    events.push(`${kind} ${what}${timeoutMs === null ? '' : ` within ${timeoutMs}`}`);
    now += stepMs;
    return outcomes[what] ?? SUCCESS;
  };
  const runners: Runners = {
    exec: { run: (work, assignment) => step('exec', work.command, assignment) },
    script: { run: (work, assignment) => step('script', work.source, assignment) },
    agent: { run: (work, assignment) => step('agent', work.agent, assignment) },
  };
  const work = createWorker({
    runners,
    processes: {
      verify: (command, assignment) => step('verify', command, assignment),
      leave: () => events.push('leave'),
      flush: async () => void events.push('flush'),
    },
    workspace: null,
    redact: (text) => text.replaceAll('hunter22', '***'),
    clock: { now: () => now, after: () => () => undefined },
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { events, work, pass };
}

const base: Assignment = {
  id: 'run-T001-1',
  run: 'run',
  step: 'T001',
  attempt: 1,
  slot: 1,
  work: [exec('a'), { kind: 'script', language: 'sh', source: 'b' }],
  verify: 'check',
  commit: null,
  dir: '/',
  env: {},
  prompt: '',
  log: '/dev/null',
  timeoutMs: null,
  silenceMs: null,
  graceMs: 0,
};

describe('a worker', () => {
  test('work in order, then nothing of it is left, then the verification', async () => {
    const { events, work } = createBench({ check: { kind: 'success', verified: '12 passed' } });
    expect(await work(base, createIo())).toEqual({ kind: 'success', verified: '12 passed' });
    expect(events).toEqual(['exec a', 'script b', 'leave', 'flush', 'verify check', 'leave']);
  });

  test('without a verification', async () => {
    const { events, work } = createBench();
    expect(await work({ ...base, verify: null }, createIo())).toEqual(SUCCESS);
    expect(events).toEqual(['exec a', 'script b', 'leave']);
  });

  test('only a verification, and nothing at all', async () => {
    const { events, work } = createBench();
    expect(await work({ ...base, work: [] }, createIo())).toEqual(SUCCESS);
    expect(events).toEqual(['leave', 'flush', 'verify check', 'leave']);
    expect(await work({ ...base, work: [], verify: null }, createIo())).toEqual(SUCCESS);
  });

  test('a failure ends it', async () => {
    const outcome = failed('exit-code', 'exit code 3', { exitCode: 3, tail: 'why' });
    const { events, work } = createBench({ a: outcome });
    expect(await work(base, createIo())).toEqual(outcome);
    expect(events).toEqual(['exec a', 'leave']);
  });

  test('one limit over all of it, and the message names the whole', async () => {
    const { events, work } = createBench(
      { check: failed('timeout', 'timed out after 10 s', { tail: 'slow' }) },
      10_000,
    );
    expect(await work({ ...base, timeoutMs: 30_000 }, createIo())).toEqual(
      failed('timeout', 'timed out after 30 s', { tail: 'slow' }),
    );
    expect(events.filter((event) => event.includes('within'))).toEqual([
      'exec a within 30000',
      'script b within 20000',
      'verify check within 10000',
    ]);
  });

  test('nothing starts when the limit is used up', async () => {
    const { events, work } = createBench({}, 10_000);
    expect(await work({ ...base, timeoutMs: 10_000 }, createIo())).toEqual(failed('timeout', 'timed out after 10 s'));
    expect(events).toEqual(['exec a within 10000', 'leave']);
  });

  test('the verification waits for its turn, and that wait is not in the limit', async () => {
    const { events, work, pass } = createBench({}, 10_000);
    const verifying = async (): Promise<void> => {
      events.push('ask');
      pass(3_600_000);
    };
    const outcome = await work({ ...base, timeoutMs: 30_000 }, { ...createIo(), verifying });
    expect(outcome).toEqual(SUCCESS);
    expect(events.slice(2)).toEqual(['leave', 'flush', 'ask', 'verify check within 10000', 'leave']);
  });

  test('nobody is asked without a verification, or when the work has failed', async () => {
    const verifying = async (): Promise<void> => expect.unreachable();
    expect(await createBench().work({ ...base, verify: null }, { ...createIo(), verifying })).toEqual(SUCCESS);
    const outcome = failed('exit-code', 'exit code 3');
    expect(await createBench({ a: outcome }).work(base, { ...createIo(), verifying })).toEqual(outcome);
  });

  test('a turn that could not be recorded is none', async () => {
    const { events, work } = createBench();
    const verifying = (): Promise<void> => Promise.reject(new Error('disk full'));
    expect(await work(base, { ...createIo(), verifying })).toEqual(failed('unexpected', 'Error: disk full'));
    expect(events).not.toContain('verify check');
  });

  test('a runner that breaks its promise is an unexpected failure on one line, without secrets', async () => {
    const { events, work } = createBench();
    const broken = {
      get kind(): never {
        throw new Error('no\n\x1b[31mhunter22');
      },
    };
    expect(await work({ ...base, work: [broken as never] }, createIo())).toEqual(failed('unexpected', 'Error: no ***'));
    expect(events).toEqual(['leave']);
  });
});

describe('a worker with real processes', () => {
  const place = createPlace();
  afterAll(() => place.remove());
  const processes = createProcesses({ env: process.env, redact: (text) => text, clock: systemClock });
  const worker = createWorker({
    runners: {
      exec: createExecRunner(processes),
      script: createScriptRunner(processes),
      agent: createAgentRunner({ processes, redact: (text) => text, clock: systemClock }),
    },
    processes,
    workspace: null,
    redact: (text) => text,
    clock: systemClock,
  });
  const make = (changes: Partial<Assignment>, io: AttemptIo = createIo()): Promise<Outcome> =>
    worker(place.assignment(changes), io);

  test.runIf(linux)('the verification sees the work, and none of its processes', async () => {
    const command = `sh ${program('daemon.sh')} pid 0; echo made > made`;
    const verify = 'cat made; grep -q "^State:.[^ZX]" "/proc/$(cat pid)/status" 2>&- && echo alive || echo gone';
    const outcome = await make({ work: [exec(command)], verify, log: place.file('log') });
    expect(outcome).toEqual({ kind: 'success', verified: 'gone' });
    expect(place.text('log')).toBe(`--- verification ---\nmade\ngone\n`);
    expect(isAlive(await place.pid('pid'), null)).toBe(false);
  });

  test('a verification that fails', async () => {
    const outcome = await make({ work: [exec('echo work')], verify: 'echo "2 failed"; exit 9' });
    expect(outcome).toEqual(failed('verification', 'verification: exit code 9', { exitCode: 9, tail: '2 failed' }));
  });

  test('stop while it waits for its turn: no verification is started', async () => {
    const io = createIo();
    const outcome = await make(
      { work: [exec('true')], verify: 'touch verified' },
      { ...io, verifying: async () => io.stopNow() },
    );
    expect(outcome).toMatchObject({ kind: 'failure', failure: { reason: 'cancelled' } });
    expect(existsSync(place.file('verified'))).toBe(false);
  });

  test('stop between two pieces of work', async () => {
    const io = createIo();
    const stopping = { ...io, spawned: () => io.stopNow() };
    const outcome = await make(
      { work: [exec('trap "" TERM; sleep 0.02; exit 0'), exec('touch second')], graceMs: 5000 },
      stopping,
    );
    expect(outcome).toMatchObject({ failure: { reason: 'cancelled' } });
    expect(() => place.text('second')).toThrow();
  });
});
