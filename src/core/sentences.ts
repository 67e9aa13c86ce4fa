/**
 * What a sentence says about order. Reads one statement of a file into orders between tasks, stories and phases;
 * knows the grammar, not the plan: whether an id exists is for `edges.ts`.
 *
 * The grammar is strict on purpose, for a wrong edge is worse than a missing one: a sentence of a dependency
 * section counts when it is wholly `list word list`, with nothing behind it but words of completion or a dash or
 * colon and a remark.
 */
import { findStories } from './headings.ts';
import type { StoryId } from './task.ts';
import { ARROW, TASK_ID, WORD_END, WORDS } from './words.ts';

/** One end of an order, as written. */
export type Ref =
  | { readonly kind: 'task'; readonly id: string }
  | { readonly kind: 'range'; readonly from: string; readonly to: string }
  | { readonly kind: 'story'; readonly id: StoryId }
  | { readonly kind: 'phase'; readonly number: string }
  | { readonly kind: 'phase-name'; readonly name: string }
  | { readonly kind: 'every-story' };

/** `second` waits for `first`. An empty side means the task that speaks. */
export interface Order {
  readonly first: readonly Ref[];
  readonly second: readonly Ref[];
}

export interface Reading {
  readonly orders: readonly Order[];
  /** Stories that a sentence joins without saying clearly how. */
  readonly hints: readonly (readonly StoryId[])[];
  /** Sentences about tasks or stories that were not understood. */
  readonly unclear: readonly string[];
}

/** Names by which phases may be called, lower case. */
export interface Vocabulary {
  readonly phaseNames: readonly string[];
}

type Kind =
  | 'list-item'
  | 'after'
  | 'before'
  | 'behind'
  | 'arrow'
  | 'negative'
  | 'and'
  | 'colon'
  | 'dash'
  | 'stop'
  | 'comma'
  | 'word'
  | 'other';

interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly refs: readonly Ref[];
  /** Further uses of a word: `complete` may lead to `before`, or end a list. */
  readonly lead: boolean;
  readonly tail: boolean;
  readonly filler: boolean;
  readonly pronoun: boolean;
  readonly topic: boolean;
}

const FLAGS = 'iuy';
const START = String.raw`(?<![\p{Script=Latin}\p{N}_])`;
const word = (source: string): RegExp => new RegExp(`${START}(?:${source})${WORD_END}`, FLAGS);

const RANGE_JOINT = String.raw`\s*(?:-|–|~|～|\.\.\.?|…)\s*|—|\s+(?:to|through|thru|bis|a|do|até|hasta)\s+|\s*(?:から|到|至|부터)\s*`;
const TASKS = new RegExp(`${START}(${TASK_ID})(?:(?:${RANGE_JOINT})(?<to>${TASK_ID}))?`, 'uy');
const PHASES = new RegExp(
  String.raw`${START}(?:phases?|fases?|faz[aęy]|fazie|fazy|étapes?|phasen?|フェーズ|阶段|階段|단계)\s*#?\s*(\d+(?:\.\d+)*)(?:\s*(?:-|–|—|~)\s*(\d+)(?![\d.]))?(\+)?`,
  FLAGS,
);
const PHASE_AFTER_NUMBER = /第?\s*(\d+)\s*(?:阶段|階段|단계)/uy;
const ARROWS = new RegExp(ARROW, 'uy');
const EVERY_STORY = word(WORDS.everyStory);
const TABLES: readonly (readonly [Kind, RegExp])[] = [
  ['negative', word(WORDS.negative)],
  ['after', word(WORDS.after)],
  ['before', word(WORDS.before)],
  ['behind', new RegExp(`(?:${WORDS.behind})${WORD_END}`, FLAGS)],
  ['and', word(WORDS.and)],
];
const LEAD = word(WORDS.lead);
const TAIL = word(WORDS.tail);
const FILLER = word(WORDS.filler);
const PRONOUN = word(WORDS.pronoun);
const TOPIC = new RegExp(`(?:${WORDS.topic})`, 'uy');
const LOOSE = new RegExp(`${START}(?:${WORDS.loose})${WORD_END}`, 'iu');
/** Negatives that leave a doubt about which tasks are meant, and so are listed. */
const DOUBT = /^(?:or|alternatively|recommended|suggested|preferably|instead)$/i;
const NEUTRAL =
  /parallel|independen|no\s+dependenc|immediately|staffed|paralel|indépendan|並列|并行|並行|병렬|parallèle|równolegle|∥|\|\|/iu;

