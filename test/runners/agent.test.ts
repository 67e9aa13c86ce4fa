/** Calls of agents whose clients are small programs of the test, under the names of the real ones. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Assignment, Work } from '../../src/core/assignment.ts';
import type { Failure, Outcome } from '../../src/core/event.ts';
import { redactor } from '../../src/core/redact.ts';
import { createAgentRunner } from '../../src/runners/agent.ts';
import { findAgent } from '../../src/runners/agents/find.ts';
import { createProcesses, isAlive } from '../../src/runners/process.ts';
import { systemClock } from '../../src/util/clock.ts';
import { AN_HOUR, createHeldClock, createIo, createPlace, linux, type Place, until } from '../support/attempt.ts';

type AgentWork = Extract<Work, { kind: 'agent' }>;
const SECRET = 'hunter2-hunter2';

let place: Place;

beforeEach(() => {
  place = createPlace();
  mkdirSync(place.file('bin'));
});

afterEach(() => place.remove());

/** Puts a program of this name where it is found first. */
function install(name: string, script: string): void {
  writeFileSync(place.file(`bin/${name}`), `#!/bin/sh\n${script}\n`);
  chmodSync(place.file(`bin/${name}`), 0o755);
}

const path = (): string => `${place.file('bin')}${delimiter}${process.env['PATH']}`;

function start(agent: string, changes: Partial<Assignment> = {}, more: Partial<AgentWork> = {}, clock = systemClock) {
  const env = { ...process.env, PATH: path(), PLANTED_TOKEN: SECRET };
  const redact = redactor(env);
  const processes = createProcesses({ env, redact, clock });
  const io = createIo();
  const assignment = place.assignment({ prompt: 'T001 Do it\n', ...changes });
  const work: AgentWork = { kind: 'agent', agent, model: null, args: [], yolo: false, ...more };
  const outcome = createAgentRunner({ processes, redact, clock }).run(work, assignment, io);
  return { outcome, assignment, io };
}

function failureOf(outcome: Outcome): Failure {
  if (outcome.kind === 'success') throw new Error('expected a failure');
  return outcome.failure;
}

const lives = (pid: number): boolean => isAlive(pid, null);

const RESULT = '{"type":"result","session_id":"s","is_error":false,"result":"All done.","total_cost_usd":0.25}';

describe('a call', () => {
  test('gets the prompt on standard input, its directory twice, and leaves its stream beside the log', async () => {
    install(
      'claude',
      `cat > got.txt; echo "$PWD $(pwd -P) $DISABLE_AUTOUPDATER" > where.txt; printf '%s\\n' "$@" > args.txt\necho '${RESULT}'`,
    );
    const { outcome, assignment } = start('claude', {}, { model: 'm', args: ['--an', 'a b'] });
    expect(await outcome).toEqual({ kind: 'success', verified: null });
    expect(place.text('got.txt')).toBe('T001 Do it\n');
    expect(place.text('where.txt')).toBe(`${place.dir} ${place.dir} 1\n`);
    expect(place.text('args.txt')).toMatch(/^-p\n[\s\S]*--model\nm\n--session-id\n[0-9a-f-]{36}\n--an\na b\n$/);
    const stream = assignment.log.replace('.log', '.stream.jsonl');
    expect(readFileSync(stream, 'utf8')).toBe(`${RESULT}\n`);
    expect(statSync(stream).mode & 0o777).toBe(0o600);
  });

  test('has its errors and its last words in the log, secrets and control codes out of the latter', async () => {
    install(
      'claude',
      `echo a warning >&2; echo '{"type":"result","is_error":false,"result":"\\u001b[31mSaid ${SECRET}"}'`,
    );
    const { outcome, assignment } = start('claude');
    await outcome;
    expect(readFileSync(assignment.log, 'utf8')).toBe('a warning\n--- claude ---\nSaid ***\n');
  });

  test('that fails keeps its reason, its exit code and the end of its log', async () => {
    install(
      'claude',
      `echo oh >&2; echo '{"type":"result","is_error":true,"api_error_status":401,"result":"no ${SECRET}"}'; exit 1`,
    );
    expect(failureOf(await start('claude').outcome)).toEqual({
      reason: 'auth',
      message: 'no *** (HTTP 401)',
      exitCode: 1,
      signal: null,
      tail: 'oh\n--- claude ---',
    });
  });

  test('that meets a limit says when it is lifted', async () => {
    install(
      'claude',
      `echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1795000000}}'
       echo '{"type":"result","is_error":true,"api_error_status":429,"result":"limit"}'; exit 1`,
    );
    expect(failureOf(await start('claude').outcome)).toMatchObject({
      reason: 'rate-limit',
      resetAt: 1_795_000_000_000,
    });
  });

  test('that was refused a tool, or says nothing at its end, is not done although it exits with 0', async () => {
    install(
      'claude',
      `echo '{"type":"result","is_error":false,"result":"x","permission_denials":[{"tool_name":"Bash"}]}'`,
    );
    expect(failureOf(await start('claude').outcome).reason).toBe('denied');
    install('claude', 'exit 0');
    expect(failureOf(await start('claude').outcome).reason).toBe('no-result');
  });

  test('reads only what it wrote itself, where a stream is there already', async () => {
    install('claude', 'exit 0');
    const first = start('claude');
    writeFileSync(first.assignment.log.replace('.log', '.stream.jsonl'), `${RESULT}\n`);
    expect(failureOf(await first.outcome).reason).toBe('no-result');
  });

  test('writes its events to a file, where that is its way', async () => {
    install(
      'aider',
      `while [ $# -gt 0 ]; do case $1 in --analytics-log) log=$2;; --message-file) cat "$2" > got.txt;; esac; shift; done
       echo '{"event":"message_send","properties":{"total_cost":0.5}}' > "$log"`,
    );
    expect(await start('aider').outcome).toEqual({ kind: 'success', verified: null });
    expect(place.text('got.txt')).toBe('T001 Do it\n');
  });

  test('of a client that is not there cannot be started', async () => {
    const { outcome } = start('claude', { dir: place.file('bin/none') });
    expect(failureOf(await outcome)).toMatchObject({ reason: 'spawn', message: expect.stringContaining('claude') });
  });
});

