/**
 * What a task's own text says about order: `(depends on T012)`, `; requires T010`, `T063の後に …`, a line below it
 * that begins `Depends on:`. Only ids that follow the word count; a word inside a sentence about something else
 * (`make T008 pass`, `split from T105`) says nothing.
 */
import { append } from './append.ts';
import { type Order, readList, skipLeads } from './sentences.ts';
import { type Ref, type Token, tokenize, type Vocabulary } from './tokens.ts';
import { WORDS } from './words.ts';

/** In a bracket any clause may speak; in prose only one that begins with the word; a line below must begin so. */
type Manner = 'bracket' | 'prose' | 'line';

const LABEL = new RegExp(`(?:(${WORDS.beforeLabel})|(?:${WORDS.label}))[\\s*_\`]{0,8}[:：]`, 'iuy');
/** `(depends T001)`: in a bracket these need no colon. */
const SHORT_LABEL = /(?:depends?|deps?|dependenc(?:y|ies)|依存|依赖|依賴)(?=[\s*_`]{1,8}T)/iuy;
/** Words that speak of nothing else than the task that they stand in. */
const STRONG = /^(?:depend|blocked|gated|zale|h[äa]ng|зави|依赖|依賴)/i;
const MODAL =
  /^(?:must|should|shall|can|has|have|needs?|will|to\s+be|deben?|devem?|doi(?:t|vent)|musi|muss|必须|必須)/i;
const CONDITION = /^(?:if|unless|optional(?:ly)?|only\s+if)$/i;

/** Reads the text of a task's own line; `own` is its id as written. An empty side of an order is the task itself. */
export function readInline(text: string, own: string | null, vocabulary: Vocabulary): Order[] {
  const tokens = tokenize(text, vocabulary);
  const orders: Order[] = [];
  for (const token of tokens) {
    if (token.kind !== 'group') continue;
    const isComment = text.startsWith('<!--', token.start);
    append(orders, readClauses(token.inner, text, own, 'bracket', isComment ? null : token));
  }
  const outside = tokens.filter((token) => token.kind !== 'group');
  return [...readClauses(outside, text, own, 'prose', null), ...orders].sort((a, b) => a.start - b.start);
}

/** Reads a line below a task; it counts only when it begins with a word of dependency. */
export function readBody(line: string, own: string | null, vocabulary: Vocabulary): Order[] {
  const tokens = tokenize(line, vocabulary);
  const orders: Order[] = [];
  for (const token of tokens) {
    if (token.kind === 'group' && line.startsWith('<!--', token.start)) {
      append(orders, readClauses(token.inner, line, own, 'bracket', null));
    }
  }
  const outside = tokens.filter((token) => token.kind !== 'group');
  return [...readClauses(outside, line, own, 'line', null), ...orders];
}

function readClauses(
  tokens: readonly Token[],
  text: string,
  own: string | null,
  manner: Manner,
  group: Token | null,
): Order[] {
  const orders: Order[] = [];
  for (let from = 0; from < tokens.length; ) {
    let end = from;
    while (end < tokens.length && !isBorder(tokens[end] as Token, manner)) end++;
    const read = readClause(tokens, from, text, own, manner);
    for (const order of read.orders) {
      orders.push(group === null ? order : { ...order, start: group.start, end: group.end });
    }
    from = Math.max(read.next, end) + 1;
    if (manner === 'line' && read.orders.length === 0) {
      // Only what begins a line, or a sentence of it, is said about the task.
      while (from <= tokens.length && tokens[from - 1]?.kind !== 'stop' && from - 1 < tokens.length) from++;
    }
  }
  return orders;
}

function isBorder(token: Token, manner: Manner): boolean {
  if (token.kind === 'stop' || token.kind === 'comma' || token.kind === 'dash') return true;
  return manner === 'bracket' && (token.kind === 'and' || token.kind === 'colon');
}

interface Clause {
  readonly orders: readonly Order[];
  /** Index of the token behind what was read. */
  readonly next: number;
}

function readClause(tokens: readonly Token[], from: number, text: string, own: string | null, manner: Manner): Clause {
  const nothing: Clause = { orders: [], next: from };
  const first = tokens[from];
  if (first === undefined) return nothing;
  const labelled = readLabel(tokens, from, text, manner);
  if (labelled !== null) return labelled;
  const order = (kind: 'after' | 'before', refs: readonly Ref[], start: number, next: number): Clause => {
    const place = { start, end: tokens[next - 1]?.end ?? start };
    return {
      orders: [kind === 'after' ? { first: refs, second: [], ...place } : { first: [], second: refs, ...place }],
      next,
    };
  };
  const head = readList(tokens, from);
  if (head !== null && (from === 0 || manner === 'bracket')) {
    const word = tokens[head.next]?.kind;
    if (word === 'behind') return order('after', head.refs, first.start, head.next + 1);
    if (word === 'ahead') return order('before', head.refs, first.start, head.next + 1);
  }
  // `T005 depends on T004` inside T005 speaks of itself; inside another task it speaks of something else.
  const isSelf = head !== null && own !== null && head.refs.length === 1 && isTask(head.refs[0], own);
  const start = isSelf ? head.next : from;
  const mayLead = manner !== 'prose' || isSelf || MODAL.test(tokens[start]?.text ?? '');
  const begin = mayLead ? skipLeads(tokens, start) : start;
  for (let at = begin; at < tokens.length && !isBorder(tokens[at] as Token, manner); at++) {
    const token = tokens[at] as Token;
    if (token.kind === 'negative' || token.kind === 'doubt') return nothing;
    if (token.refs.some((ref) => ref.kind === 'task' || ref.kind === 'range')) return nothing;
    if (token.kind !== 'after' && token.kind !== 'before') continue;
    if (/then$/i.test(token.text)) return nothing;
    const isStrong = STRONG.test(token.text);
    if (at !== begin && !(isStrong && manner !== 'line')) continue;
    const list = readList(tokens, tokens[at + 1]?.kind === 'colon' ? at + 2 : at + 1);
    if (list === null) continue;
    const hasIds = list.refs.some((ref) => ref.kind === 'task' || ref.kind === 'range');
    if (manner === 'prose' && !isStrong && !(hasIds && endsThere(tokens, list.next))) return nothing;
    if (manner === 'line' && !isStrong && !endsThere(tokens, list.next)) return nothing;
    if (isConditional(tokens, list.next, manner)) return nothing;
    return order(token.kind, list.refs, token.start, list.next);
  }
  return nothing;
}

function isTask(ref: Ref | undefined, id: string): boolean {
  return ref?.kind === 'task' && ref.id === id;
}

function endsThere(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  return (
    token === undefined ||
    token.kind === 'stop' ||
    token.kind === 'comma' ||
    token.kind === 'dash' ||
    token.kind === 'colon'
  );
}

/** `(after T003 if caching is on)`: a condition makes it no edge. */
function isConditional(tokens: readonly Token[], from: number, manner: Manner): boolean {
  for (let at = from; at < tokens.length && !isBorder(tokens[at] as Token, manner); at++) {
    if (CONDITION.test((tokens[at] as Token).text)) return true;
  }
  return false;
}

/** `Depends on: T001, T002`, `(deps: T003)`: every name up to the end of the clause, `None` and `-` say nothing. */
function readLabel(tokens: readonly Token[], from: number, text: string, manner: Manner): Clause | null {
  const { start } = tokens[from] as Token;
  LABEL.lastIndex = start;
  SHORT_LABEL.lastIndex = start;
  const label = LABEL.exec(text) ?? (manner === 'bracket' ? SHORT_LABEL.exec(text) : null);
  if (label === null) return null;
  const behind = start + label[0].length;
  let at = from;
  while (at < tokens.length && (tokens[at] as Token).start < behind) at++;
  let isBefore = label[1] !== undefined;
  const refs: Ref[] = [];
  let end = behind;
  for (; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === 'negative' || token.kind === 'stop' || token.kind === 'dash' || token.apart) break;
    // `Dependency: MUST run BEFORE T021`: the word behind the label says more than the label.
    if (token.kind === 'before' && refs.length === 0) isBefore = true;
    if (token.kind === 'list-item') {
      refs.push(...token.refs);
      end = token.end;
    }
  }
  if (refs.length === 0) return { orders: [], next: at };
  const place = { start, end };
  return {
    orders: [isBefore ? { first: [], second: refs, ...place } : { first: refs, second: [], ...place }],
    next: at,
  };
}