/** Reads a statement of a dependency section, outside or inside a fence. */
export function readSection(text: string, fence: boolean, vocabulary: Vocabulary): Reading {
  const reading = { orders: [] as Order[], hints: [] as StoryId[][], unclear: [] as string[] };
  if (fence) {
    for (const order of chainOnly(tokenize(unbracket(text, vocabulary, reading.orders, false), vocabulary))) {
      reading.orders.push(order);
    }
    return reading;
  }
  const plain = unbracket(bare(text), vocabulary, reading.orders, true);
  let subject: readonly Ref[] | null = null;
  for (const part of splitSentences(plain)) {
    const tokens = tokenize(part, vocabulary);
    const found = readSentence(tokens, subject);
    subject = found.subject;
    reading.orders.push(...found.orders);
    if (found.orders.length > 0 || found.nothing) continue;
    const stories = storiesOf(tokens, found.subject);
    const isLoose = LOOSE.test(part) || found.loose;
    if (stories.length > 1 && isLoose && !found.doubt) reading.hints.push(stories);
    const aboutTasks = tokens.some((token) => token.refs.some((ref) => ref.kind === 'task' || ref.kind === 'range'));
    if ((aboutTasks || stories.length > 0) && (found.loose || !NEUTRAL.test(part)) && worthListing(tokens, found)) {
      reading.unclear.push(part.trim());
    }
  }
  return reading;
}

/**
 * Reads a task's own text: `(depends on T012)`, `; requires T010`, `T063の後に …`. Only what follows the word
 * counts; an empty side of an order is the task itself.
 */
export function readInline(text: string, vocabulary: Vocabulary): Order[] {
  const orders: Order[] = [];
  for (const comment of text.matchAll(/<!--([\s\S]*?)-->/g)) {
    orders.push(
      ...readLabel(comment[1] as string, vocabulary),
      ...readClauses(comment[1] as string, vocabulary, 'bracket'),
    );
  }
  const visible = bare(text.replace(/<!--[\s\S]*?-->/g, ' '));
  const { outside, groups } = bracketGroups(visible);
  for (const group of groups) orders.push(...readClauses(bracketGroups(group).outside, vocabulary, 'bracket'));
  orders.push(...readClauses(outside, vocabulary, 'prose'));
  return dedupe(orders);
}

/** Reads a line of a task's body; it counts only when it begins with a word of dependency. */
export function readBody(line: string, vocabulary: Vocabulary): Order[] {
  const plain = bare(line).replace(/^[\s>*+-]+/, '');
  const labelled = readLabel(plain, vocabulary);
  return labelled.length > 0 ? labelled : readClauses(bracketGroups(plain).outside, vocabulary, 'line');
}

const LABEL = new RegExp(`^\\s*(?:(${WORDS.beforeLabel})|(?:${WORDS.label}))\\s*[:：]`, 'iu');

function readLabel(text: string, vocabulary: Vocabulary): Order[] {
  const label = LABEL.exec(text);
  if (label === null) return [];
  const refs: Ref[] = [];
  let isBefore = label[1] !== undefined;
  let mayTurn = true;
  for (const token of tokenize(bracketGroups(text.slice(label[0].length)).outside, vocabulary)) {
    if (token.kind === 'negative' || token.kind === 'stop') break;
    // `Dependency: MUST run BEFORE T021`: the word behind the label says more than the label.
    if (token.kind === 'before' && mayTurn) isBefore = true;
    if (token.kind === 'list-item') {
      mayTurn = false;
      refs.push(...token.refs);
    }
  }
  if (refs.length === 0) return [];
  return [isBefore ? { first: [], second: refs } : { first: refs, second: [] }];
}

type Manner = 'bracket' | 'prose' | 'line';

