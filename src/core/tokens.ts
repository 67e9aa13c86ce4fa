/**
 * A statement to tokens: references, words of dependency, punctuation, bracket groups. Marks of emphasis and code
 * ticks go, so `**T001**` is a reference. Knows words; the grammar is in `sentences.ts`. Linear in the text.
 */
import { PHASE_WORD, storiesAt } from './headings.ts';
import { ALPHABETIC, DIGIT } from './letters.ts';
import type { StoryId } from './task.ts';
import { ARROW, TASK_ID, WORD_END, WORD_START, WORDS, word } from './words.ts';

/** One end of an order, as written. */
export type Ref =
  | { readonly kind: 'task'; readonly id: string }
  | { readonly kind: 'range'; readonly from: string; readonly to: string }
  | { readonly kind: 'story'; readonly id: StoryId }
  | { readonly kind: 'phase'; readonly number: string }
  | { readonly kind: 'phase-name'; readonly name: string }
  | { readonly kind: 'every-story' };

/** Names by which phases may be called, lower case. */
export interface Vocabulary {
  readonly phaseNames: readonly string[];
}

export type Kind =
  | 'list-item'
  | 'after'
  | 'before'
  | 'behind'
  | 'ahead'
  | 'arrow'
  | 'negative'
  | 'doubt'
  | 'and'
  | 'colon'
  | 'dash'
  | 'stop'
  | 'comma'
  | 'group'
  | 'word'
  | 'other';

/** Further uses of a word: `complete` may lead to `before`, or end a list. */
export interface Uses {
  readonly lead: boolean;
  readonly tail: boolean;
  readonly manner: boolean;
  readonly filler: boolean;
  readonly pronoun: boolean;
  readonly topic: boolean;
  readonly loose: boolean;
  readonly apart: boolean;
}

export interface Token extends Uses {
  readonly kind: Kind;
  readonly text: string;
  /** Offsets into the statement. */
  readonly start: number;
  readonly end: number;
  readonly refs: readonly Ref[];
  /** Content of a bracket group, groups inside it left out. */
  readonly inner: readonly Token[];
}

const FLAGS = 'iuy';
const here = (source: string): RegExp => new RegExp(word(source), FLAGS);
const whole = (source: string): RegExp => new RegExp(`^(?:${source})$`, 'iu');

