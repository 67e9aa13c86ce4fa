/**
 * Markers of a task's line: `[P]`, `[US1]`, `[ALL]`, `[P1]`, labels; and the title, which is what is left. Knows the
 * line behind box and id; knows nothing of lists.
 */
import { findStories } from '../core/headings.ts';
import type { StoryId } from '../core/task.ts';
import { mayOrder } from '../core/words.ts';

export interface Markers {
  readonly title: string;
  readonly parallel: boolean;
  readonly stories: readonly StoryId[];
  readonly all: boolean;
  /** 0 for P0, 1 for P1, …; `null` where none is given. */
  readonly priority: number | null;
  readonly labels: readonly string[];
}

type Meaning =
  | { readonly kind: 'parallel' }
  | { readonly kind: 'all' }
  | { readonly kind: 'priority'; readonly rank: number }
  | { readonly kind: 'story'; readonly ids: readonly StoryId[] };

const FRONT = /^(?:\*\*|__|`){0,2}\\?\[([^\][\r\n]{1,60}?)\\?\](?![(/.])(?:\*\*|__|`){0,2}\s*[:：]?\s*/;
const SEPARATORS = [/[,+/&|、;]|\s+and\s+/, /\s+/];
/** Behind these, `[P]` at the end of a line speaks of the marker: `must not be marked as [P]`. */
const SPEAKS_OF_MARKER = /(?:\bas|parallel|marked|marker|tag(?:ged)?|not|no|without|with|the|an?|task)\s*$/i;
/** A tag at the end of a line that is a label: `[TEST]`, `[FR-012]`, `[共通]`; not `[id]`, a placeholder of a path. */
const END_LABEL = /^(?:\p{Lu}[\p{Lu}\p{N}_-]{1,19}|[\p{Lo}\p{N}]{1,20})$/u;
const LONGEST_END = 44;

/**
 * Reads the markers behind the id, in any order, and at the end of the line. Without an id only the known ones
 * count, so that `[WIP] Add login` keeps its words.
 */
export function readMarkers(line: string, hasId: boolean): Markers {
  const found = {
    parallel: false,
    all: false,
    priority: null as number | null,
    stories: [] as StoryId[],
    labels: [] as string[],
  };
  const take = (meanings: readonly Meaning[]): void => {
    for (const meaning of meanings) {
      if (meaning.kind === 'parallel') found.parallel = true;
      else if (meaning.kind === 'all') found.all = true;
      else if (meaning.kind === 'priority') found.priority = meaning.rank;
      else for (const id of meaning.ids) found.stories.push(id);
    }
  };
  let rest = line
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replaceAll('~~', '')
    .trim();
  if (hasId) rest = rest.replace(/^(?:\*\*|__)?\s*[:：.]\s*/, '').replace(/^(?:\*\*|__)?\s*[-–—]\s+/, '');
  for (;;) {
    const group = FRONT.exec(rest);
    if (group === null) break;
    const inner = (group[1] as string).trim();
    const meanings = meaningsOf(inner);
    if (meanings !== null) take(meanings);
    else if (hasId && inner !== '' && !mayBeSentence(inner)) found.labels.push(inner);
    else break;
    rest = rest.slice(group[0].length);
  }
  if (hasId) rest = rest.replace(/^[-–—]\s+/, '');
  for (;;) {
    const group = groupAtEnd(rest);
    if (group === null || SPEAKS_OF_MARKER.test(group.before.slice(-30))) break;
    const meanings = meaningsOf(group.inner);
    if (meanings !== null) take(meanings);
    else if (hasId && END_LABEL.test(group.inner)) found.labels.push(group.inner);
    else break;
    rest = group.before;
  }
  return { ...found, stories: [...new Set(found.stories)], labels: [...new Set(found.labels)], title: titleOf(rest) };
}

/** What a bracket means if all of it is known: `P`, `US1+US4`, `P, US2`, `P1`; else `null`. */
function meaningsOf(inner: string): readonly Meaning[] | null {
  const whole = meaningOf(inner);
  if (whole !== null) return [whole];
  for (const separator of SEPARATORS) {
    const meanings = inner.split(separator).map((part) => meaningOf(part.trim()));
    if (meanings.length > 1 && meanings.every((meaning) => meaning !== null)) return meanings as Meaning[];
  }
  return null;
}

function meaningOf(part: string): Meaning | null {
  if (/^P$/i.test(part)) return { kind: 'parallel' };
  if (/^ALL$/i.test(part)) return { kind: 'all' };
  const rank = /^(?:priority\s*:?\s*)?P([0-9])$/i.exec(part);
  if (rank !== null) return { kind: 'priority', rank: Number(rank[1]) };
  const [story, more] = findStories(part);
  const isWhole = story !== undefined && more === undefined && story.start === 0 && story.end === part.length;
  return isWhole ? { kind: 'story', ids: story.stories } : null;
}

/** `[depends on T001]` is a sentence in brackets, `[FR-012]` a label. */
function mayBeSentence(inner: string): boolean {
  return /[\s:]/.test(inner) && mayOrder(inner);
}

/** The bracket that a line ends with, marks and a full stop behind it aside. */
function groupAtEnd(line: string): { inner: string; before: string } | null {
  const tail = line.slice(-LONGEST_END);
  const group = /(?:^|\s)(?:\*\*|`)?\\?\[([^\][\r\n]{1,40}?)\\?\](?:\*\*|`)?[.\s]{0,4}$/.exec(tail);
  if (group === null || (group.index === 0 && tail.length < line.length && !/^\s/.test(group[0]))) return null;
  const inner = (group[1] as string).trim();
  return { inner, before: line.slice(0, line.length - tail.length + group.index).trimEnd() };
}

function titleOf(text: string): string {
  const isOpened = (text.match(/\*\*/g) ?? []).length % 2 === 1;
  return (isOpened ? text.replace('**', '') : text).replaceAll('\0', '\uFFFD').replace(/\s+/g, ' ').trim();
}
