import { existsSync, mkdirSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Assignment } from '../../src/core/assignment.ts';
import type { Failure, Outcome } from '../../src/core/event.ts';
import { redactor } from '../../src/core/redact.ts';
import { createProcesses, isAlive, type Processes, startTimeOf } from '../../src/runners/process.ts';
import { systemClock } from '../../src/util/clock.ts';
import {
  AN_HOUR,
  createHeldClock,
  createIo,
  createPlace,
  linux,
  type Place,
  program,
  until,
} from '../support/attempt.ts';

const SECRET = 'hunter2-hunter2';

let place: Place;
let processes: Processes;

function createWith(env: Record<string, string | undefined> = process.env, clock = systemClock): Processes {
  return createProcesses({ env, redact: redactor({ ...env, PLANTED_TOKEN: SECRET }), clock });
}

beforeEach(() => {
  place = createPlace();
  processes = createWith();
});

afterEach(() => place.remove());

function sh(source: string, changes: Partial<Assignment> = {}, io = createIo()): Promise<Outcome> {
  return processes.run({ file: 'sh', args: ['-c', source] }, place.assignment(changes), io);
}

function start(name: string, args: readonly string[], changes: Partial<Assignment> = {}, io = createIo()) {
  const assignment = place.assignment(changes);
  const file = name.endsWith('.mjs') ? process.execPath : 'sh';
  const outcome = processes.run({ file, args: [program(name), ...args] }, assignment, io);
  return { assignment, io, outcome };
}

function failureOf(outcome: Outcome): Failure {
  if (outcome.kind === 'success') throw new Error('expected a failure');
  return outcome.failure;
}

const SUCCESS: Outcome = { kind: 'success', verified: null };

describe('how a process comes out', () => {
  test('exit 0 is success', async () => {
    expect(await sh('exit 0')).toEqual(SUCCESS);
  });

  test('another exit code', async () => {
    expect(failureOf(await sh('echo out; echo err >&2; exit 3'))).toEqual({
      reason: 'exit-code',
      message: 'exit code 3',
      exitCode: 3,
      signal: null,
      tail: 'out\nerr',
    });
  });

  test('a signal', async () => {
    const failure = failureOf(await sh('kill -SEGV $$'));
    expect(failure).toMatchObject({ reason: 'signal', message: 'ended by SIGSEGV', exitCode: null, signal: 'SIGSEGV' });
  });

  test('its start is reported once, with the start time that the kernel gave it', async () => {
    const io = createIo();
    await sh('cut -d" " -f22 /proc/$$/stat > time; echo $$ > pid', {}, io);
    expect(io.started).toHaveLength(1);
    expect(io.started[0]?.pid).toBe(Number(place.text('pid')));
    if (linux) expect(io.started[0]?.startTime).toBe(place.text('time').trim());
  });

  test('an observer that throws is an unexpected failure, and the process is ended', async () => {
    const io = { ...createIo(), spawned: () => JSON.parse('no json') };
    const failure = failureOf(await sh('echo $$ > pid; sleep 300', { graceMs: AN_HOUR }, io as never));
    expect(failure.reason).toBe('unexpected');
    expect(failure.message).toContain('SyntaxError');
  });
});

