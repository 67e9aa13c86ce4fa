/**
 * Task ids at the head of a line or a heading. Knows how an id is written; whether there is such a task is for
 * others.
 */
import { ARROW, TASK_ID } from './words.ts';

export interface FoundId {
  readonly id: string;
  /** Offset of the text behind it. */
  readonly end: number;
  /** The strike-through of the item begins before the id. */
  readonly struck: boolean;
}

const ID = new RegExp(`^(?<strike>~~)?(?<mark>\\*\\*|__|\`)?\\[?(?<id>${TASK_ID})\\]?`, 'u');
/** `T001-T005 …`, `T001, T002 …`, `T001 → T002`: a line about several tasks is no task. */
const MORE_IDS = new RegExp(`^\\s{0,3}(?:[-–—~,+/&∥|]|and\\b|to\\b|${ARROW})\\s{0,3}\\[?${TASK_ID}`, 'u');
/** `T004 - T003 was wrong, mend it`: a dash in blanks begins a title, unless the ids rise. */
const DASHED = new RegExp(`^\\s{1,3}[-–—]\\s{1,3}(?<id>${TASK_ID})`, 'u');

const LOOKAHEAD = 120;

/** The task id that the text at `[start, end)` begins with, or `null`. */
export function readId(text: string, start: number, end: number): FoundId | null {
  const slice = text.slice(start, Math.min(end, start + LOOKAHEAD));
  const match = ID.exec(slice);
  if (match === null) return null;
  const { id, mark, strike } = match.groups as { id: string; mark?: string; strike?: string };
  let length = match[0].length;
  if (isAboutSeveral(id, slice.slice(length))) return null;
  if (mark !== undefined && slice.startsWith(mark, length)) length += mark.length;
  return { id, end: start + length, struck: strike !== undefined };
}

function isAboutSeveral(id: string, behind: string): boolean {
  if (!MORE_IDS.test(behind)) return false;
  const other = DASHED.exec(behind)?.groups?.['id'];
  return other === undefined || number(other) > number(id);
}

function number(id: string): number {
  return Number(/\d+/.exec(id)?.[0] ?? 0);
}

/** The id that a heading begins with, if it speaks for one task: `#### T005: Create the model`. */
export function headingId(text: string): string | null {
  return readId(text, 0, text.length)?.id ?? null;
}
