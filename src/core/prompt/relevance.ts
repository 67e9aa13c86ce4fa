/**
 * How much a section of a document has to do with a task: the story it serves, the paths and the words it shares with
 * it. Knows words; not how many of the sections fit.
 */
import type { StoryId, Task } from '../task.ts';
import { type Section, sectionsOf, wholeOf } from './sections.ts';

export type DocumentKind = 'feature' | 'standard';

export interface PromptDocument {
  /** Relative to the project root, `/` as separator. */
  readonly name: string;
  readonly kind: DocumentKind;
  /** Without control codes and secrets; empty where it is too long to be read. */
  readonly text: string;
  readonly sections: readonly IndexedSection[];
}

interface IndexedSection extends Section {
  readonly lower: string;
  readonly headingWords: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
  /** Stories that the heading, or one above it, is about. */
  readonly about: ReadonlySet<StoryId>;
  /** Stories that the text names. */
  readonly names: ReadonlySet<StoryId>;
  /** What it is worth for any task. */
  readonly base: number;
}

/** What of a task is looked for. */
export interface Focus {
  readonly id: string;
  readonly stories: readonly StoryId[];
  /** Lower case: paths, and the names at their ends. */
  readonly paths: readonly string[];
  readonly files: readonly string[];
  readonly words: readonly string[];
}

/** A section below this is left out. */
export const RELEVANT = 6;

/** Reads a document once for all tasks. */
export function documentOf(name: string, kind: DocumentKind, text: string): PromptDocument {
  const sections = /\.(?:md|mdx|markdown)$/i.test(name) ? sectionsOf(text) : wholeOf(text);
  return { name, kind, text, sections: sections.map((section) => indexed(section, name, kind, text)) };
}

function indexed(section: Section, name: string, kind: DocumentKind, text: string): IndexedSection {
  const own = text.slice(section.start, section.end);
  const title = [...section.above, section.heading ?? ''].join('\n');
  return {
    ...section,
    lower: own.toLowerCase(),
    // A contract has no headings; its name says what it is about.
    headingWords: wordsIn(section.heading ?? (name.split('/').at(-1) as string).replace(/\.[^.]*$/, '')),
    words: wordsIn(own),
    about: storiesIn(title),
    names: storiesIn(own),
    base: baseOf(section, name, kind),
  };
}

function baseOf({ heading, above }: Section, name: string, kind: DocumentKind): number {
  const title = [...above, heading ?? ''].join('\n');
  if (kind === 'standard') return 12;
  if (/\b(?:error|edge case|failure|exception|invalid)/i.test(title)) return 8;
  return /(?:^|\/)plan\.md$/i.test(name) && /summary|technical context|structure|source code/i.test(title) ? 10 : 0;
}

export function focusOf(task: Task, stories: readonly StoryId[]): Focus {
  const paths = [...new Set(task.paths.map((path) => path.toLowerCase().replace(/^\.\//, '').replace(/\/$/, '')))];
  const text = task.paths.reduce((rest, path) => rest.replaceAll(path, ' '), `${task.title}\n${task.body}`);
  const stems = paths.map((path) => (path.split('/').at(-1) as string).replace(/\.[^.]*$/, ''));
  return {
    id: task.id.toLowerCase(),
    stories,
    paths: paths.filter((path) => path.length > 3),
    files: [...new Set(paths.map((path) => path.split('/').at(-1) as string))].filter((file) => file.length > 3),
    words: [...new Set([...wordsIn(text.slice(0, 4_000)), ...stems.flatMap((stem) => [...wordsIn(stem)])])].slice(
      0,
      60,
    ),
  };
}

/** 0 and above the more it has to do with the task; below 0: it is about something else. */
export function scoreOf(section: IndexedSection, focus: Focus): number {
  let score = section.base;
  const isOwn = focus.stories.some((story) => section.about.has(story));
  if (isOwn) score += 100;
  else if (focus.stories.some((story) => section.names.has(story))) score += 20;
  const named = focus.paths.filter((path) => section.lower.includes(path)).length;
  score += Math.min(80, 40 * named);
  if (named === 0) score += 15 * Math.min(2, focus.files.filter((file) => section.lower.includes(file)).length);
  if (!focus.id.startsWith('#') && section.lower.includes(focus.id)) score += 30;
  let inText = 0;
  for (const word of focus.words) {
    if (section.headingWords.has(word)) score += 8;
    else if (section.words.has(word)) inText += 1;
  }
  score += 2 * Math.min(8, inText);
  // What another story wants is not this task's business, unless it speaks of its files.
  return !isOwn && section.about.size > 0 && focus.stories.length > 0 && named === 0 ? score - 60 : score;
}

const STOP = new Set(
  [
    ...['the', 'and', 'for', 'with', 'from', 'into', 'that', 'this', 'all', 'are', 'not', 'can', 'has', 'have', 'its'],
    ...['each', 'when', 'will', 'must', 'should', 'use', 'using', 'via', 'per', 'create', 'add', 'implement', 'make'],
    ...['write', 'update', 'file', 'files', 'task', 'depend', 'depends', 'src', 'test', 'tests', 'story', 'user'],
  ].map(stemOf),
);

/** Words of three letters or more in lower case, a plural `s` taken off; `LogInForm` and `log_in_form` are three. */
function wordsIn(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  const parted = text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
  for (const [word] of parted.matchAll(/[\p{L}\p{N}]{3,}/gu)) {
    const stem = stemOf(word.toLowerCase());
    if (!STOP.has(stem)) words.add(stem);
  }
  return words;
}

function stemOf(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

function storiesIn(text: string): ReadonlySet<StoryId> {
  const stories = new Set<StoryId>();
  for (const match of text.matchAll(/\b(?:user story|us-?)\s?0*(\d{1,4})\b/gi)) stories.add(`US${match[1]}`);
  return stories;
}
