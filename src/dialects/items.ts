/**
 * What belongs to one task: its paragraph, and below it prose, lines that may speak about order, scripts, the body
 * text. Walks one list item; nested tasks are handed on, not read.
 */
import type { Code, List, ListItem, Node } from 'mdast';
import { at, type SourceFile, type Span } from '../core/source.ts';
import type { Script } from '../core/task.ts';
import { endOfLine, logicalLines } from './lines.ts';

export interface Reach {
  readonly source: SourceFile;
  /** The text that offsets refer to: the source, or the source with its fences blanked. */
  readonly text: string;
  /** What has to be added to the offsets of nodes. */
  readonly base: number;
  /** Where the item ends at the latest. */
  readonly limit: number;
  isTask(item: ListItem): boolean;
}

export interface Below {
  /** Paragraphs and quotes below the first one. */
  readonly prose: readonly string[];
  /** Lines that may speak about order. */
  readonly lines: readonly Span[];
  readonly comments: readonly Span[];
  readonly scripts: readonly Script[];
  /** Fenced blocks: what looks like a task in them is none. */
  readonly fences: readonly Span[];
  /** Tasks that stand inside the item, outermost ones, in order. */
  readonly tasks: readonly { readonly item: ListItem; readonly limit: number }[];
  /** List items in the item that are no tasks. */
  readonly others: readonly ListItem[];
}

const RUNNABLE = /^(?:sh|bash|js)$/;
/** `- Dependencies:` with the ids in a list of its own below. */
const BARE_LABEL = /[:：][\s*_]{0,8}$/;

/** Where a node stands; it ends where the next one begins, at the latest. */
export function spanOf(node: Node, base: number, limit = Number.POSITIVE_INFINITY): Span {
  const start = base + (node.position?.start.offset ?? 0);
  return { start, end: Math.min(base + (node.position?.end.offset ?? 0), limit) };
}

/** Hands each node to `visit`, with the offset where the next one begins. */
export function eachNode<T extends Node>(
  nodes: readonly T[],
  base: number,
  limit: number,
  visit: (node: T, limit: number, index: number) => void,
): void {
  nodes.forEach((node, i) => {
    const next = nodes[i + 1];
    visit(node, next === undefined ? limit : Math.min(limit, spanOf(next, base).start), i);
  });
}

/** Walks everything in `item` behind its first paragraph. */
export function readBelow(item: ListItem, reach: Reach): Below {
  const { text, base } = reach;
  const below = {
    prose: [] as string[],
    lines: [] as Span[],
    comments: [] as Span[],
    scripts: [] as Script[],
    fences: [] as Span[],
    tasks: [] as { item: ListItem; limit: number }[],
    others: [] as ListItem[],
  };
  const list = (node: List, until: number): void => {
    eachNode(node.children, base, until, (item, limit) => {
      if (reach.isTask(item)) below.tasks.push({ item, limit });
      else {
        below.others.push(item);
        walk(item.children, limit, item);
      }
    });
  };
  const walk = (nodes: readonly Node[], until: number, owner: ListItem | null): void => {
    eachNode(nodes, base, until, (node, limit, i) => {
      const { start, end } = spanOf(node, base, limit);
      if (node.type === 'list') list(node as List, limit);
      else if (node.type === 'blockquote') walk((node as unknown as { children: Node[] }).children, limit, null);
      else if (node.type === 'code') {
        if (isFence(text, start)) below.fences.push({ start, end });
        const script = readScript(node as Code, reach);
        if (script !== null) below.scripts.push(script);
      } else if (node.type === 'html') below.comments.push({ start, end });
      else if (node.type === 'paragraph') {
        below.prose.push(text.slice(start, end));
        const next = nodes[i + 1];
        const isLabel =
          owner !== null && i === 0 && next?.type === 'list' && BARE_LABEL.test(text.slice(end - 20, end));
        if (isLabel) below.lines.push({ start, end: spanOf(next as Node, base).end });
        else for (const line of logicalLines(text, start, end)) below.lines.push(line);
      }
    });
  };
  walk(item.children[0]?.type === 'paragraph' ? item.children.slice(1) : item.children, reach.limit, null);
  return below;
}

/** A fenced block, in contrast to code that is only indented. */
export function isFence(text: string, start: number): boolean {
  return text.startsWith('```', start) || text.startsWith('~~~', start);
}

/** The script in a fenced block whose info string says `sh run`, `bash run` or `js run`. */
export function readScript(node: Code, reach: Pick<Reach, 'source' | 'text' | 'base'>): Script | null {
  const language = node.lang ?? '';
  if (!RUNNABLE.test(language) || !/^run(?:\s|$)/.test(node.meta ?? '')) return null;
  const { start } = spanOf(node, reach.base);
  const end = endOfLine(reach.text, start, reach.text.length);
  return { language: language as Script['language'], source: node.value, at: at(reach.source, start, end) };
}

/** The text of `[start, end)` without the tasks in it, its common indent taken away. */
export function bodyOf(text: string, start: number, end: number, tasks: readonly Span[]): string {
  let body = '';
  let from = start;
  for (const task of tasks) {
    body += text.slice(from, task.start);
    from = task.end;
  }
  body += text.slice(Math.min(from, end), end);
  const lines = body.replace(/\r\n?/g, '\n').split('\n');
  while (lines.length > 0 && lines[0]?.trim() === '') lines.shift();
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  let indent = Number.POSITIVE_INFINITY;
  for (const line of lines) if (line.trim() !== '') indent = Math.min(indent, indentOf(line));
  return lines.map((line) => line.slice(Math.min(indent, indentOf(line))).trimEnd()).join('\n');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
