/**
 * The grammar of order: `list word list`. Strict on purpose, for a wrong edge is worse than a missing one. Works on
 * tokens; who speaks, and whether an id exists, is for others.
 */
import type { Ref, Token } from './tokens.ts';

/** `second` waits for `first`. An empty side means the task that speaks. */
export interface Order {
  readonly first: readonly Ref[];
  readonly second: readonly Ref[];
  /** Offsets of the words that say so, in the statement. */
  readonly start: number;
  readonly end: number;
}

export interface List {
  readonly refs: readonly Ref[];
  /** Index of the token behind it. */
  readonly next: number;
  /** More than one item, or one item with several names. */
  readonly many: boolean;
}

/**
 * A list of references: `T001, T002 and T003`, `the tasks of US1`, `Phase 2 completion`. Words of completion
 * belong to the item before them. `null` if none stands here.
 */
export function readList(tokens: readonly Token[], from: number): List | null {
  const refs: Ref[] = [];
  let at = from;
  let end = from;
  let items = 0;
  for (;;) {
    while (tokens[at]?.filler === true && tokens[at]?.kind === 'word') at++;
    const token = tokens[at];
    if (token?.kind !== 'list-item') break;
    refs.push(...token.refs);
    items += token.refs.length;
    at++;
    while (tokens[at]?.kind === 'word' && (tokens[at]?.filler === true || tokens[at]?.tail === true)) at++;
    end = at;
    const hadComma = tokens[at]?.kind === 'comma';
    if (hadComma) at++;
    const hadAnd = tokens[at]?.kind === 'and';
    if (hadAnd) at++;
    if (!hadComma && !hadAnd) break;
  }
  return refs.length === 0 ? null : { refs, next: end, many: items > 1 };
}

export interface Operator {
  readonly direction: 'after' | 'before';
  /** `→` and `then` may be repeated: `T001 → T002 → T003`. */
  readonly chains: boolean;
  readonly next: number;
}

const MAX_LEADS = 8;

/** A word of dependency with what may lead to it: `must complete before`, `can start after`, `→ then`. */
export function readOperator(tokens: readonly Token[], from: number): Operator | null {
  let at = from;
  if (tokens[at]?.kind === 'comma') at++;
  const isArrow = tokens[at]?.kind === 'arrow';
  if (isArrow) at++;
  const led = skipLeads(tokens, at);
  const token = tokens[led];
  if (token?.kind !== 'after' && token?.kind !== 'before') {
    return isArrow ? { direction: 'before', chains: true, next: at } : null;
  }
  const isThen = /then$/i.test(token.text);
  const next = tokens[led + 1]?.kind === 'colon' ? led + 2 : led + 1;
  return { direction: token.kind, chains: isThen, next };
}

export function skipLeads(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at - from < MAX_LEADS && tokens[at]?.lead === true && tokens[at]?.kind === 'word') at++;
  return at;
}

export interface Match {
  readonly orders: readonly Order[];
  readonly left: readonly Ref[];
  /** Whether the sentence names its subject itself. */
  readonly own: boolean;
  /** Index of the dash or colon before the remark, or the number of tokens. */
  readonly remark: number;
}

/** The sentence that all of `tokens` make up, a remark behind a dash or colon aside; `null` if they are anything else. */
export function matchSentence(tokens: readonly Token[], subject: readonly Ref[] | null): Match | null {
  let at = 0;
  while (
    tokens[at]?.kind === 'word' &&
    tokens[at]?.pronoun === true &&
    tokens[at + 1]?.kind !== 'list-item' &&
    subject !== null
  )
    at++;
  const own = readList(tokens, at);
  if (own !== null) {
    const turned = matchTurned(tokens, own, subject);
    if (turned !== null) return turned;
    at = own.next;
  }
  let left = own?.refs ?? subject;
  if (left === null) return null;
  const first = left;
  const orders: Order[] = [];
  const place = { start: tokens[0]?.start ?? 0, end: 0 };
  let last: { operator: Operator; list: List } | null = null;
  for (;;) {
    const operator = readOperator(tokens, at);
    if (operator === null || (last !== null && !(operator.chains && last.operator.chains))) break;
    const list = readList(tokens, operator.next);
    if (list === null) {
      if (last === null) return null;
      break;
    }
    orders.push(
      operator.direction === 'after'
        ? { first: list.refs, second: left, ...place }
        : { first: left, second: list.refs, ...place },
    );
    left = list.refs;
    at = list.next;
    last = { operator, list };
    // `US1 after Phase 2 完成后`: a word behind the list that only repeats what was said.
    if (tokens[at]?.kind === 'behind' && operator.direction === 'after') at++;
  }
  if (last === null) return null;
  // `T016 after T012, T017 in parallel`: in parallel with what? Only one list item can tell.
  const mayHaveManner = last.operator.direction === 'before' || !last.list.many;
  return close(tokens, at, orders, first, own !== null, mayHaveManner);
}

/** Languages that put the word behind: `T005はT003に依存`, `US1 완료 후 시작`, `T001 は T002 の前に`. */
function matchTurned(tokens: readonly Token[], own: List, subject: readonly Ref[] | null): Match | null {
  const place = { start: tokens[0]?.start ?? 0, end: 0 };
  const order = (kind: 'behind' | 'ahead', named: readonly Ref[], other: readonly Ref[]): Order =>
    kind === 'behind' ? { first: named, second: other, ...place } : { first: other, second: named, ...place };
  // `T005はT003に依存`, `US2/US3 可在 US1 完成後`: what waits, then what it waits for.
  const isTopic = tokens[own.next]?.kind === 'word' && tokens[own.next]?.topic === true;
  const led = isTopic ? own.next + 1 : skipLeads(tokens, own.next);
  const awaited = led > own.next ? readList(tokens, led) : null;
  const word = awaited === null ? undefined : tokens[awaited.next];
  if (awaited !== null && (word?.kind === 'behind' || word?.kind === 'ahead')) {
    return close(tokens, awaited.next + 1, [order(word.kind, awaited.refs, own.refs)], own.refs, true, true);
  }
  const token = tokens[own.next];
  if (token?.kind !== 'behind' && token?.kind !== 'ahead') return null;
  const { kind } = token;
  const other = readList(tokens, tokens[own.next + 1]?.kind === 'comma' ? own.next + 2 : own.next + 1);
  if (other !== null) {
    return close(tokens, other.next, [order(kind, own.refs, other.refs)], other.refs, true, true);
  }
  if (subject === null) return null;
  return close(tokens, own.next + 1, [order(kind, own.refs, subject)], subject, false, true);
}

function close(
  tokens: readonly Token[],
  from: number,
  orders: readonly Order[],
  left: readonly Ref[],
  own: boolean,
  manner: boolean,
): Match | null {
  let at = from;
  for (;;) {
    const token = tokens[at];
    const fits = token?.kind === 'word' && (token.tail || token.filler || token.topic || (manner && token.manner));
    if (!fits && token?.kind !== 'stop') break;
    at++;
  }
  const end = tokens[at];
  if (end !== undefined && end.kind !== 'dash' && end.kind !== 'colon') return null;
  const last = tokens[at - 1]?.end ?? 0;
  return { orders: orders.map((order) => ({ ...order, end: last })), left, own, remark: at };
}