const RANGE_JOINT = String.raw`\s{0,3}(?:-|–|~|～|\.{2,3}|…)\s{0,3}|—|\s{1,3}(?:to|through|thru|bis|al?|do|até|hasta)\s{1,3}|\s{0,3}(?:から|到|至|부터)\s{0,3}`;
const TASKS = new RegExp(`${WORD_START}(${TASK_ID})(?:(?:${RANGE_JOINT})(?<to>${TASK_ID}))?`, 'uy');
const NUMBER = String.raw`(\d{1,4}(?:\.\d{1,4}){0,3})(?:(?:-|–|—|~|～|\s(?:to|through)\s|\s?[-–—~]\s?(?=${PHASE_WORD}))(?:(?:${PHASE_WORD})\s{0,3})?(\d{1,4})(?!\d|\.\d))?`;
const NO_UNIT = String.raw`(?![${ALPHABETIC}${DIGIT}_+%]|\s{0,3}(?:days?|hours?|hrs?|weeks?|min(?:ute)?s?|tasks?)(?![\p{L}]))`;
const PHASES = new RegExp(
  `${WORD_START}(?:${PHASE_WORD})\\s{0,3}#?\\s{0,3}${NUMBER}(?![${ALPHABETIC}${DIGIT}_+])`,
  FLAGS,
);
const MORE_PHASES = new RegExp(
  `\\s{0,3}(?:,|、|&|\\+|/|(?<=\\s)(?:and|y|e|et|und|i)(?=\\s)|和|と)\\s{0,3}(?:and\\s{1,3})?(?:(?:${PHASE_WORD})\\s{0,3})?${NUMBER}${NO_UNIT}`,
  FLAGS,
);
const PHASE_AFTER_NUMBER = /第?\s{0,3}(\d{1,4})\s{0,3}(?:阶段|階段|단계)/uy;
const ARROWS = new RegExp(ARROW, 'uy');
const EVERY_STORY = here(WORDS.everyStory);
/** Tried in this order; the first that matches decides. */
const TABLES: readonly (readonly [Kind, RegExp])[] = [
  ['after', here(WORDS.after)],
  ['negative', here(WORDS.negative)],
  ['before', here(WORDS.before)],
  ['behind', new RegExp(`(?:${WORDS.behind})${WORD_END}`, FLAGS)],
  ['ahead', new RegExp(`(?:${WORDS.ahead})${WORD_END}`, FLAGS)],
  ['doubt', here(WORDS.doubt)],
  ['and', here(WORDS.and)],
];
const PLAIN = [WORDS.lead, WORDS.tail, WORDS.manner, WORDS.filler, WORDS.pronoun, WORDS.apart].map(here);
const TOPIC = new RegExp(`(?:${WORDS.topic})`, 'uy');
const WORD_SYMBOL = new RegExp(`[${ALPHABETIC}${DIGIT}_]`, 'u');
const ONE_WORD = new RegExp(`[${ALPHABETIC}${DIGIT}_'’]{1,80}`, 'uy');
const USES = {
  lead: whole(WORDS.lead),
  tail: whole(WORDS.tail),
  manner: whole(WORDS.manner),
  filler: whole(WORDS.filler),
  pronoun: whole(WORDS.pronoun),
  topic: whole(WORDS.topic),
  loose: whole(WORDS.loose),
  apart: whole(WORDS.apart),
} as const;
const NO_USES: Uses = {
  lead: false,
  tail: false,
  manner: false,
  filler: false,
  pronoun: false,
  topic: false,
  loose: false,
  apart: false,
};
/** `e.g.` and the like end no sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|vs|etc|incl|approx|dep|cf|resp|p\.ej|ej|z\.B|bzw|ca|min|max)$/i;

const OPEN = '([（【［{｛';
const CLOSE = ')]）】］}｝';

/** Uses per text: the same few words make up most sentences. Bounded, for texts are other people's. */
const usesOf = memo((text: string): Uses => {
  const uses = Object.fromEntries(Object.entries(USES).map(([use, regex]) => [use, regex.test(text)]));
  return uses as unknown as Uses;
}, 5_000);

/** Phase names by their first letters, for a file may have very many. */
interface Names {
  readonly all: ReadonlySet<string>;
  readonly heads: ReadonlySet<string>;
  readonly longest: number;
}

const HEAD = 2;
const LONGEST_NAME = 80;
const namesOf = new WeakMap<Vocabulary, Names>();

/**
 * The tokens of a statement. Marks are replaced by blanks of the same length, so offsets are those of `text`; a
 * comment becomes a group. What stands in brackets inside brackets is left out.
 */
