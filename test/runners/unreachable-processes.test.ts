/** What happens where processes cannot be seen, may not be signalled, or do not react even to KILL. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as family from '../../src/runners/family.ts';
import { createProcesses } from '../../src/runners/process.ts';
import { createReaper } from '../../src/runners/reaper.ts';
import { type Clock, systemClock } from '../../src/util/clock.ts';
import { AN_HOUR, createIo, createPlace, linux, type Place, program } from '../support/attempt.ts';

vi.mock('../../src/runners/family.ts', { spy: true });

let place: Place;

beforeEach(() => {
  place = createPlace();
});

afterEach(() => {
  vi.mocked(family.survey).mockReset();
  vi.mocked(family.signal).mockReset();
  place.remove();
});

/** Every wait is over at once, and took as long as it should. */
function createHastyClock(): Clock {
  let now = Date.now();
  return {
    now: () => now,
    after(ms, wake) {
      const handle = setImmediate(() => {
        now += ms;
        wake();
      });
      return () => clearImmediate(handle);
    },
  };
}

function run(source: string, graceMs: number, clock: Clock) {
  const io = createIo();
  const processes = createProcesses({ env: process.env, redact: (text) => text, clock });
  const outcome = processes.run({ file: 'sh', args: ['-c', source] }, place.assignment({ graceMs }), io);
  return { io, outcome };
}

// A zombie is still a member of its group, and init may take its time.
describe('where the system does not show its processes', { timeout: 20_000 }, () => {
  beforeEach(() => {
    vi.mocked(family.survey).mockReturnValue(null);
  });

  test('the group is ended all the same', async () => {
    const { io, outcome } = run(`sh ${program('ignore-term.sh')} pid; true`, 20, systemClock);
    const pid = await place.pid('pid');
    io.stopNow();
    expect(await outcome).toMatchObject({ failure: { reason: 'cancelled' } });
    expect(family.isAlive(pid, null)).toBe(false);
  });

  test('also when its leader is gone', async () => {
    const { outcome } = run('sleep 300 & echo $! > pid', AN_HOUR, systemClock);
    expect(await outcome).toEqual({ kind: 'success', verified: null });
    expect(family.isAlive(await place.pid('pid'), null)).toBe(false);
  });

  test('a marker alone finds nobody', async () => {
    const target = { marker: { name: 'IMPLEMENT_MARK_x', value: null }, groups: [] };
    expect(await createReaper(systemClock).end(target, AN_HOUR).over).toEqual({ seen: 0, left: 0 });
  });
});

describe.runIf(linux)('what cannot be ended', () => {
  test('a process that is not ours to signal is not waited for', async () => {
    vi.mocked(family.signal).mockReturnValue('denied');
    const { io, outcome } = run('echo $$ > pid; exec sleep 300', AN_HOUR, systemClock);
    const pid = await place.pid('pid');
    io.stopNow();
    expect(await outcome).toMatchObject({
      failure: { reason: 'cancelled', message: 'cancelled (1 of its processes cannot be ended)', exitCode: null },
    });
    expect(family.isAlive(pid, null)).toBe(true);
  });

  test('a process that does not react to KILL is given up', async () => {
    vi.mocked(family.signal).mockReturnValue('sent');
    const { io, outcome } = run('echo $$ > pid; exec sleep 300', 1000, createHastyClock());
    const pid = await place.pid('pid');
    io.stopNow();
    expect(await outcome).toMatchObject({
      failure: { reason: 'cancelled', message: 'cancelled (1 of its processes cannot be ended)', exitCode: null },
    });
    const sent = vi.mocked(family.signal).mock.calls.filter(([target]) => target === -pid);
    expect(sent[0]).toEqual([-pid, 'SIGTERM']);
    expect(sent.slice(1).length).toBeGreaterThan(1);
    expect(sent.slice(1).every(([, name]) => name === 'SIGKILL')).toBe(true);
  });
});
