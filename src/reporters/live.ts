/** On a terminal: the plain lines, and below them a line per running task with its age. Redraws nothing else. */

import { widthOf } from '../core/caret.ts';
import { clockTime } from '../core/duration.ts';
import type { RunState } from '../core/state.ts';
import { createPlainReporter } from './plain.ts';
import type { Output, Reporter, ReporterOptions, Screen } from './reporter.ts';

/** Redraw at most this often, in ms. */
const INTERVAL = 250;
const MAX_LINES = 8;

/** Without a screen these are the plain lines. */
export function createLiveReporter(options: ReporterOptions): Reporter {
  return options.screen === null ? createPlainReporter(options) : onScreen(options, options.screen);
}

function onScreen(options: ReporterOptions, screen: Screen): Reporter {
  let state: RunState | null = null;
  let stop: (() => void) | null = null;
  const render = (): void => {
    if (state === null) return;
    const lines = [...state.running.values()].map((step) => {
      const age = step.current === null ? 0 : options.now() - step.current.startedAt;
      const text = step.task === null ? step.label : `${step.id} ${options.clean(step.task.title)}`;
      return cut(`  ▸ ${clockTime(age)} ${text}`, screen.columns - 1);
    });
    const hidden = lines.length - MAX_LINES;
    const shown = hidden > 0 ? [...lines.slice(0, MAX_LINES), `  … and ${hidden} more`] : lines;
    if (shown.length > 0) screen.draw(options.paint.dim(shown.join('\n')));
    else screen.clear();
  };
  const above = (write: (text: string) => void) => (text: string) => {
    screen.clear();
    write(text);
    if (stop !== null) render();
  };
  const output: Output = { out: above(options.output.out), err: above(options.output.err) };
  const plain = createPlainReporter({ ...options, output });
  return {
    begin(opening) {
      state = opening.state;
      plain.begin(opening);
      stop = screen.every(INTERVAL, render);
    },
    on(event, current) {
      plain.on(event, current);
    },
    note: (diagnostic) => plain.note(diagnostic),
    end(closing) {
      stop?.();
      stop = null;
      screen.clear();
      plain.end(closing);
    },
  };
}

function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let out = '';
  let width = 0;
  for (const symbol of text) {
    width += widthOf(symbol);
    if (width >= columns) break;
    out += symbol;
  }
  return `${out}…`;
}
