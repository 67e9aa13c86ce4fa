/**
 * Brackets in a line of a dependency section. They go, but for four uses: a list in the place of a list
 * (`→ (US1, US2)`), an order of what stands before it (`T003 (after T002)`), the number or the story that other
 * words are called by (`Linting (Phase 3)`), and a whole sentence of its own.
 */
import { append } from './append.ts';
import { type List, matchSentence, type Order, readList, readOperator } from './sentences.ts';
import type { Ref, Token } from './tokens.ts';

/** Longest name, in tokens, that a bracket behind it may explain. */
const MAX_NAME = 12;

/** The tokens without their groups, and the orders that were found in groups. */
export function attachGroups(raw: readonly Token[]): {
  readonly tokens: readonly Token[];
  readonly orders: readonly Order[];
} {
  const tokens: Token[] = [];
  const orders: Order[] = [];
  /** Where the part of the sentence begins that a bracket may speak about. */
  let segment = 0;
  /** Items before this index have a bracket of their own. */
  let taken = 0;
  let hasItem = false;
  let waiting: { list: List; group: Token } | null = null;
  raw.forEach((token, index) => {
    if (token.kind !== 'group') {
      if (token.kind === 'stop' || token.kind === 'colon' || token.kind === 'dash') {
        if (waiting !== null && token.kind === 'colon') {
          append(orders, orderOfWave(raw, index + 1, waiting));
        }
        waiting = null;
        segment = tokens.length + 1;
        hasItem = false;
      }
      hasItem ||= token.kind === 'list-item';
      tokens.push(token);
      return;
    }
    const { inner } = token;
    const list = readList(inner, 0);
    const isList = list !== null && list.next === inner.length;
    const last = tokens.at(-1);
    if (isList && isPlaceOfList(last, segment === tokens.length)) {
      append(tokens, inner);
      hasItem = true;
      return;
    }
    if (isList && !hasItem && isNameBefore(tokens, segment, list, raw[index + 1])) {
      tokens.length = segment;
      append(tokens, inner);
      hasItem = true;
      return;
    }
    if (inner.some((one) => one.kind === 'negative' || one.kind === 'doubt')) return;
    const claim = orderIn(inner);
    if (claim !== null && isItem(last)) {
      const from = Math.max(taken, segment);
      append(orders, orderOfItems(tokens, from, claim, token));
      taken = tokens.length;
    } else if (
      claim !== null &&
      claim.direction === 'after' &&
      !tokens.slice(segment).some((one) => one.kind === 'list-item')
    ) {
      waiting = { list: claim.list, group: token };
    } else if (claim === null) {
      const match = matchSentence(inner, null);
      if (match?.own === true) append(orders, match.orders);
    }
  });
  return { tokens, orders };
}

function isPlaceOfList(last: Token | undefined, isStart: boolean): boolean {
  return isStart || last === undefined || ['arrow', 'after', 'before', 'comma', 'and'].includes(last.kind);
}

/** `**Search (US2)**: …`, `Linting (Phase 3) depends on …`: the words before are its name, if nothing else stands there. */
function isNameBefore(tokens: readonly Token[], segment: number, list: List, next: Token | undefined): boolean {
  const [ref] = list.refs;
  if (list.many || (ref?.kind !== 'phase' && ref?.kind !== 'story')) return false;
  if (ref.kind === 'story' && next?.kind !== 'colon' && next?.kind !== 'dash') return false;
  const words = tokens.slice(segment);
  return (
    words.length > 0 &&
    words.length <= MAX_NAME &&
    words.every(
      (token) => token.kind === 'word' || token.kind === 'other' || token.kind === 'and' || token.kind === 'comma',
    )
  );
}

function isItem(token: Token | undefined): boolean {
  return token?.kind === 'list-item';
}

interface Claim {
  readonly direction: 'after' | 'before';
  readonly list: List;
}

/** `after T002`, `depends on US5 for its data`, `after T001, parallel`: behind the list no further name may stand. */
function orderIn(inner: readonly Token[]): Claim | null {
  const operator = readOperator(inner, 0);
  const list = operator === null ? null : readList(inner, operator.next);
  if (operator === null || list === null) return null;
  const rest = inner.slice(list.next);
  if (
    rest.some(
      (token) =>
        token.kind === 'list-item' || token.kind === 'after' || token.kind === 'before' || token.kind === 'arrow',
    )
  )
    return null;
  return { direction: operator.direction, list };
}

/** `T004, T005 (after T003)`: all items since the last bracket, if they only make up a list; else the nearest one. */
function orderOfItems(tokens: readonly Token[], from: number, claim: Claim, group: Token): Order[] {
  const items = tokens.slice(from);
  const isPlainList = items.every(
    (token) => token.kind === 'list-item' || token.kind === 'comma' || token.kind === 'and' || token.filler,
  );
  const named = isPlainList ? items.filter(isItem) : [tokens.at(-1) as Token];
  return order(claim, named, group);
}

/** `Wave 2 (after T001): T002, T006`: every item up to the end of the sentence. */
function orderOfWave(raw: readonly Token[], from: number, waiting: { list: List; group: Token }): Order[] {
  let end = from;
  while (['list-item', 'comma', 'and', 'group'].includes((raw[end] as Token | undefined)?.kind ?? 'stop')) end++;
  const items = raw.slice(from, end).filter(isItem);
  const behind = raw[end]?.kind;
  const isWhole = behind === undefined || behind === 'stop' || behind === 'dash';
  return items.length === 0 || !isWhole ? [] : order({ direction: 'after', list: waiting.list }, items, waiting.group);
}

function order(claim: Claim, items: readonly Token[], group: Token): Order[] {
  const named = claim.list.refs.map((ref) => JSON.stringify(ref));
  const own = items.flatMap((token) => token.refs).filter((ref: Ref) => !named.includes(JSON.stringify(ref)));
  if (own.length === 0) return [];
  const place = {
    start: Math.min(group.start, (items[0] as Token).start),
    end: Math.max(group.end, (items.at(-1) as Token).end),
  };
  return [
    claim.direction === 'after'
      ? { first: claim.list.refs, second: own, ...place }
      : { first: own, second: claim.list.refs, ...place },
  ];
}
