import { expect, test } from 'vitest';
import { resetAfter, resetIn } from '../../src/runners/agents/reset.ts';

const at = (iso: string): number => Date.parse(iso);

test.each([
  ["You've hit your limit · resets 1pm (Europe/Lisbon)", '2026-11-20T10:30:20Z', '2026-11-20T13:00:00Z'],
  ["You've hit your session limit · resets 5:10pm (Europe/Berlin)", '2026-11-20T10:30:00Z', '2026-11-20T16:10:00Z'],
  ['Session limit reached ∙ resets 7am (Asia/Tokyo)', '2026-11-20T23:00:00Z', '2026-11-21T22:00:00Z'],
  ['resets 12am (America/New_York)', '2026-11-20T10:00:00Z', '2026-11-21T05:00:00Z'],
  ['resets at 12pm (UTC)', '2026-11-20T12:00:00Z', '2026-11-21T12:00:00Z'],
])('%s, read at %s', (text, now, then) => {
  expect(new Date(resetAfter(text, at(now)) as number).toISOString()).toBe(new Date(then).toISOString());
});

test('a night in which the clocks change', () => {
  const before = at('2026-10-24T20:00:00Z');
  expect(resetAfter('resets 7am (Europe/Berlin)', before)).toBe(at('2026-10-25T06:00:00Z'));
  expect(resetAfter('resets 7am (Europe/Berlin)', at('2026-03-28T20:00:00Z'))).toBe(at('2026-03-29T05:00:00Z'));
});

test.each([
  'resets 13pm (UTC)',
  'resets 0am',
  'resets 5:75pm',
  'resets 5pm (Not/AZone)',
  'resets soon',
  '',
])('%j names no time', (text) => expect(resetAfter(text, at('2026-11-20T10:00:00Z'))).toBeNull());

test('a moment named outright', () => {
  expect(resetIn('Claude AI usage limit reached|1763689200')).toBe(1_763_689_200_000);
  expect(resetIn('usage limit reached|1763689200000')).toBe(1_763_689_200_000);
  expect(resetIn('usage limit reached')).toBeNull();
});