export function tokenize(text: string, vocabulary: Vocabulary): Token[] {
  const plain = bare(text);
  const names = phaseNames(vocabulary);
  const outside: Token[] = [];
  let inner: Token[] = [];
  let depth = 0;
  let opened = 0;
  let at = 0;
  const match = (regex: RegExp): RegExpExecArray | null => {
    regex.lastIndex = at;
    return regex.exec(plain);
  };
  const push = (kind: Kind, length: number, refs: readonly Ref[] = []): void => {
    const piece = plain.slice(at, at + length);
    const uses = kind === 'word' || kind === 'after' || kind === 'before' ? usesOf(piece.toLowerCase()) : NO_USES;
    const token = { kind, text: piece, start: at, end: at + length, refs, inner: [], ...uses };
    (depth === 0 ? outside : inner).push(token);
    at += length;
  };
  const closeGroup = (end: number): void => {
    const token = { kind: 'group' as const, text: '', start: opened, end, refs: [], inner, ...NO_USES };
    outside.push(token);
    inner = [];
  };
  while (at < plain.length) {
    const symbol = plain[at] as string;
    if (OPEN.includes(symbol)) {
      if (depth++ === 0) opened = at;
      at++;
    } else if (CLOSE.includes(symbol)) {
      if (depth > 0 && --depth === 0) closeGroup(at + 1);
      at++;
    } else if (depth > 1 || isBlank(plain.charCodeAt(at))) at++;
    else lex(symbol);
  }
  if (depth > 0) closeGroup(plain.length);
  return outside;

  function lex(symbol: string): void {
    const reference = readReference(symbol);
    if (reference !== null) {
      push('list-item', reference.length, reference.refs);
      return;
    }
    const arrow = match(ARROWS);
    if (arrow !== null) push('arrow', arrow[0].length);
    else if (symbol === ':' || symbol === '：') push('colon', 1);
    else if (symbol === '.') push(endsSentence(plain, at) ? 'stop' : 'other', 1);
    else if (/[;；。!?！？]/u.test(symbol)) push('stop', 1);
    else if (/[,，、/+&·∥]/u.test(symbol)) push('comma', 1);
    else if (/[-–—─━═]/u.test(symbol)) {
      const length = runOf(plain, at, /[-–—─━═]/u);
      const isAlone = at + length >= plain.length || isBlank(plain.charCodeAt(at + length)) || symbol === '—';
      push(isAlone ? 'dash' : 'other', length);
    } else lexWord(symbol);
  }

  function lexWord(symbol: string): void {
    for (const [kind, regex] of TABLES) {
      const found = match(regex);
      if (found !== null && found[0].length > 0) {
        push(kind, found[0].length);
        return;
      }
    }
    for (const regex of PLAIN) {
      const found = match(regex);
      if (found !== null && found[0].length > 0) {
        push('word', found[0].length);
        return;
      }
    }
    const topic = match(TOPIC);
    const found = topic !== null && topic[0].length > 0 ? topic : match(ONE_WORD);
    if (found !== null) push('word', found[0].length);
    else push('other', runOf(plain, at, symbol));
  }

  function readReference(symbol: string): { length: number; refs: Ref[] } | null {
    if (symbol === 'T') {
      const tasks = match(TASKS);
      if (tasks !== null) {
        const to = tasks.groups?.['to'];
        const id = tasks[1] as string;
        return {
          length: tasks[0].length,
          refs: [to === undefined ? { kind: 'task', id } : { kind: 'range', from: id, to }],
        };
      }
    }
    const code = symbol.charCodeAt(0);
    if (code < 128 && !(code >= 65 && code <= 90) && !(code >= 97 && code <= 122) && !(code >= 48 && code <= 57))
      return null;
    const stories = storiesAt(plain, at);
    if (stories !== null) {
      return { length: stories.end - at, refs: stories.stories.map((id): Ref => ({ kind: 'story', id })) };
    }
    const every = match(EVERY_STORY);
    if (every !== null) return { length: every[0].length, refs: [{ kind: 'every-story' }] };
    const phases = match(PHASES);
    if (phases !== null) {
      const refs = phaseRefs(phases[1] as string, phases[2]);
      let end = at + phases[0].length;
      for (;;) {
        MORE_PHASES.lastIndex = end;
        const more = MORE_PHASES.exec(plain);
        if (more === null) break;
        refs.push(...phaseRefs(more[1] as string, more[2]));
        end = MORE_PHASES.lastIndex;
      }
      return { length: end - at, refs };
    }
    const turned = match(PHASE_AFTER_NUMBER);
    if (turned !== null) return { length: turned[0].length, refs: [{ kind: 'phase', number: turned[1] as string }] };
    const name = nameAt(plain, at, names);
    return name === null ? null : { length: name.length, refs: [{ kind: 'phase-name', name: name.toLowerCase() }] };
  }
}

