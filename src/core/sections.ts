/**
 * What a line of a dependency section says about order: its sentences, one by one, with the subject that a label
 * gives them. Knows the grammar's frame; the sentence itself is in `sentences.ts`.
 */
import { append } from './append.ts';
import { attachGroups } from './groups.ts';
import { type Match, matchSentence, type Order, readList } from './sentences.ts';
import type { StoryId } from './task.ts';
import { type Ref, type Token, tokenize, type Vocabulary } from './tokens.ts';

/** A word joins these stories, but the sentence is not understood. Each of `one` is joined with each of `other`. */
export interface Hint {
  readonly one: readonly StoryId[];
  readonly other: readonly StoryId[];
  readonly start: number;
  readonly end: number;
}

export interface Reading {
  readonly orders: readonly Order[];
  readonly hints: readonly Hint[];
  /** Sentences about tasks or stories that were not understood, as offsets into the statement. */
  readonly unclear: readonly { readonly start: number; readonly end: number }[];
}

/** More labels than this before one sentence are no labels. */
const MAX_LABELS = 6;

interface Draft {
  orders: Order[];
  hints: Hint[];
  unclear: { start: number; end: number }[];
}

/**
 * Reads a line of a dependency section. `above` is the line or the heading that the line stands below: what it
 * begins with is the subject, where the line names none (`- **US2**:` and below it `- Depends on US1`).
 */
export function readSection(text: string, above: string | null, vocabulary: Vocabulary): Reading {
  const draft: Draft = { orders: [], hints: [], unclear: [] };
  const raw = tokenize(text, vocabulary);
  const { tokens, orders } = attachGroups(raw);
  append(draft.orders, orders);
  let label: readonly Ref[] | null = above === null ? null : subjectOf(above, vocabulary);
  let inherited = label;
  const groups = raw.filter((token) => token.kind === 'group');
  let group = 0;
  const sentences = splitAtStops(tokens);
  sentences.forEach((whole, i) => {
    const until = sentences[i + 1]?.[0]?.start ?? text.length;
    const mentioned: Token[] = [...whole];
    let end = whole.at(-1)?.end ?? 0;
    for (; group < groups.length && (groups[group] as Token).start < until; group++) {
      append(mentioned, (groups[group] as Token).inner);
      end = Math.max(end, (groups[group] as Token).end);
    }
    const place = { start: whole[0]?.start ?? 0, end };
    const frame = takeLabels(whole, inherited);
    if (frame.label !== null) label = frame.label;
    const isAboutIds = mentioned.some((token) => token.refs.some(isId));
    const left = readSentence(frame.rest, frame.label, inherited, { whole, place, isAboutIds }, draft);
    inherited = label ?? left;
  });
  return draft;
}

/** Reads a line of a fenced block: only lines of nothing but ids and arrows count. */
export function readFenceLine(text: string, vocabulary: Vocabulary): Reading {
  const tokens = tokenize(text, vocabulary).filter((token) => token.kind !== 'group');
  const orders = chainOnly(tokens);
  const whole = { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0 };
  const arrows = tokens.some((token) => token.kind === 'arrow');
  const ids = tokens.filter((token) => token.refs.some(isId));
  return { orders, hints: [], unclear: orders.length === 0 && arrows && ids.length > 1 ? [whole] : [] };
}

function chainOnly(tokens: readonly Token[]): Order[] {
  const orders: Order[] = [];
  const all = tokens.flatMap((token) => token.refs);
  const place = { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0 };
  if (!all.every(isId) || tokens.some((token) => token.kind === 'word')) return [];
  let left: readonly Ref[] | null = null;
  for (let at = 0; ; at++) {
    const list = readList(tokens, at);
    if (list === null) return [];
    if (left !== null) orders.push({ first: left, second: list.refs, ...place });
    left = list.refs;
    at = list.next;
    if (tokens[at]?.kind === 'stop') at++;
    if (at >= tokens.length) return orders;
    if (tokens[at]?.kind !== 'arrow') return [];
  }
}

function isId(ref: Ref): boolean {
  return ref.kind === 'task' || ref.kind === 'range' || ref.kind === 'story';
}

function splitAtStops(tokens: readonly Token[]): Token[][] {
  const sentences: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'stop') sentences.push([]);
    else (sentences.at(-1) as Token[]).push(token);
  }
  return sentences.filter((sentence) => sentence.length > 0);
}

function says(token: Token): boolean {
  return (
    token.kind === 'after' ||
    token.kind === 'before' ||
    token.kind === 'arrow' ||
    token.kind === 'behind' ||
    token.kind === 'ahead'
  );
}

