/**
 * Sentences to claims: who waits for whom, as tasks of this file, and what was not understood. Knows which kind of
 * sentence is read how; what a claim does to the graph is for `explicit.ts` and `hints.ts`.
 */
import { append } from './append.ts';
import type { Assembled } from './assemble.ts';
import { type Diagnostic, info } from './diagnostic.ts';
import { readBody, readInline } from './inline.ts';
import { createResolver, type Side, span } from './resolve.ts';
import { readFenceLine, readSection } from './sections.ts';
import type { Order } from './sentences.ts';
import { at, type Location } from './source.ts';
import type { Statement, StoryId, TaskDraft } from './task.ts';

export interface Claim {
  readonly first: Side;
  readonly second: Side;
  /** The words that make it, quoted and in place. */
  readonly words: string;
  readonly because: Location;
  /** Said by a task about itself: what is wrong with it is an error. */
  readonly own: boolean;
}

/** Stories that a sentence joins without saying clearly how: each of `one` with each of `other`. */
export interface Loose {
  readonly one: readonly StoryId[];
  readonly other: readonly StoryId[];
  readonly words: string;
  readonly because: Location;
}

export interface Claims {
  /** Between single tasks. */
  readonly narrow: readonly Claim[];
  /** With stories or phases on one side. */
  readonly wide: readonly Claim[];
  readonly loose: readonly Loose[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads every statement. Linear in their text. */
export function readStatements(
  assembled: Assembled,
  drafts: readonly TaskDraft[],
  statements: readonly Statement[],
): Claims {
  const resolver = createResolver(assembled);
  const { vocabulary } = resolver;
  const narrow: Claim[] = [];
  const wide: Claim[] = [];
  const loose: Loose[] = [];
  const diagnostics: Diagnostic[] = [];
  const place = (statement: Statement, start: number, end: number): { words: string; because: Location } => {
    const from = statement.at.span.start;
    return {
      words: shorten(statement.text.slice(start, end)),
      because: at(assembled.source, from + start, from + end),
    };
  };
  const claim = (order: Order, statement: Statement): void => {
    const index = statement.task === null ? null : (assembled.taskOfDraft[statement.task] as number);
    const self: Side | null = index === null ? null : { parts: [span(index, index)], wide: false };
    const first = order.first.length === 0 ? self : resolver.resolve(order.first, statement);
    const second = order.second.length === 0 ? self : resolver.resolve(order.second, statement);
    if (first === null || second === null) return;
    const said = place(statement, order.start, order.end);
    (first.wide || second.wide ? wide : narrow).push({ first, second, ...said, own: index !== null });
  };
  for (const statement of statements) {
    const { text, where, task } = statement;
    if (where === 'inline' || where === 'body') {
      const own = task === null ? null : ((drafts[task] as TaskDraft).id ?? null);
      const read = where === 'inline' ? readInline : readBody;
      for (const order of read(text, own, vocabulary)) claim(order, statement);
      continue;
    }
    const reading =
      where === 'fence' ? readFenceLine(text, vocabulary) : readSection(text, statement.above, vocabulary);
    for (const order of reading.orders) claim(order, statement);
    for (const { one, other, start, end } of reading.hints) loose.push({ one, other, ...place(statement, start, end) });
    for (const { start, end } of reading.unclear) {
      const hinted = reading.hints.some((hint) => hint.start === start);
      diagnostics.push(notUnderstood(place(statement, start, end), hinted));
    }
  }
  append(diagnostics, resolver.diagnostics);
  return { narrow, wide, loose, diagnostics };
}

function notUnderstood({ words, because }: { words: string; because: Location }, hinted: boolean): Diagnostic {
  const effect = hinted ? ', but the later story waits for the earlier one to end' : '';
  return info('not-understood', `Not understood, so it makes no edge${effect}: ${words}`, because, {
    hint: 'Sentences of the form "T004 depends on T001, T002" or "US2 depends on US1" are understood.',
  });
}

/** A piece of text on one line, cut where it is long. */
function shorten(text: string): string {
  const line = text
    .replace(/\*\*|__|`/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