describe.runIf(linux)('the family of a client', () => {
  const child = "sh -c 'echo $$ > child; exec sleep 3600' &\nwhile [ ! -s child ]; do sleep 0.01; done";

  test('does not keep the attempt open with the output that it inherited', async () => {
    install('claude', `${child}\necho '${RESULT}'`);
    const { outcome } = start('claude');
    expect(await outcome).toEqual({ kind: 'success', verified: null });
    expect(lives(await place.pid('child'))).toBe(false);
  });

  test('is ended when nothing was heard of it for too long', async () => {
    const clock = createHeldClock();
    install('gemini', `${child}\necho '{"type":"init","session_id":"g"}'\necho 'status: 429' >&2\nwait`);
    const { outcome, assignment } = start('gemini', { silenceMs: 20 * AN_HOUR }, {}, clock);
    const pid = await place.pid('child');
    await until(() => existsSync(assignment.log) && readFileSync(assignment.log, 'utf8').includes('429'));
    let over = false;
    void outcome.then(() => {
      over = true;
    });
    // The clock does not move by itself: the first look hears of what was written, none is late enough.
    clock.strike();
    expect(over).toBe(false);
    expect(lives(pid)).toBe(true);
    clock.pass(20 * AN_HOUR);
    clock.strike();
    expect(failureOf(await outcome)).toMatchObject({
      reason: 'silent',
      message: 'it said nothing for too long; the last it met: status: 429',
    });
    expect(lives(pid)).toBe(false);
  });

  test('is ended by the limit of time, and by whoever stops the run', async () => {
    const clock = createHeldClock();
    install('claude', `${child}\nwait`);
    const late = start('claude', { timeoutMs: AN_HOUR, silenceMs: 0 }, {}, clock);
    const first = await place.pid('child');
    clock.strike();
    expect(failureOf(await late.outcome)).toMatchObject({ reason: 'timeout', message: 'timed out after 3600 s' });
    expect(lives(first)).toBe(false);
    writeFileSync(place.file('child'), '');
    const stopped = start('claude', { silenceMs: 0 });
    await place.pid('child');
    stopped.io.stopNow();
    expect(failureOf(await stopped.outcome).reason).toBe('cancelled');
  });
});

test.runIf(linux)('a silent command is ended only where somebody says so', async () => {
  const clock = createHeldClock();
  const processes = createProcesses({ env: process.env, redact: (text) => text, clock });
  const run = (silenceMs: number | null) =>
    processes.run(
      { file: 'sh', args: ['-c', 'echo $$ > pid; exec sleep 3600'] },
      place.assignment({ silenceMs }),
      createIo(),
    );
  const outcome = run(20 * AN_HOUR);
  await place.pid('pid');
  clock.pass(20 * AN_HOUR);
  clock.strike();
  expect(failureOf(await outcome)).toMatchObject({ reason: 'silent' });
});

describe('finding an agent', () => {
  const said = (name: string, where = place.file('bin')) => {
    const found = findAgent(name, where);
    return found.ok ? found.value.name : `${found.diagnostics[0]?.message} ${found.diagnostics[0]?.hint}`;
  };

  test('by name, or the first that is installed', () => {
    expect(said('auto')).toMatch(/^No coding agent is installed\. Known are: claude, codex/);
    install('qwen', '');
    install('aider', '');
    expect(said('auto')).toBe('qwen');
    expect(said('aider')).toBe('aider');
  });

  test('that is not there, or not known', () => {
    expect(said('codex')).toMatch(/^The agent codex is not installed: there is no program codex\. To install it: npm/);
    expect(said('clade')).toBe('There is no agent clade. Did you mean claude?');
    mkdirSync(place.file('bin/goose'));
    writeFileSync(place.file('bin/amp'), '', { mode: 0o644 });
    expect(said('goose')).toMatch(/not installed/);
    expect(said('amp')).toMatch(/not installed/);
  });
});
