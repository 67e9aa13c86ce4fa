import { describe, expect, test } from 'vitest';
import { createLiveReporter } from '../../src/reporters/live.ts';
import type { Screen } from '../../src/reporters/reporter.ts';
import { tell } from './lines.ts';

/** A terminal that remembers what was drawn on it, in order with the lines. */
function terminal(columns = 60) {
  const seen: string[] = [];
  let tick: (() => void) | null = null;
  const screen: Screen = {
    columns,
    draw: (text) => void seen.push(`draw ${text}`),
    clear: () => void seen.push('clear'),
    every(_ms, redraw) {
      tick = redraw;
      return () => {
        tick = null;
      };
    },
  };
  const output = {
    out: (text: string) => void seen.push(text),
    err: (text: string) => void seen.push(text),
  };
  return { screen, output, seen, tick: () => tick?.(), isTicking: () => tick !== null };
}

const TEXT = Array.from({ length: 10 }, (_, i) => `- [ ] T0${i + 10} [P] Make part ${i}`).join('\n');

describe('the live reporter', () => {
  test('shows what runs with its age, below the lines', () => {
    const { screen, output, seen, tick, isTicking } = terminal();
    const { hand, pass, close } = tell(createLiveReporter, TEXT, { parallel: true, options: { screen, output } });
    hand.start(0, 1);
    hand.start(0, 2);
    pass(65_000);
    seen.length = 0;
    tick();
    expect(seen).toEqual(['draw   ▸ 01:05 T010 Make part 0\n  ▸ 01:05 T011 Make part 1']);
    seen.length = 0;
    hand.end('T010', 'done', 66_000);
    expect(seen).toEqual([
      'clear',
      '[1/10] ✓ T010 Make part 0 (1m 6s) · slot 1 · 01:06',
      'draw   ▸ 01:06 T011 Make part 1',
    ]);
    hand.end('T011', 'done', 66_000);
    expect(seen.at(-1)).toBe('clear');
    close('partial');
    expect(isTicking()).toBe(false);
    expect(seen.some((line) => line.startsWith('draw') && line.includes('Summary'))).toBe(false);
    expect(seen.indexOf('Implementation Partially Complete')).toBeGreaterThan(0);
  });

  test('shows so many lines at most, none wider than the terminal', () => {
    const { screen, output, seen, tick } = terminal(20);
    const text = `${TEXT}\n- [ ] T099 [P] 認証サービスを作成する`;
    const { hand } = tell(createLiveReporter, text, { parallel: true, slots: 11, options: { screen, output } });
    hand.fill();
    tick();
    const lines = (seen.at(-1) as string).replace('draw ', '').split('\n');
    expect(lines).toHaveLength(9);
    expect(lines[0]).toBe('  ▸ 00:00 T010 Mak…');
    expect(lines.at(-1)).toBe('  … and 3 more');
  });

  test('counts wide characters double', () => {
    const { screen, output, seen, tick } = terminal(20);
    const { hand } = tell(createLiveReporter, '- [ ] T001 認証サービス\n', { options: { screen, output } });
    hand.fill();
    tick();
    expect(seen.at(-1)).toBe('draw   ▸ 00:00 T001 認…');
  });

  test('is the plain reporter where there is no terminal', () => {
    const { err } = tell(createLiveReporter, '- [ ] T001 Make it\n');
    expect(err.at(-1)).toBe('Running 1 task, one at a time (run 20260101-120000-0000)');
  });
});