describe('what cannot start', () => {
  const run = async (file: string, args: string[] = [], changes: Partial<Assignment> = {}) => {
    const io = createIo();
    const failure = failureOf(await processes.run({ file, args }, place.assignment(changes), io));
    expect(io.started).toEqual([]);
    return failure;
  };

  test('an unknown program', async () => {
    const failure = await run('no-such-program-anywhere', [], { prompt: 'hello' });
    expect(failure).toMatchObject({ reason: 'spawn', message: 'cannot start no-such-program-anywhere: not found' });
  });

  test('a missing directory', async () => {
    const failure = await run('sh', ['-c', 'true'], { dir: place.file('gone') });
    expect(failure).toMatchObject({
      reason: 'spawn',
      message: `cannot start sh: there is no directory ${place.file('gone')}`,
    });
  });

  test('a file in the place of the directory', async () => {
    writeFileSync(place.file('file'), '');
    const failure = await run('sh', ['-c', 'true'], { dir: place.file('file') });
    expect(failure).toMatchObject({
      reason: 'spawn',
      message: `cannot start sh: ${place.file('file')} is not a directory`,
    });
  });

  test('a file that is not a program', async () => {
    writeFileSync(place.file('data'), 'data', { mode: 0o600 });
    expect(await run(place.file('data'))).toMatchObject({
      reason: 'spawn',
      message: expect.stringContaining('no permission'),
    });
  });

  test.runIf(linux)('an argument that is too long', async () => {
    const failure = await run('sh', ['-c', `: ${'x'.repeat(200_000)}`], { prompt: 'hello' });
    expect(failure).toMatchObject({ reason: 'spawn', message: expect.stringContaining('128 KiB') });
  });

  test('a log that is a link', async () => {
    writeFileSync(place.file('elsewhere'), 'mine');
    symlinkSync(place.file('elsewhere'), place.file('link.log'));
    expect(await run('sh', ['-c', 'echo theirs'], { log: place.file('link.log') })).toMatchObject({
      reason: 'unexpected',
    });
    expect(place.text('elsewhere')).toBe('mine');
  });

  test('a log in the place of a folder', async () => {
    mkdirSync(place.file('folder'));
    expect(await run('sh', ['-c', 'true'], { log: place.file('folder') })).toMatchObject({ reason: 'unexpected' });
  });
});

describe('what a process is given', () => {
  test('the directory, as cwd and as PWD', async () => {
    mkdirSync(place.file('sub'));
    await processes.run(
      { file: process.execPath, args: ['-e', 'console.log(process.cwd() + "\\n" + process.env.PWD)'] },
      place.assignment({ dir: place.file('sub'), log: place.file('log') }),
      createIo(),
    );
    expect(place.text('log')).toBe(`${place.file('sub')}\n${place.file('sub')}\n`);
  });

  test('the base environment, the assignment over it, and nothing else of this process', async () => {
    processes = createWith({ PATH: process.env['PATH'], COLOUR: 'red', SIZE: 'big', NOTHING: undefined });
    await sh('echo $COLOUR $SIZE; env | grep -cE "^(NOTHING|HOME)=" || true', {
      env: { SIZE: 'small' },
      log: place.file('log'),
    });
    expect(place.text('log')).toBe('red small\n0\n');
  });

  test('its marker, and that of a run around it', async () => {
    processes = createWith({ ...process.env, IMPLEMENT_MARK_outer_1: 'outer-1-T9-1' });
    const assignment = place.assignment({ run: 'inner.1', id: 'inner.1-T1-1', log: place.file('log') });
    await processes.run({ file: 'sh', args: ['-c', 'env | grep ^IMPLEMENT_MARK_ | sort'] }, assignment, createIo());
    expect(place.text('log')).toBe('IMPLEMENT_MARK_inner_1=inner.1-T1-1\nIMPLEMENT_MARK_outer_1=outer-1-T9-1\n');
  });

  test('variables that no system takes are made possible', async () => {
    const outcome = await sh('printf "%s|" "$NUL" "$LATER" >> log; printf %s "$LONG" | wc -c >> log', {
      env: { NUL: 'a\0b', LONG: `x${'é'.repeat(100_000)}`, '': 'a', 'A=B': 'b', 'A\0B': 'c', LATER: 'here' },
      run: 'nul\0run',
      id: 'nul\0id',
    });
    expect(outcome).toEqual(SUCCESS);
    const [nul, later, length] = place.text('log').split('|');
    expect([nul, later]).toEqual(['a\ufffdb', 'here']);
    expect(Number(length)).toBeLessThanOrEqual(128 * 1024 - 'LONG='.length - 1);
    expect(Number(length)).toBeGreaterThan(130_000);
  });

  test('arguments without NUL', async () => {
    await processes.run(
      { file: 'sh', args: ['-c', 'echo "$1"', 'sh', 'a\0b'] },
      place.assignment({ log: place.file('log') }),
      createIo(),
    );
    expect(place.text('log')).toBe('a\ufffdb\n');
  });

  test('the prompt on standard input, which is then closed', async () => {
    const prompt = 'Ünïcode\nlines\n'.repeat(100_000);
    expect(await sh('cat > copy', { prompt })).toEqual(SUCCESS);
    expect(place.text('copy')).toBe(prompt);
  });

  test('an empty standard input without a prompt', async () => {
    expect(await sh('test -z "$(cat)"')).toEqual(SUCCESS);
  });

  test('a prompt that nobody reads is no failure', async () => {
    expect(await sh('true', { prompt: 'x'.repeat(5_000_000) })).toEqual(SUCCESS);
    expect(await sh('exec <&-; exit 4', { prompt: 'x'.repeat(5_000_000) })).toMatchObject({ failure: { exitCode: 4 } });
  });
});