function readClauses(text: string, vocabulary: Vocabulary, manner: Manner): Order[] {
  const tokens = tokenize(text, vocabulary);
  const orders: Order[] = [];
  let isStart = true;
  let negative = false;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (isBorder(token)) {
      isStart = true;
      negative = false;
      continue;
    }
    if (token.kind === 'negative') negative = true;
    const behind = isStart && manner !== 'line' ? readBehind(tokens, i) : null;
    if (behind !== null && !negative) {
      orders.push({ first: behind.refs, second: [] });
      i = behind.next - 1;
      isStart = false;
      continue;
    }
    if ((token.kind === 'after' || token.kind === 'before') && !negative && !/^(?:and\s+)?then$/i.test(token.text)) {
      const strong = /^(?:depend|blocked|is blocked|are blocked|zale|依赖|依賴)/i.test(token.text);
      if (isStart || (strong && manner !== 'line')) {
        let next = i + 1;
        if (tokens[next]?.kind === 'colon') next++;
        const list = readList(tokens, next);
        if (
          list !== null &&
          (strong || list.refs.some((ref) => ref.kind === 'task' || ref.kind === 'range') || manner === 'bracket')
        ) {
          orders.push(token.kind === 'after' ? { first: list.refs, second: [] } : { first: [], second: list.refs });
          i = list.next - 1;
        }
      }
    }
    // In a bracket `must run after T004` is one word of dependency; in prose `run after T004` is a sentence of its own.
    isStart = isStart && token.lead && manner !== 'prose';
    if (manner === 'line' && !isStart) break;
  }
  return orders;
}

function isBorder(token: Token): boolean {
  return (
    token.kind === 'stop' ||
    token.kind === 'comma' ||
    token.kind === 'dash' ||
    token.kind === 'and' ||
    token.kind === 'colon'
  );
}

function readBehind(tokens: readonly Token[], from: number): { refs: readonly Ref[]; next: number } | null {
  const list = readList(tokens, from);
  if (list === null || tokens[list.next]?.kind !== 'behind') return null;
  return { refs: list.refs, next: list.next + 1 };
}

interface SentenceReading {
  readonly orders: readonly Order[];
  readonly subject: readonly Ref[] | null;
  /** It says that there is no order. */
  readonly nothing: boolean;
  readonly doubt: boolean;
  readonly loose: boolean;
}

function readSentence(all: readonly Token[], inherited: readonly Ref[] | null): SentenceReading {
  let tokens = all;
  let subject = inherited;
  const colon = tokens.findIndex((token) => token.kind === 'colon');
  const isWord = (token: Token): boolean => token.kind === 'after' || token.kind === 'before' || token.kind === 'arrow';
  if (colon >= 0 && colon < tokens.length - 1) {
    const left = tokens.slice(0, colon);
    const named = readList(left, 0);
    if (!left.some(isWord)) {
      if (named !== null) subject = named.refs;
      else if (left.some((token) => token.kind === 'list-item' || token.kind === 'negative')) {
        return { orders: [], subject, nothing: false, doubt: true, loose: left.some(isWord) };
      } else subject = inherited;
      tokens = tokens.slice(colon + 1);
    }
  } else {
    const named = readList(tokens, 0);
    if (named !== null && tokens[named.next]?.kind === 'dash' && named.next + 1 < tokens.length) {
      subject = named.refs;
      tokens = tokens.slice(named.next + 1);
    }
  }
  const loose = tokens.some(isWord) || tokens.some((token) => token.kind === 'behind');
  const match = matchSentence(tokens, subject);
  const judged = match === null ? tokens : tokens.slice(0, match.remark);
  const negative = judged.filter((token) => token.kind === 'negative');
  const own = readList(tokens, 0);
  const next = subject ?? own?.refs ?? null;
  if (negative.length > 0) {
    const doubt = negative.every((token) => DOUBT.test(token.text));
    return { orders: [], subject: next, nothing: !doubt, doubt, loose };
  }
  if (match === null) return { orders: [], subject: next, nothing: false, doubt: false, loose };
  const orders = [...match.orders];
  const remark = tokens.slice(match.remark + 1);
  if (remark.length > 0 && match.orders.length === 1 && match.left !== null) {
    // `Depends on Setup - BLOCKS all user stories`: a remark that is a sentence of its own counts as one.
    const more = matchSentence(remark, match.left);
    if (more !== null && more.ownSubject === false && !remark.some((token) => token.kind === 'negative')) {
      orders.push(...more.orders);
    }
  }
  return { orders, subject: subject ?? match.left, nothing: false, doubt: false, loose };
}

interface Match {
  readonly orders: readonly Order[];
  readonly left: readonly Ref[] | null;
  readonly ownSubject: boolean;
  /** Index of the dash or colon before the remark, or the number of tokens. */
  readonly remark: number;
}

