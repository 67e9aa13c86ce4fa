/**
 * The checkbox that a task's line begins with. Reads the source slice, for Markdown knows only
 * `[ ]` and `[x]`. Which of these items is a task is for the dialect.
 */
import { readId } from '../core/ids.ts';
import type { Span } from '../core/source.ts';
import type { BoxState } from '../core/task.ts';
import { TASK_ID } from '../core/words.ts';

export interface FoundBox {
  readonly inner: Span;
  readonly state: BoxState;
  /** Offset of the text behind it. */
  readonly content: number;
  /** What stands in it, where that is no known state. */
  readonly unknown: string | null;
}

const MARKER = /^(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\[)/;
const BRACKETS = /^\[([^\][\r\n]{0,12})\](?![([:])[ \t]*/;

/** The checkbox that the list item at `[start, end)` begins with, or `null`. */
export function readBox(text: string, start: number, end: number): FoundBox | null {
  const head = MARKER.exec(text.slice(start, Math.min(end, start + 24)));
  if (head === null) return null;
  const open = start + head[0].length;
  const brackets = BRACKETS.exec(text.slice(open, Math.min(end, open + 40)));
  if (brackets === null) return null;
  const raw = brackets[1] as string;
  const mark = raw.trim();
  // `[P]` is prose, and so is any longer word.
  if ([...mark.replace(/\uFE0F/g, '')].length > 1 || /^p$/i.test(mark)) return null;
  const content = open + brackets[0].length;
  const state = stateOf(mark);
  // `[A] first choice` is a checkbox only where a task id stands behind it.
  if (state === null && /[\p{L}\p{N}]/u.test(mark) && readId(text, content, end) === null) return null;
  const inner = { start: open + 1, end: open + 1 + raw.length };
  return { inner, state: state ?? 'open', content, unknown: state === null ? mark : null };
}

function stateOf(mark: string): BoxState | null {
  if (mark === '') return 'open';
  if (/^(?:[xX]|✅\uFE0F?)$/u.test(mark)) return 'done';
  return mark === '-' ? 'skipped' : null;
}

/** A line that looks like a task with an id, wherever it stands: the cheap test whether a text is worth reading. */
export const ANY_ID_LINE = new RegExp(
  `^[ \\t>]*(?:[-*+]|\\d{1,9}[.)])[ \\t]+\\[[^\\]\\n]{0,4}\\][ \\t]*(?:~~|\\*\\*|__|\`|\\[){0,3}${TASK_ID}`,
  'mu',
);