describe('the log', () => {
  test('holds the raw output, readable by its owner only, in a folder that is made', async () => {
    const log = place.file('runs/1/T001.1.log');
    await sh(`printf '\\033[31m${SECRET}\\033[0m\\r\\n'`, { log });
    await sh('echo more', { log });
    expect(place.text('runs/1/T001.1.log')).toBe(`\x1b[31m${SECRET}\x1b[0m\r\nmore\n`);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(statSync(place.file('runs')).mode & 0o077).toBe(0);
  });

  test('its tail is the end of this process, without control codes and secrets', async () => {
    const log = place.file('log');
    await sh('echo earlier', { log });
    const { tail } = failureOf(
      await sh(
        `printf 'token \\033[1m${SECRET.slice(0, 5)}\\033[0m${SECRET.slice(5)}\\n10%%\\r90%%\\033]0;x\\007\\n\\n'; exit 1`,
        { log },
      ),
    );
    expect(tail).toBe('token ***\n90%');
  });

  test('its tail is at most 20 lines and 4096 characters, however much there is', async () => {
    const assignment = place.assignment();
    const flood = failureOf(
      await processes.run({ file: process.execPath, args: [program('flood.mjs')] }, assignment, createIo()),
    );
    expect(flood.exitCode).toBe(7);
    expect(flood.tail.split('\n')).toHaveLength(20);
    expect(flood.tail).toMatch(/^line 99980 of .*\n[^\0]*\nline 99999 of a flood that nobody reads$/);
    const wide = failureOf(await sh('head -c 300000 /dev/zero | tr "\\0" x; exit 1'));
    expect(wide.tail).toBe('x'.repeat(4096));
  });

  test('a secret that the window cuts in two is not shown', async () => {
    // The line that the window begins in is left out, so 4096 characters from the end reach into it.
    const { tail } = failureOf(
      await sh(`printf '%s' ${SECRET}; head -c 65530 /dev/zero | tr '\\0' '\\001'; printf '\\nlast\\n'; exit 1`),
    );
    expect(tail).toBe('last');
  });

  test('is read even if the attempt removed it', async () => {
    const log = place.file('log');
    const running = sh('echo here; until [ -e gone ]; do sleep 0.01; done; exit 1', { log });
    await until(() => existsSync(log) && place.text('log') === 'here\n');
    unlinkSync(log);
    writeFileSync(place.file('gone'), '');
    expect(failureOf(await running).tail).toBe('here');
  });
});