/** `list word list`, several times if the words point one way; `null` if the tokens are anything else. */
function matchSentence(tokens: readonly Token[], subject: readonly Ref[] | null): Match | null {
  let at = 0;
  while (tokens[at]?.pronoun === true && subject !== null) at++;
  const own = readList(tokens, at);
  const orders: Order[] = [];
  let left = own?.refs ?? subject;
  if (own !== null) {
    const topic = tokens[own.next];
    if (topic?.topic === true) {
      const other = readBehind(tokens, own.next + 1);
      if (other !== null) return closing(tokens, other.next, [{ first: other.refs, second: own.refs }], own.refs, true);
    }
    if (topic?.kind === 'behind' && subject !== null) {
      return closing(tokens, own.next + 1, [{ first: own.refs, second: subject }], subject, false);
    }
    at = own.next;
  }
  if (left === null) return null;
  const firstLeft = left;
  let direction: 'after' | 'before' | null = null;
  for (;;) {
    const operator = readOperator(tokens, at);
    if (operator === null) break;
    const right = readList(tokens, operator.next);
    if (right === null) {
      if (orders.length === 0) return null;
      break;
    }
    if (direction !== null && direction !== operator.direction) return null;
    direction = operator.direction;
    orders.push(direction === 'after' ? { first: right.refs, second: left } : { first: left, second: right.refs });
    left = right.refs;
    at = right.next;
    // `US1 after Phase 2 完成后`: a word behind the list that only repeats what was said.
    if (tokens[at]?.kind === 'behind' && direction === 'after') at++;
  }
  if (orders.length === 0) return null;
  return closing(tokens, at, orders, firstLeft, own !== null);
}

function closing(
  tokens: readonly Token[],
  from: number,
  orders: Order[],
  left: readonly Ref[],
  ownSubject: boolean,
): Match | null {
  let at = from;
  while (tokens[at]?.tail === true || tokens[at]?.filler === true || tokens[at]?.kind === 'stop') at++;
  const end = tokens[at];
  if (end !== undefined && end.kind !== 'dash' && end.kind !== 'colon') return null;
  return { orders, left, ownSubject, remark: at };
}

function readOperator(tokens: readonly Token[], from: number): { direction: 'after' | 'before'; next: number } | null {
  let at = from;
  if (tokens[at]?.kind === 'comma') at++;
  for (let leads = 0; leads < 6 && tokens[at]?.lead === true && tokens[at]?.kind === 'word'; leads++) at++;
  const token = tokens[at];
  if (token?.kind === 'arrow') {
    const next = tokens[at + 1];
    return { direction: 'before', next: next?.kind === 'before' ? at + 2 : at + 1 };
  }
  if (token?.kind !== 'after' && token?.kind !== 'before') return null;
  at++;
  if (tokens[at]?.kind === 'colon') at++;
  return { direction: token.kind, next: at };
}

function readList(tokens: readonly Token[], from: number): { refs: Ref[]; next: number } | null {
  const refs: Ref[] = [];
  let at = from;
  let end = from;
  for (;;) {
    while (tokens[at]?.filler === true && tokens[at]?.kind === 'word') at++;
    const token = tokens[at];
    if (token?.kind !== 'list-item') break;
    refs.push(...token.refs);
    at++;
    while (tokens[at]?.kind === 'word' && (tokens[at]?.filler === true || tokens[at]?.tail === true)) at++;
    end = at;
    const hadComma = tokens[at]?.kind === 'comma';
    if (hadComma) at++;
    const hadAnd = tokens[at]?.kind === 'and';
    if (hadAnd) at++;
    if (!hadComma && !hadAnd) break;
  }
  return refs.length === 0 ? null : { refs, next: end };
}

/** Nothing but lists and arrows: the only lines of a fence that count. */
function chainOnly(tokens: readonly Token[]): Order[] {
  const orders: Order[] = [];
  let left: readonly Ref[] | null = null;
  let at = 0;
  for (;;) {
    const list = readList(tokens, at);
    if (list === null || tokens.slice(at, list.next).some((token) => token.kind === 'word')) return [];
    if (left !== null) orders.push({ first: left, second: list.refs });
    left = list.refs;
    at = list.next;
    if (tokens[at]?.kind === 'stop') at++;
    if (at >= tokens.length) return orders;
    if (tokens[at]?.kind !== 'arrow') return [];
    at++;
  }
}

function storiesOf(tokens: readonly Token[], subject: readonly Ref[] | null): StoryId[] {
  const refs = [...(subject ?? []), ...tokens.flatMap((token) => token.refs)];
  return [...new Set(refs.flatMap((ref) => (ref.kind === 'story' ? [ref.id] : [])))];
}