/** `X: …` and `X - …` make X the subject; labels that name nothing (`Critical path: …`) are passed over. */
function takeLabels(
  sentence: readonly Token[],
  inherited: readonly Ref[] | null,
): { label: readonly Ref[] | null; rest: readonly Token[] } {
  let from = 0;
  let label: readonly Ref[] | null = null;
  for (let labels = 0; labels < MAX_LABELS; labels++) {
    let at = from;
    while (at < sentence.length && sentence[at]?.kind !== 'colon' && sentence[at]?.kind !== 'dash') at++;
    if (at >= sentence.length - 1) break;
    const left = sentence.slice(from, at);
    if (left.some((token) => says(token) || token.kind === 'negative' || token.kind === 'doubt')) break;
    const named = readList(left, 0);
    if (named !== null) label = named.refs;
    else if (label === null && inherited !== null && left.some((token) => token.kind === 'list-item')) label = [];
    from = at + 1;
  }
  return { label, rest: from === 0 ? sentence : sentence.slice(from) };
}

function subjectOf(line: string, vocabulary: Vocabulary): readonly Ref[] | null {
  const { tokens } = attachGroups(tokenize(line, vocabulary));
  if (tokens.some(says)) return null;
  return readList(tokens, 0)?.refs ?? null;
}

interface Context {
  /** The sentence with its labels. */
  readonly whole: readonly Token[];
  /** Where it stands, its brackets included. */
  readonly place: { readonly start: number; readonly end: number };
  /** It names tasks or stories, be it in brackets. */
  readonly isAboutIds: boolean;
}

/** Reads one sentence into `draft`; gives the subject that the next one may inherit. */
function readSentence(
  tokens: readonly Token[],
  label: readonly Ref[] | null,
  inherited: readonly Ref[] | null,
  { whole, place, isAboutIds }: Context,
  draft: Draft,
): readonly Ref[] | null {
  const subject = label ?? inherited;
  const named = subject === null || subject.length === 0 ? null : subject;
  const match = matchSentence(tokens, named);
  const remark = match?.remark ?? tokens.findIndex((token) => token.kind === 'dash' || token.kind === 'colon');
  const judged = remark < 0 ? tokens : tokens.slice(0, remark);
  const next = readList(tokens, 0)?.refs ?? match?.left ?? named;
  if (judged.some((token) => token.kind === 'negative')) return next;
  const doubt = judged.some((token) => token.kind === 'doubt');
  if (match !== null && !doubt) {
    append(draft.orders, within(match, place.start));
    append(draft.orders, readRemark(tokens.slice(match.remark + 1), match));
    return next;
  }
  // A sentence that begins with names of its own speaks of them, not of what the line before spoke of.
  const own = label === null ? readList(tokens, 0) : null;
  const hint = doubt ? null : hintOf(own === null ? judged : judged.slice(own.next), own?.refs ?? named ?? [], place);
  if (hint !== null) draft.hints.push(hint);
  if (isAboutIds && (hint !== null || whole.some((token) => says(token) || token.loose || isLast(token)))) {
    draft.unclear.push(place);
  }
  return next;
}

/** Words of a match, the label before it included: it names the subject. */
function within(match: Match, start: number): Order[] {
  return match.orders.map((order) => ({ ...order, start: Math.min(start, order.start) }));
}

/** `Depends on Setup - BLOCKS all user stories`: a remark that is a sentence of its own counts as one. */
function readRemark(tokens: readonly Token[], match: Match): readonly Order[] {
  if (tokens.length === 0 || tokens.some((token) => token.kind === 'negative' || token.kind === 'doubt')) return [];
  const more = matchSentence(tokens, match.left);
  return more === null || more.own ? [] : more.orders;
}

function isLast(token: Token): boolean {
  return token.kind === 'word' && /^(?:last|first|final|finally)$/i.test(token.text);
}

/**
 * The stories that a sentence joins loosely: its subject with those behind a word of dependency, or, if none stands
 * behind one, with those before it (`US1 should land first`). Stories behind `in parallel with` are not joined.
 */
function hintOf(
  tokens: readonly Token[],
  subject: readonly Ref[],
  place: { readonly start: number; readonly end: number },
): Hint | null {
  const one = storiesOf(subject);
  if (one.length === 0) return null;
  let mode: 'none' | 'joined' | 'apart' = 'none';
  const joined: StoryId[] = [];
  const before: StoryId[] = [];
  let anyWord = false;
  for (const token of tokens) {
    if (token.apart) mode = 'apart';
    else if (token.loose || says(token)) {
      mode = 'joined';
      anyWord = true;
    } else if (token.kind === 'list-item') {
      if (mode === 'joined') append(joined, storiesOf(token.refs));
      else if (mode === 'none') append(before, storiesOf(token.refs));
    }
  }
  const other = (joined.length > 0 ? joined : anyWord ? before : []).filter((story) => !one.includes(story));
  return other.length === 0 ? null : { one, other: [...new Set(other)], ...place };
}

function storiesOf(refs: readonly Ref[]): StoryId[] {
  return [...new Set(refs.flatMap((ref) => (ref.kind === 'story' ? [ref.id] : [])))];
}
