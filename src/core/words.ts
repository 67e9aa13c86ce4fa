/**
 * The tables of all languages joined, as sources of regular expressions, and the marks that have no language: task
 * ids, arrows, borders of words. Knows no grammar.
 */
import { LANGUAGES, type Words } from './languages.ts';
import { ALPHABETIC, DIGIT } from './letters.ts';

/**
 * A task id wherever it stands in a text: `T001`, `T046B`, `T052.1`, `T062-1`, `T-W01`, `TASK-001`, `TSK-AUTH-001`;
 * `'` ends some ids of real files.
 */
export const TASK_ID = String.raw`(?:(?:TASK|TSK)(?:-[A-Z][A-Z0-9]{0,15}){0,4}-\d{1,9}|T(?:-[A-Z]{1,3})?-?\d{1,9})(?:[A-Za-z]{1,2}(?![A-Za-z0-9]))?(?:[.-]\d{1,9}){0,4}[a-z]?'{0,2}(?![A-Za-z0-9_])`;

const NEVER = '(?!)';

/** The words of all languages for one use. */
function join(key: keyof Words): string {
  return Object.values(LANGUAGES)
    .map((words) => words[key] ?? NEVER)
    .join('|');
}

export const WORDS: Readonly<Record<keyof Words, string>> = {
  after: join('after'),
  before: join('before'),
  behind: join('behind'),
  ahead: join('ahead'),
  topic: join('topic'),
  lead: join('lead'),
  tail: join('tail'),
  manner: join('manner'),
  filler: join('filler'),
  negative: join('negative'),
  doubt: join('doubt'),
  loose: join('loose'),
  apart: join('apart'),
  and: join('and'),
  pronoun: join('pronoun'),
  everyStory: join('everyStory'),
  label: join('label'),
  beforeLabel: join('beforeLabel'),
};

export const ARROW = '[─━═—–-]{0,80}(?:-{1,3}>|={1,3}>|[→⟶➜➔►▶▸⇒⟹]|➡\uFE0F?)';

/** Begins a word of a table: before an alphabetic letter no further letter or digit may stand. */
export const WORD_START = `(?:(?<![${ALPHABETIC}${DIGIT}_])|(?![${ALPHABETIC}${DIGIT}]))`;
/** Ends a word of a table: behind an alphabetic letter no further letter or digit may stand. */
export const WORD_END = `(?:(?<![${ALPHABETIC}${DIGIT}])|(?![${ALPHABETIC}${DIGIT}_]))`;

/** A word of a table between its borders. */
export function word(source: string): string {
  return `${WORD_START}(?:${source})${WORD_END}`;
}

const SAYS_ORDER = new RegExp(
  `${word([WORDS.after, WORDS.before, WORDS.label, WORDS.beforeLabel].join('|'))}|(?:${WORDS.behind}|${WORDS.ahead})|${ARROW}`,
  'iu',
);

/** A cheap test before the grammar: a text without these words says nothing about order. */
export function mayOrder(text: string): boolean {
  return SAYS_ORDER.test(text);
}
