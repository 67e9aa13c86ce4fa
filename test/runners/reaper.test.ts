import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive, markerName, startTimeOf } from '../../src/runners/family.ts';
import { createReaper, endOrphans } from '../../src/runners/reaper.ts';
import { type Clock, systemClock } from '../../src/util/clock.ts';
import { AN_HOUR, createPlace, linux, type Place, program } from '../support/attempt.ts';

let place: Place;
let run: string;

beforeEach(() => {
  place = createPlace();
  run = place.assignment().run;
});

afterEach(() => place.remove());

/** A process as a dead run left it: a leader of its own group, whose marker is given or absent. */
async function orphan(
  name: string,
  source: string,
  marker: string | null,
): Promise<{ pid: number; startTime: string | null }> {
  const { [markerName(run)]: _, ...env } = process.env;
  const child = spawn('sh', ['-c', source], {
    cwd: place.dir,
    env: marker === null ? env : { ...env, [markerName(run)]: marker },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  const pid = await place.pid(name);
  return { pid, startTime: startTimeOf(pid) };
}

const sleeper = (name: string): string => `echo $$ > ${name}; exec sleep 300`;
const stubborn = (name: string): string => `exec sh ${program('ignore-term.sh')} ${name}`;
const alive = ({ pid }: { pid: number }): boolean => isAlive(pid, null);

describe.runIf(linux)('endOrphans', () => {
  test('ends what carries the marker of the run, whatever attempt it was of, and counts it', async () => {
    const first = await orphan('first', sleeper('first'), `${run}-T001-1`);
    const second = await orphan('second', stubborn('second'), `${run}-T002-1`);
    expect(await endOrphans(run, [], 50)).toBeGreaterThanOrEqual(2);
    expect([first, second].map(alive)).toEqual([false, false]);
  });

  test('ends a recorded process without a marker, and its group', async () => {
    const known = await orphan('known', 'sleep 300 & echo $! > member; echo $$ > known; wait', null);
    const member = { pid: await place.pid('member') };
    expect(await endOrphans(run, [known], AN_HOUR)).toBe(2);
    expect([known, member].map(alive)).toEqual([false, false]);
  });

  test('does not touch a process with another start time, or none, or of another run', async () => {
    const reused = await orphan('reused', sleeper('reused'), null);
    const unknown = await orphan('unknown', sleeper('unknown'), null);
    const known = [
      { pid: reused.pid, startTime: `${Number(reused.startTime) - 1}` },
      { pid: unknown.pid, startTime: null },
      { pid: 2 ** 22 + 1, startTime: '1' },
      { pid: 0, startTime: '1' },
      { pid: -1, startTime: '1' },
    ];
    const other = await orphan('other', sleeper('other'), `${run}-T001-1`);
    expect(await endOrphans(`${run}-other`, known, 0)).toBe(0);
    expect([reused, unknown, other].map(alive)).toEqual([true, true, true]);
  });

  test('does not touch the process that asks, nor those above it', async () => {
    const parent = { pid: process.ppid, startTime: startTimeOf(process.ppid) };
    const self = { pid: process.pid, startTime: startTimeOf(process.pid) };
    expect(await endOrphans(run, [parent, self], 0)).toBe(0);
    expect([parent, self].map(alive)).toEqual([true, true]);
  });

  test('nothing to end', async () => {
    expect(await endOrphans(run, [])).toBe(0);
  });
});

describe('createReaper', () => {
  function counting(): { clock: Clock; count: () => number } {
    let waits = 0;
    return {
      clock: {
        now: systemClock.now,
        after(ms, wake) {
          waits += 1;
          return systemClock.after(ms, wake);
        },
      },
      count: () => waits,
    };
  }

  test('one look for all that was left, whenever it is asked for', async () => {
    const { clock, count } = counting();
    const reaper = createReaper(clock);
    for (let id = 0; id < 1000; id += 1) {
      reaper.sweep({ marker: { name: markerName(run), value: `${run}-T${id}-1` }, groups: [] }, 100);
    }
    expect(count()).toBe(1);
    await reaper.flush();
    expect(count()).toBe(2);
  });

  test('a flush does not wait for what is being ended with a grace of its own', async () => {
    const reaper = createReaper(systemClock);
    const slow = await orphan('slow', stubborn('slow'), null);
    const ending = reaper.end({ marker: null, groups: [slow.pid] }, AN_HOUR);
    reaper.sweep({ marker: { name: markerName(run), value: 'nobody' }, groups: [] }, 100);
    await reaper.flush();
    expect(alive(slow)).toBe(true);
    ending.kill();
    expect(await ending.over).toMatchObject({ left: 0 });
    expect(alive(slow)).toBe(false);
  });

  test.runIf(linux)('spares whom it is told to spare', async () => {
    const spared = await orphan('spared', sleeper('spared'), `${run}-T001-1`);
    const other = await orphan('other', sleeper('other'), `${run}-T001-1`);
    const reaper = createReaper(systemClock, new Set([spared.pid]));
    const marker = { name: markerName(run), value: null };
    expect(await reaper.end({ marker, groups: [] }, AN_HOUR).over).toEqual({ seen: 1, left: 0 });
    expect([spared, other].map(alive)).toEqual([true, false]);
  });

  test('a group that does not exist is over', async () => {
    expect(await createReaper(systemClock).end({ marker: null, groups: [2 ** 22 + 1] }, AN_HOUR).over).toEqual({
      seen: 0,
      left: 0,
    });
  });
});
