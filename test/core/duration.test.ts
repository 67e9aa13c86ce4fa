import { describe, expect, test } from 'vitest';
import { clockTime, duration, parseDuration } from '../../src/core/duration.ts';

describe('duration', () => {
  test.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [850, '850 ms'],
    [999.6, '1 s'],
    [1000, '1 s'],
    [1240, '1.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [59_400, '59 s'],
    [59_600, '1m 0s'],
    [123_000, '2m 3s'],
    [3_599_600, '1h 0m'],
    [3_840_000, '1h 4m'],
    [100 * 3_600_000, '100h 0m'],
  ])('%d ms reads %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('clockTime', () => {
  test.each([
    [0, '00:00'],
    [999, '00:00'],
    [27_000, '00:27'],
    [3_599_999, '59:59'],
    [3_723_000, '1:02:03'],
    [360_000_000, '100:00:00'],
  ])('%d ms reads %s', (ms, text) => expect(clockTime(ms)).toBe(text));
});

describe('parseDuration', () => {
  test.each<[string, number | null]>([
    ['30s', 30_000],
    ['10m', 600_000],
    ['10min', 600_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    [' 5M ', 300_000],
    ['90', 90_000],
    ['0.5', 500],
    ['0.4ms', null],
    ['0', null],
    ['0s', null],
    ['', null],
    ['-5s', null],
    ['5x', null],
    ['s', null],
    ['1e3', null],
    ['5s later', null],
    ['9'.repeat(400), null],
  ])('%j is %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test('takes no longer for hostile text', () => {
    expect(parseDuration(`${'1'.repeat(50_000)}x`)).toBe(null);
    expect(parseDuration(`${'1 '.repeat(20_000)}`)).toBe(null);
  });
});