describe('verification', () => {
  test('its success carries the last line that it printed, and the log a line before it', async () => {
    const assignment = place.assignment({ log: place.file('log'), prompt: 'not for the verification' });
    await processes.run({ file: 'sh', args: ['-c', 'printf unfinished'] }, assignment, createIo());
    const outcome = await processes.verify(
      `cat; echo one; printf '\\033[32m${SECRET} ok\\033[0m\\n \\n'`,
      assignment,
      createIo(),
    );
    expect(outcome).toEqual({ kind: 'success', verified: '*** ok' });
    expect(place.text('log')).toBe(`unfinished\n--- verification ---\none\n\x1b[32m${SECRET} ok\x1b[0m\n \n`);
  });

  test('a silent success', async () => {
    expect(await processes.verify('true', place.assignment(), createIo())).toEqual(SUCCESS);
  });

  test('its failures, by itself and by us', async () => {
    const log = place.file('log');
    await sh('echo work', { log });
    const failure = failureOf(await processes.verify('echo checked; exit 5', place.assignment({ log }), createIo()));
    expect(failure).toEqual({
      reason: 'verification',
      message: 'verification: exit code 5',
      exitCode: 5,
      signal: null,
      tail: 'checked',
    });
    const killed = failureOf(await processes.verify('kill -KILL $$', place.assignment(), createIo()));
    expect(killed).toMatchObject({
      reason: 'verification',
      message: 'verification: ended by SIGKILL',
      signal: 'SIGKILL',
    });
    const late = failureOf(await processes.verify('sleep 300', place.assignment({ timeoutMs: 50 }), createIo()));
    expect(late).toMatchObject({ reason: 'timeout', message: 'timed out after 50 ms' });
  });
});

describe('ending', () => {
  test('a limit of time; an exit with 0 after it is still a timeout', async () => {
    const clock = createHeldClock();
    processes = createWith(process.env, clock);
    const { outcome } = start('polite.mjs', [place.file('pid')], { timeoutMs: AN_HOUR, graceMs: AN_HOUR });
    await place.pid('pid');
    clock.strike();
    expect(failureOf(await outcome)).toEqual({
      reason: 'timeout',
      message: 'timed out after 3600 s',
      exitCode: 0,
      signal: null,
      tail: 'goodbye after 1',
    });
  });

  test('a limit beyond what a timer can hold does not strike at once', async () => {
    expect(await sh('sleep 0.1', { timeoutMs: 10 * 2 ** 31 })).toEqual(SUCCESS);
  });

  test('stop: TERM, then KILL for what ignores it', async () => {
    const { io, outcome } = start('ignore-term.sh', [place.file('pid')]);
    const pid = await place.pid('pid');
    io.stopNow();
    expect(failureOf(await outcome)).toMatchObject({ reason: 'cancelled', message: 'cancelled', signal: 'SIGKILL' });
    expect(isAlive(pid, null)).toBe(false);
  });

  test('stop: one TERM for everybody, and time to end', async () => {
    const { io, outcome } = start('polite.mjs', [place.file('pid')], { graceMs: AN_HOUR });
    await place.pid('pid');
    io.stopNow();
    expect(failureOf(await outcome)).toMatchObject({ reason: 'cancelled', exitCode: 0, tail: 'goodbye after 1' });
  });

  test('kill does not wait for the grace', async () => {
    const { io, outcome } = start('ignore-term.sh', [place.file('pid')], { graceMs: AN_HOUR });
    await place.pid('pid');
    io.stopNow();
    io.killNow();
    expect(failureOf(await outcome)).toMatchObject({ reason: 'cancelled', signal: 'SIGKILL' });
  });

  test('kill without stop', async () => {
    const { io, outcome } = start('polite.mjs', [place.file('pid')], { graceMs: AN_HOUR });
    await place.pid('pid');
    io.killNow();
    expect(failureOf(await outcome)).toMatchObject({ reason: 'cancelled', signal: 'SIGKILL', tail: '' });
  });

  test('the first cause stays', async () => {
    const clock = createHeldClock();
    processes = createWith(process.env, clock);
    const { io, outcome } = start('ignore-term.sh', [place.file('pid')], { timeoutMs: AN_HOUR, graceMs: 2 * AN_HOUR });
    await place.pid('pid');
    clock.strike();
    io.stopNow();
    io.killNow();
    expect(failureOf(await outcome).reason).toBe('timeout');
  });

  test.each(['stopNow', 'killNow'] as const)('after %s nothing starts any more', async (when) => {
    const io = createIo();
    io[when]();
    expect(failureOf(await sh('touch started', {}, io))).toMatchObject({ reason: 'cancelled', exitCode: null });
    expect(() => place.text('started')).toThrow();
    expect(io.started).toEqual([]);
  });

  test('many attempts share a signal without a warning and leave no listener', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const io = createIo();
    const added = [io.stop, io.kill].map((signal) => vi.spyOn(signal, 'addEventListener'));
    const removed = [io.stop, io.kill].map((signal) => vi.spyOn(signal, 'removeEventListener'));
    const outcomes = await Promise.all(Array.from({ length: 24 }, () => sh('true', {}, io)));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(outcomes).toEqual(outcomes.map(() => SUCCESS));
    expect(removed.map((spy) => spy.mock.calls)).toEqual(added.map((spy) => spy.mock.calls));
    expect(added.map((spy) => spy.mock.calls.length)).toEqual([24, 24]);
    expect(warnings).toEqual([]);
  });
});