/** Emphasis, ticks, tags, line ends and struck-out words become blanks; a comment becomes a bracket group. */
function bare(text: string): string {
  return commentsAsGroups(text)
    .replace(/~~[^~\n]{0,500}~~/g, blanks)
    .replace(/\*+|`+|__+|<\/?[a-z][^<>\n]{0,100}>/gi, blanks)
    .replace(/(?<=[\r\n])[ \t>|]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?/g, blanks)
    .replace(/^[\s>|]+|(?![▶➡])\p{Extended_Pictographic}\uFE0F?|[\r\n\t]/gu, blanks);
}

function commentsAsGroups(text: string): string {
  let plain = '';
  let from = 0;
  for (let open = text.indexOf('<!--'); open >= 0; open = text.indexOf('<!--', from)) {
    const close = text.indexOf('-->', open + 4);
    const end = close < 0 ? text.length : close;
    plain += `${text.slice(from, open)}(   ${text.slice(open + 4, end).replace(/[()[\]{}]/g, ' ')}${close < 0 ? '' : ')  '}`;
    from = close < 0 ? text.length : close + 3;
  }
  return plain + text.slice(from);
}

function blanks(text: string): string {
  return ' '.repeat(text.length);
}

function endsSentence(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (at + 1 < text.length && !isBlank(next) && !CLOSE.includes(text[at + 1] as string)) return false;
  return !ABBREVIATION.test(text.slice(Math.max(0, at - 8), at));
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000 || code === 0xfeff;
}

/** Length of the run of one symbol, or of symbols that match, at an offset. */
function runOf(text: string, from: number, symbol: string | RegExp): number {
  if (typeof symbol !== 'string') {
    let end = from + 1;
    while (end < text.length && symbol.test(text[end] as string)) end++;
    return end - from;
  }
  const point = String.fromCodePoint(text.codePointAt(from) as number);
  let end = from + point.length;
  while (text.startsWith(point, end)) end += point.length;
  return end - from;
}

function phaseRefs(first: string, last: string | undefined): Ref[] {
  if (last === undefined || first.includes('.')) return [{ kind: 'phase', number: first }];
  const refs: Ref[] = [];
  for (let n = Number(first); n <= Math.min(Number(last), Number(first) + 100); n++)
    refs.push({ kind: 'phase', number: String(n) });
  return refs.length > 0 ? refs : [{ kind: 'phase', number: first }];
}

function phaseNames(vocabulary: Vocabulary): Names {
  let names = namesOf.get(vocabulary);
  if (names === undefined) {
    const all = new Set(vocabulary.phaseNames.filter((name) => name.length <= LONGEST_NAME));
    const heads = new Set([...all].map((name) => name.slice(0, HEAD)));
    names = { all, heads, longest: longestOf(all) };
    namesOf.set(vocabulary, names);
  }
  return names;
}

/** The longest phase name that stands at an offset as words of their own, or `null`. */
function nameAt(text: string, at: number, names: Names): string | null {
  if (!names.heads.has(text.slice(at, at + HEAD).toLowerCase())) return null;
  if (at > 0 && isWordPart(text[at - 1] as string) && isWordPart(text[at] as string)) return null;
  const rest = text.slice(at, at + names.longest);
  const lower = rest.toLowerCase();
  for (let length = rest.length; length >= HEAD; length--) {
    if (!names.all.has(lower.slice(0, length))) continue;
    const next = text[at + length];
    if (next === undefined || !isWordPart(next) || !isWordPart(rest[length - 1] as string))
      return rest.slice(0, length);
  }
  return null;
}

function longestOf(names: Iterable<string>): number {
  let longest = 0;
  for (const name of names) longest = Math.max(longest, name.length);
  return longest;
}

function isWordPart(symbol: string): boolean {
  return WORD_SYMBOL.test(symbol);
}

function memo<T>(make: (key: string) => T, limit: number): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      if (known.size >= limit) known.clear();
      known.set(key, value);
    }
    return value;
  };
}