function worthListing(tokens: readonly Token[], found: SentenceReading): boolean {
  // A bare mention (`T001-T007: setup tasks`, `US1 only`) says nothing about order.
  return (
    found.loose ||
    tokens.some(
      (token) => token.kind === 'before' || /^(?:last|first|final)$/i.test(token.text) || LOOSE.test(token.text),
    )
  );
}

/** Marks of emphasis, code ticks, links and struck-out words go; what they mark stays. */
function bare(text: string): string {
  return text
    .replace(/~~[^~]*~~/g, ' ')
    .replace(/\*+|`+|__+|<\/?[a-z][^>]{0,100}>/gi, '')
    .replace(/[✅❌⚠️🎯✔☑🚀⭐📌🔴🟢🟡🔵]/gu, ' ');
}

const OPEN = '([（【［{';
const CLOSE = ')]）】］}';

/** Splits a text into what stands outside of brackets and the outermost groups; unbalanced ones end at the line. */
function bracketGroups(text: string): { outside: string; groups: string[] } {
  const groups: string[] = [];
  let outside = '';
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text[i] as string;
    if (OPEN.includes(symbol)) {
      if (depth === 0) start = i + 1;
      depth++;
    } else if (CLOSE.includes(symbol) && depth > 0) {
      depth--;
      if (depth === 0) {
        groups.push(text.slice(start, i));
        outside += ' ';
      }
    } else if (depth === 0) outside += symbol;
  }
  if (depth > 0) groups.push(text.slice(start));
  return { outside, groups };
}

/**
 * Takes brackets out of a section's statement. `T003 (after T002)` is an order of its own; a bracket in the place
 * of a list keeps its content; a bracket that numbers the phase behind other words (`Linting (Phase 3)`) stands for them.
 */
function unbracket(text: string, vocabulary: Vocabulary, orders: Order[], prose: boolean): string {
  let plain = '';
  let rest = text;
  for (;;) {
    const open = [...rest].findIndex((symbol) => OPEN.includes(symbol));
    const at = open < 0 ? -1 : [...rest].slice(0, open).join('').length;
    if (at < 0) return plain + rest;
    let depth = 0;
    let end = at;
    for (; end < rest.length; end++) {
      if (OPEN.includes(rest[end] as string)) depth++;
      else if (CLOSE.includes(rest[end] as string) && --depth === 0) break;
    }
    const inner = bracketGroups(rest.slice(at + 1, end)).outside;
    plain += rest.slice(0, at);
    const before = tokenize(plain, vocabulary);
    const last = before.at(-1);
    const tokens = tokenize(inner, vocabulary);
    const list = readList(tokens, 0);
    const isList = list !== null && list.next === tokens.length;
    const isPlace =
      last === undefined ||
      last.kind === 'arrow' ||
      last.kind === 'after' ||
      last.kind === 'before' ||
      last.kind === 'comma' ||
      last.kind === 'and';
    if (isList && isPlace) plain += ` ${inner} `;
    else if (
      isList &&
      last?.kind === 'word' &&
      !last.tail &&
      !last.filler &&
      list.refs.length === 1 &&
      (list.refs[0] as Ref).kind === 'phase'
    ) {
      // The words before the bracket are the phase's name, if nothing else stands before them.
      const words = plain.search(/[^,;:.→>]*$/u);
      if (
        tokenize(plain.slice(words), vocabulary).every(
          (token) => token.kind === 'word' || token.kind === 'other' || token.kind === 'and',
        )
      ) {
        plain = `${plain.slice(0, words)} ${inner} `;
      }
    } else if (prose && last?.kind === 'list-item') {
      const operator = readOperator(tokens, 0);
      const right = operator === null ? null : readList(tokens, operator.next);
      if (operator !== null && right !== null && !tokens.some((token) => token.kind === 'negative')) {
        const left = last.refs;
        orders.push(
          operator.direction === 'after' ? { first: right.refs, second: left } : { first: left, second: right.refs },
        );
      }
      plain += ' ';
    } else plain += ' ';
    rest = rest.slice(end + 1);
  }
}

function splitSentences(text: string): string[] {
  return text.split(/(?<=\.)(?=\s|$)|[;；。\n]/u).filter((part) => part.trim() !== '');
}

function dedupe(orders: readonly Order[]): Order[] {
  const seen = new Map(orders.map((order) => [JSON.stringify(order), order]));
  return [...seen.values()];
}

const phaseNameCache = new WeakMap<Vocabulary, RegExp | null>();

function phaseNames(vocabulary: Vocabulary): RegExp | null {
  const known = phaseNameCache.get(vocabulary);
  if (known !== undefined) return known;
  const names = [...vocabulary.phaseNames].sort((a, b) => b.length - a.length);
  const source = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+')).join('|');
  const regex = source === '' ? null : word(source);
  phaseNameCache.set(vocabulary, regex);
  return regex;
}

function tokenize(text: string, vocabulary: Vocabulary): Token[] {
  const tokens: Token[] = [];
  const names = phaseNames(vocabulary);
  let at = 0;
  const test = (regex: RegExp): RegExpExecArray | null => {
    regex.lastIndex = at;
    return regex.exec(text);
  };
  const push = (kind: Kind, length: number, refs: readonly Ref[] = []): void => {
    const isWord = kind === 'word';
    const isMatch = (regex: RegExp): boolean => {
      const match = test(regex);
      return match !== null && match[0].length === length;
    };
    tokens.push({
      kind,
      text: text.slice(at, at + length),
      refs,
      lead: isWord && isMatch(LEAD),
      tail: isWord && isMatch(TAIL),
      filler: isWord && isMatch(FILLER),
      pronoun: isWord && isMatch(PRONOUN),
      topic: isWord && isMatch(TOPIC),
    });
    at += length;
  };
  while (at < text.length) {
    const symbol = text[at] as string;
    if (/\s/.test(symbol)) {
      at++;
      continue;
    }
    const tasks = test(TASKS);
    if (tasks !== null) {
      const to = tasks.groups?.['to'];
      const id = tasks[1] as string;
      push('list-item', tasks[0].length, [to === undefined ? { kind: 'task', id } : { kind: 'range', from: id, to }]);
      continue;
    }
    const every = test(EVERY_STORY);
    const stories = /[\p{L}]/u.test(symbol) ? findStories(text.slice(at, at + 200))[0] : undefined;
    if (stories !== undefined && stories.start === 0) {
      push(
        'list-item',
        stories.end,
        stories.stories.map((id): Ref => ({ kind: 'story', id })),
      );
      continue;
    }
    if (every !== null) {
      push('list-item', every[0].length, [{ kind: 'every-story' }]);
      continue;
    }
    const phases = test(PHASES) ?? test(PHASE_AFTER_NUMBER);
    if (phases !== null && phases[3] === undefined) {
      push('list-item', phases[0].length, phaseRefs(phases[1] as string, phases[2]));
      continue;
    }
    const name = names === null ? null : test(names);
    if (name !== null) {
      push('list-item', name[0].length, [{ kind: 'phase-name', name: name[0].toLowerCase().replace(/\s+/g, ' ') }]);
      continue;
    }
    const arrow = test(ARROWS);
    if (arrow !== null) {
      push('arrow', arrow[0].length);
      continue;
    }
    if (symbol === ':' || symbol === '：') push('colon', 1);
    else if (symbol === '.' || symbol === ';' || symbol === '；' || symbol === '。') push('stop', 1);
    else if (/[,，、/+&·∥]/u.test(symbol)) push('comma', 1);
    else if (/[-–—]/u.test(symbol))
      push(
        /^[-–—]+(?:\s|$)/u.test(text.slice(at)) || symbol === '—' ? 'dash' : 'other',
        /^[-–—]+/u.exec(text.slice(at))?.[0].length ?? 1,
      );
    else pushWord();
  }
  return tokens;

  function pushWord(): void {
    for (const [kind, regex] of TABLES) {
      const match = test(regex);
      if (match !== null && match[0].length > 0) {
        push(kind, match[0].length);
        return;
      }
    }
    for (const regex of [TAIL, LEAD, FILLER, PRONOUN, TOPIC]) {
      const match = test(regex);
      if (match !== null && match[0].length > 0) {
        push('word', match[0].length);
        return;
      }
    }
    const latin = /^[\p{Script=Latin}\p{N}_'’]+/u.exec(text.slice(at, at + 100));
    push(
      latin === null ? 'other' : 'word',
      latin?.[0].length ?? String.fromCodePoint(text.codePointAt(at) as number).length,
    );
  }
}

function phaseRefs(first: string, last: string | undefined): Ref[] {
  if (last === undefined || first.includes('.')) return [{ kind: 'phase', number: first }];
  const refs: Ref[] = [];
  for (let n = Number(first); n <= Math.min(Number(last), Number(first) + 100); n++)
    refs.push({ kind: 'phase', number: String(n) });
  return refs;
}