describe('what a process leaves behind', () => {
  test('its group is gone when it settles, even without an environment', async () => {
    const { outcome } = start('clean-environment.sh', [place.file('pid')]);
    const pid = await place.pid('pid');
    expect(await outcome).toEqual(SUCCESS);
    expect(isAlive(pid, null)).toBe(false);
  });

  test('also what ignores TERM', async () => {
    const source = `sh ${program('ignore-term.sh')} ${place.file('pid')} & until [ -s pid ]; do sleep 0.01; done; exit 6`;
    const outcome = await sh(source);
    expect(failureOf(outcome)).toMatchObject({ reason: 'exit-code', exitCode: 6 });
    expect(isAlive(await place.pid('pid'), null)).toBe(false);
  });

  test.runIf(linux)(
    'it settles on exit while a daemon holds its input and output; the daemon is gone after a flush',
    async () => {
      const { assignment, outcome } = start('daemon.sh', [place.file('pid'), '0'], { prompt: 'x'.repeat(5_000_000) });
      expect(await outcome).toEqual(SUCCESS);
      const pid = await place.pid('pid');
      expect(isAlive(pid, null)).toBe(true);
      processes.leave(assignment);
      await processes.flush();
      expect(isAlive(pid, null)).toBe(false);
    },
  );

  test.runIf(linux)('sessions of their own that ignore TERM are ended without a flush too', async () => {
    const { assignment, outcome } = start('new-session.sh', [place.file('one'), place.file('two')]);
    expect(await outcome).toEqual(SUCCESS);
    const pids = [await place.pid('one'), await place.pid('two')];
    expect(pids.map((pid) => isAlive(pid, null))).toEqual([true, true]);
    processes.leave(assignment);
    await until(() => pids.every((pid) => !isAlive(pid, null)));
  });

  test.runIf(linux)('stop reaches sessions of their own', async () => {
    const source = `sh ${program('new-session.sh')} ${place.file('one')} ${place.file('two')}; exec sleep 300`;
    const io = createIo();
    const outcome = sh(source, {}, io);
    const pids = [await place.pid('one'), await place.pid('two')];
    io.stopNow();
    expect(failureOf(await outcome)).toMatchObject({ reason: 'cancelled', signal: 'SIGTERM' });
    expect(pids.map((pid) => isAlive(pid, null))).toEqual([false, false]);
  });

  test.runIf(linux)('only what carries the marker of that very attempt', async () => {
    const mine = start('daemon.sh', [place.file('mine'), '0']);
    const other = start('daemon.sh', [place.file('other'), '0']);
    await Promise.all([mine.outcome, other.outcome]);
    processes.leave(mine.assignment);
    await processes.flush();
    expect(isAlive(await place.pid('mine'), null)).toBe(false);
    expect(isAlive(await place.pid('other'), null)).toBe(true);
    processes.leave(other.assignment);
    await processes.flush();
    expect(isAlive(await place.pid('other'), null)).toBe(false);
  });

  test('a flush with nothing to do', async () => {
    await processes.flush();
    processes.leave(place.assignment());
    await processes.flush();
  });
});

test('startTimeOf', () => {
  expect(startTimeOf(process.pid)).toEqual(linux ? expect.stringMatching(/^\d+$/) : null);
  expect(startTimeOf(2 ** 22 + 1)).toBeNull();
});
