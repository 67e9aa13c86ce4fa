import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ancestors, groupLedBy, isAlive, markerName, signal, startTimeOf, survey } from '../../src/runners/family.ts';
import { createPlace, linux, type Place, until } from '../support/attempt.ts';

let place: Place;

beforeEach(() => {
  place = createPlace();
});

afterEach(() => place.remove());

test('markerName is a name that every shell takes', () => {
  expect(markerName('2026-11-20T10:00-ä$x')).toBe('IMPLEMENT_MARK_2026_11_20T10_00___x');
});

describe('isAlive', () => {
  test('this process, with and without its start time', () => {
    expect(isAlive(process.pid, null)).toBe(true);
    expect(isAlive(process.pid, startTimeOf(process.pid))).toBe(true);
  });

  test.runIf(linux)('a number that was given again', () => {
    expect(isAlive(process.pid, '1')).toBe(false);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 22 + 1, 2 ** 40])('%d is no process', (pid) => {
    expect(isAlive(pid, null)).toBe(false);
  });

  test.runIf(linux)('a zombie does not run', async () => {
    // The parent becomes a program that never asks how its child ended; until then a shell might ask.
    const child = 'until grep -q sleep "/proc/$PPID/comm"; do sleep 0.01; done';
    spawn('sh', ['-c', `sh -c '${child}' & echo $! > zombie; echo $$ > parent; exec sleep 300`], {
      cwd: place.dir,
      stdio: 'ignore',
    });
    const zombie = await place.pid('zombie');
    await place.pid('parent');
    await until(() => !isAlive(zombie, null));
    expect(signal(zombie, 0)).toBe('sent');
    expect(survey(new Set(), true)?.some(({ pid }) => pid === zombie)).toBe(false);
  });
});

test('signals to nobody in particular are not sent', () => {
  expect(signal(0, 'SIGTERM')).toBe('gone');
  expect(signal(-0, 'SIGTERM')).toBe('gone');
  expect(signal(-1, 'SIGTERM')).toBe('gone');
  expect(signal(2 ** 22 + 1, 'SIGTERM')).toBe('gone');
});

describe.runIf(linux)('what the system shows', () => {
  test('a program whose name tries to look like other fields', async () => {
    const odd = place.file(') Z 1 (x');
    copyFileSync(execFileSync('sh', ['-c', 'command -v sleep'], { encoding: 'utf8' }).trim(), odd);
    const child = spawn(odd, ['300'], {
      detached: true,
      stdio: 'ignore',
      env: { IMPLEMENT_MARK_a: 'b=c', XIMPLEMENT_MARK_a: 'no' },
    });
    const pid = child.pid ?? 0;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    expect(isAlive(pid, startTimeOf(pid))).toBe(true);
    expect(groupLedBy(pid, startTimeOf(pid) ?? '')).toBe(pid);
    expect(groupLedBy(pid, '1')).toBeNull();
    const found = survey(new Set(['IMPLEMENT_MARK_a', 'MARK_a']), false);
    expect(found?.filter((process) => process.pid === pid)).toEqual([
      { pid, group: pid, marks: new Map([['IMPLEMENT_MARK_a', 'b=c']]) },
    ]);
    signal(-pid, 'SIGKILL');
    await exited;
    expect(startTimeOf(pid)).toBeNull();
  });

  test('this process and those above it', () => {
    expect([...ancestors()].slice(0, 2)).toEqual([process.pid, process.ppid]);
    expect(survey(new Set(), true)?.some(({ pid }) => pid === process.pid)).toBe(false);
  });
});
