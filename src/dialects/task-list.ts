/**
 * Task lists in Markdown: list items with checkboxes, markers behind an id, headings above, a body below. Shared
 * by the dialects that write tasks this way; which item is a task is the dialect's choice. Builds no graph.
 */
import type { BlockContent, DefinitionContent, List, ListItem, RootContent } from 'mdast';
import { type Diagnostic, info, warning } from '../core/diagnostic.ts';
import { findStories, speaksOfDependencies } from '../core/headings.ts';
import { pathsIn, targetIn } from '../core/paths.ts';
import { at, type Location, type SourceFile } from '../core/source.ts';
import type { Box, BoxState, Heading, Parsed, Script, Statement, StoryId, TaskDraft } from '../core/task.ts';
import { mayOrder, TASK_ID } from '../core/words.ts';
import { readFrontMatter } from './front-matter.ts';
import { eachBlock } from './markdown.ts';

export interface ListDialect {
  readonly name: string;
  /** `written`: only items with a task id are tasks. `generated`: every checkbox is one. */
  readonly ids: 'written' | 'generated';
  /** Length of the parts that the text is parsed in; only tests choose it. */
  readonly partSize?: number;
}

const ID = new RegExp(`^(?<strike>~~)?(?<mark>\\*\\*|__|\`)?\\[?(?<id>${TASK_ID})\\]?`, 'u');
/** `T001-T005 …`, `T001, T002 …`: a line about several tasks is no task. */
const MORE_IDS = new RegExp(`^\\s*(?:[-–—~,+/&]|and|to)\\s*${TASK_ID}`, 'u');
const RUNNABLE = /^(sh|bash|js)$/;

/** Reads a source as a task list. `null` where ids are asked for and there is none, not even in a fence. */
export function readTaskList(source: SourceFile, dialect: ListDialect): Parsed | null {
  const first = new Reader(source, source.text, dialect).read();
  if (first.drafts.length > 0) return first;
  // All tasks stand in fences: somebody's tool wrapped the file. Blank the fences, keep all offsets.
  const unfenced = source.text.replace(/^[ \t]*(?:`{3,}|~{3,})[^\r\n]*/gm, (line) => ' '.repeat(line.length));
  if (unfenced !== source.text && ANY_ID_LINE.test(unfenced)) {
    const second = new Reader(source, unfenced, dialect).read();
    const draft = second.drafts[0];
    if (draft !== undefined) {
      const note = warning(
        'tasks-in-fences',
        'All tasks of this file stand in fenced code; they were read as tasks.',
        draft.at,
        {
          hint: 'Take the fences (```) away, so that other tools see the list too.',
        },
      );
      return { ...second, diagnostics: [note, ...second.diagnostics] };
    }
  }
  return dialect.ids === 'written' ? null : first;
}

export const ANY_ID_LINE = new RegExp(
  `^[ \\t>]*(?:[-*+]|\\d{1,9}[.)])[ \\t]+\\[[^\\]\\n]{0,4}\\][ \\t]*(?:~~|\\*\\*|__|\`|\\[){0,2}${TASK_ID}`,
  'mu',
);

class Reader {
  private readonly source: SourceFile;
  private readonly text: string;
  private readonly dialect: ListDialect;
  private readonly drafts: TaskDraft[] = [];
  private readonly statements: Statement[] = [];
  private readonly headings: Heading[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly stack: Heading[] = [];
  /** Section lines wait until it is known whether their section holds tasks. */
  private readonly sectionLines: { heading: Heading; statement: Statement }[] = [];
  private readonly withTasks = new Set<Heading>();
  /** First line of the list item that the reader is below, outside of tasks. */
  private above: string | null = null;
  /** Text below a heading that begins with a task id, by that id. */
  private readonly spoken: {
    id: string;
    text: string;
    at: Location;
    scripts: Script[];
    lines: { text: string; at: Location }[];
  }[] = [];
  private readonly hidden: { start: number; end: number }[] = [];
  private checklists = 0;
  private checklistsDone = 0;

  constructor(source: SourceFile, text: string, dialect: ListDialect) {
    this.source = source;
    this.text = text;
    this.dialect = dialect;
  }

  read(): Parsed {
    const front = readFrontMatter(this.source);
    this.diagnostics.push(...front.diagnostics);
    eachBlock(this.text, front.end, (block, base) => this.block(block, base), this.dialect.partSize);
    for (const { heading, statement } of this.sectionLines) {
      if (!this.withTasks.has(heading)) this.statements.push(statement);
    }
    this.joinSpoken();
    if (this.dialect.ids === 'written') this.reportNearMisses();
    return {
      source: this.source,
      dialect: this.dialect.name,
      drafts: this.drafts,
      statements: this.statements,
      headings: this.headings,
      checklists: this.checklists,
      checklistsDone: this.checklistsDone,
      frontMatter: front.value,
      diagnostics: this.diagnostics,
    };
  }

  private at(start: number, end: number): Location {
    return at(this.source, start, end);
  }

  private get heading(): Heading | null {
    return this.stack.at(-1) ?? null;
  }

  private block(node: RootContent, base: number): void {
    const start = base + (node.position?.start.offset ?? 0);
    const end = base + (node.position?.end.offset ?? 0);
    const task = this.headingTask();
    if (task !== null && node.type !== 'heading' && node.type !== 'list') {
      const script = node.type === 'code' ? this.script(node, base) : null;
      task.text += `${this.text.slice(start, end)}\n\n`;
      if (script !== null) task.scripts.push(script);
      if (node.type !== 'code' && node.type !== 'html')
        this.lines(start, end, (text, where) => task.lines.push({ text, at: where }));
      return;
    }
    switch (node.type) {
      case 'heading':
        this.openHeading(node.depth, start, end);
        break;
      case 'list':
        this.list(node, base, null);
        break;
      case 'code':
        this.hidden.push({ start, end });
        this.sectionFence(start, end);
        break;
      case 'html':
        if (/^\s*<!--/.test(this.text.slice(start, start + 8))) this.hidden.push({ start, end });
        break;
      case 'blockquote':
        for (const child of node.children) this.block(child, base);
        break;
      case 'paragraph':
        this.lines(start, end, (text, where) => this.sectionLine(text, where));
        break;
      default:
        break;
    }
  }

  private openHeading(depth: number, start: number, end: number): void {
    while (this.stack.length > 0 && (this.stack.at(-1) as Heading).depth >= depth) this.stack.pop();
    const text = this.text
      .slice(start, end)
      .replace(/\r?\n[\s\S]*$/, '')
      .replace(/^ {0,3}#{1,6}[ \t]*/, '')
      .replace(/[ \t]+#+[ \t]*$/, '')
      .replace(/\*\*|__|`/g, '')
      .trim();
    const heading: Heading = { depth, text, at: this.at(start, end), parent: this.heading };
    this.stack.push(heading);
    this.headings.push(heading);
    const id = ID.exec(text)?.groups?.['id'];
    if (id !== undefined && !MORE_IDS.test(text.slice((ID.exec(text) as RegExpExecArray)[0].length))) {
      this.spoken.push({ id, text: '', at: heading.at, scripts: [], lines: [] });
      this.speakers.set(heading, this.spoken.at(-1) as (typeof this.spoken)[number]);
    }
  }

  private readonly speakers = new Map<Heading, (typeof this.spoken)[number]>();

  private headingTask(): (typeof this.spoken)[number] | null {
    for (let heading = this.heading; heading !== null; heading = heading.parent) {
      const spoken = this.speakers.get(heading);
      if (spoken !== undefined) return spoken;
    }
    return null;
  }

  private list(node: List, base: number, owner: number | null): void {
    for (const item of node.children) this.item(item, base, owner);
  }

  private item(item: ListItem, base: number, owner: number | null): void {
    const start = base + (item.position?.start.offset ?? 0);
    const end = base + (item.position?.end.offset ?? 0);
    const box = this.box(start, end);
    const written = box === null ? null : this.id(box.content, end);
    const isTask = box !== null && (written !== null || this.dialect.ids === 'generated');
    if (box !== null && !isTask) {
      this.checklists++;
      if (box.box.state === 'done') this.checklistsDone++;
    }
    if (isTask) {
      this.task(item, base, box, written);
      return;
    }
    const spoken = owner === null ? this.headingTask() : null;
    if (spoken !== null) spoken.text += `${this.text.slice(start, end)}\n`;
    const firstLine = this.text
      .slice(start, endOfLine(this.text, start, end))
      .replace(/^(?:[-*+]|\d{1,9}[.)])[ \t]+/, '');
    for (const child of item.children) {
      const from = base + (child.position?.start.offset ?? 0);
      const to = base + (child.position?.end.offset ?? 0);
      if (child.type === 'list') this.below(firstLine, () => this.list(child, base, owner));
      else if (child.type === 'code') {
        this.hidden.push({ start: from, end: to });
        const script = this.script(child, base);
        if (spoken !== null && script !== null) spoken.scripts.push(script);
        if (owner === null) this.sectionFence(from, to);
      } else if (child.type === 'paragraph') {
        this.lines(from, to, (text, where) => {
          if (owner !== null) this.bodyLine(owner, text, where);
          else if (spoken !== null) spoken.lines.push({ text, at: where });
          else this.sectionLine(text, where);
        });
      } else if (child.type === 'blockquote') this.quoted(child.children, base, owner);
    }
  }

  private below(line: string, read: () => void): void {
    const outer = this.above;
    this.above = line;
    read();
    this.above = outer;
  }

  private quoted(children: readonly (BlockContent | DefinitionContent)[], base: number, owner: number | null): void {
    for (const child of children) {
      const from = base + (child.position?.start.offset ?? 0);
      const to = base + (child.position?.end.offset ?? 0);
      if (child.type === 'list') this.list(child, base, owner);
      else if (child.type === 'paragraph') {
        this.lines(from, to, (text, where) => {
          if (owner !== null) this.bodyLine(owner, text, where);
          else this.sectionLine(text, where);
        });
      }
    }
  }

  /** The checkbox that a list item begins with, or `null`. `content` is the offset of the text behind it. */
  private box(start: number, end: number): { box: Box; content: number; unknown: string | null } | null {
    const head = /^(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\[)/.exec(this.text.slice(start, Math.min(end, start + 24)));
    if (head === null) return null;
    const open = start + head[0].length;
    const line = /^\[([^\][\r\n]{0,12})\](?![([:])[ \t]*/.exec(this.text.slice(open, Math.min(end, open + 40)));
    if (line === null) return null;
    const raw = line[1] as string;
    const mark = raw.trim();
    const single = [...mark.replace(/\uFE0F/g, '')].length <= 1;
    if (!single || mark === 'P' || mark === 'p') return null;
    const inner = { start: open + 1, end: open + 1 + raw.length };
    const content = open + line[0].length;
    const known = boxState(mark);
    if (known === null && /[\p{L}\p{N}]/u.test(mark) && this.id(content, end) === null) return null;
    return { box: { inner, state: known ?? 'open' }, content, unknown: known === null ? mark : null };
  }

  private id(content: number, end: number): { id: string; end: number; struck: boolean } | null {
    const text = this.text.slice(content, Math.min(end, content + 80));
    const match = ID.exec(text);
    if (match === null || MORE_IDS.test(text.slice(match[0].length))) return null;
    const mark = match.groups?.['mark'];
    let length = match[0].length;
    if (mark !== undefined && text.startsWith(mark, length)) length += mark.length;
    return {
      id: match.groups?.['id'] as string,
      end: content + length,
      struck: match.groups?.['strike'] !== undefined,
    };
  }

  private task(
    item: ListItem,
    base: number,
    found: { box: Box; content: number; unknown: string | null },
    written: { id: string; end: number; struck: boolean } | null,
  ): void {
    const start = base + (item.position?.start.offset ?? 0);
    const end = base + (item.position?.end.offset ?? 0);
    const lineEnd = endOfLine(this.text, found.content, end);
    const place = this.at(start, lineEnd);
    const raw = this.text.slice(written?.end ?? found.content, lineEnd);
    const struck = (written?.struck ?? /^\s*~~/.test(raw)) && /~~/.test(raw.replace(/^\s*~~/, ''));
    const state: BoxState = found.box.state === 'open' && struck ? 'skipped' : found.box.state;
    if (found.unknown !== null) {
      const what =
        found.unknown === '~' ? 'is used for deferred, partial and started work' : 'is not a state that is known';
      this.diagnostics.push(
        warning(
          'unknown-box',
          `The box [${found.unknown}] ${what}; the task is taken as open.`,
          this.at(found.box.inner.start - 1, found.box.inner.end + 1),
          {
            hint: 'Write [ ] for open, [x] for done, [-] for skipped.',
          },
        ),
      );
    }
    const markers = readMarkers(raw, written !== null);
    const index = this.drafts.length;
    const paragraph = item.children[0];
    const paragraphEnd = paragraph?.type === 'paragraph' ? base + (paragraph.position?.end.offset ?? 0) : lineEnd;
    const continuation = this.text.slice(lineEnd, Math.max(lineEnd, paragraphEnd));
    const prose: string[] = [];
    const scripts: Script[] = [];
    const nested: List[] = [];
    const lines: { text: string; at: Location }[] = [];
    for (const child of item.children) {
      const from = base + (child.position?.start.offset ?? 0);
      const to = base + (child.position?.end.offset ?? 0);
      if (child === paragraph && child.type === 'paragraph') continue;
      if (child.type === 'list') nested.push(child);
      if (child.type === 'code') {
        this.hidden.push({ start: from, end: to });
        const script = this.script(child, base);
        if (script !== null) scripts.push(script);
      } else if (child.type === 'paragraph' || child.type === 'blockquote') {
        this.lines(from, to, (text, where) => lines.push({ text, at: where }));
        prose.push(this.text.slice(from, to));
      } else if (child.type === 'html') lines.push({ text: this.text.slice(from, to), at: this.at(from, to) });
    }
    for (const list of nested) this.gather(list, base, prose, lines, scripts);
    const titleText = markers.title;
    const below = [continuation, ...prose].join('\n');
    const draft: TaskDraft = {
      id: written?.id ?? null,
      title: titleText === '' ? (written?.id ?? '(no title)') : titleText,
      at: place,
      box: { inner: found.box.inner, state },
      parallel: markers.parallel,
      stories: markers.stories,
      all: markers.all,
      priority: markers.priority,
      labels: markers.labels,
      paths: pathsIn(`${titleText}\n${below}`),
      target: targetIn(titleText) ?? targetIn(below),
      heading: this.heading,
      body: this.body(lineEnd, end, nested, base),
      scripts,
    };
    this.drafts.push(draft);
    for (let heading = this.heading; heading !== null; heading = heading.parent) {
      if (this.withTasks.has(heading)) break;
      this.withTasks.add(heading);
    }
    const said = this.text.slice(lineEnd - raw.length, Math.max(lineEnd, paragraphEnd));
    if (mayOrder(said)) {
      const where = this.at(lineEnd - raw.length, lineEnd - raw.length + said.length);
      this.statements.push({ task: index, text: said, at: where, where: 'inline', above: null });
    }
    for (const line of lines) this.bodyLine(index, line.text, line.at);
    for (const list of nested) this.list(list, base, index);
  }

  /** Prose and scripts of nested items that are no tasks themselves. */
  private gather(
    list: List,
    base: number,
    prose: string[],
    lines: { text: string; at: Location }[],
    scripts: Script[],
  ): void {
    for (const item of list.children) {
      if (this.isTask(item, base)) continue;
      for (const child of item.children) {
        if (child.type === 'list') this.gather(child, base, prose, lines, scripts);
        else if (child.type === 'code') {
          const script = this.script(child, base);
          if (script !== null) scripts.push(script);
        } else if (child.type === 'paragraph') {
          prose.push(
            this.text.slice(base + (child.position?.start.offset ?? 0), base + (child.position?.end.offset ?? 0)),
          );
        }
      }
    }
  }

  private isTask(item: ListItem, base: number): boolean {
    const start = base + (item.position?.start.offset ?? 0);
    const end = base + (item.position?.end.offset ?? 0);
    const box = this.box(start, end);
    return box !== null && (this.dialect.ids === 'generated' || this.id(box.content, end) !== null);
  }

  /** The text below a task's first line without the tasks in it, its common indent taken away. */
  private body(from: number, to: number, nested: readonly List[], base: number): string {
    let text = '';
    let at = from;
    const skip = (list: List): void => {
      for (const item of list.children) {
        const start = base + (item.position?.start.offset ?? 0);
        if (this.isTask(item, base)) {
          text += this.text.slice(at, start);
          at = base + (item.position?.end.offset ?? 0);
        } else for (const child of item.children) if (child.type === 'list') skip(child);
      }
    };
    for (const list of nested) skip(list);
    text += this.text.slice(Math.min(at, to), to);
    const lines = text
      .replace(/\r\n?/g, '\n')
      .replace(/^\n+|\s+$/g, '')
      .split('\n');
    const indent = Math.min(
      ...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length),
    );
    return lines.map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length))).join('\n');
  }

  private script(
    node: {
      lang?: string | null | undefined;
      meta?: string | null | undefined;
      value: string;
      position?: ListItem['position'];
    },
    base: number,
  ): Script | null {
    const language = RUNNABLE.exec(node.lang ?? '')?.[1];
    if (language === undefined || !/^run(?:\s|$)/.test(node.meta ?? '')) return null;
    const start = base + (node.position?.start.offset ?? 0);
    return {
      language: language as Script['language'],
      source: node.value,
      at: this.at(start, endOfLine(this.text, start, this.text.length)),
    };
  }

  private bodyLine(task: number, text: string, where: Location): void {
    if (mayOrder(text))
      this.statements.push({ task, text, at: where, where: text.startsWith('<!--') ? 'inline' : 'body', above: null });
  }

  private sectionLine(text: string, where: Location): void {
    const heading = this.section();
    if (heading === null || !(mayOrder(text) || /US-?\d|\bT\d/.test(text))) return;
    const above = this.above ?? this.heading?.text ?? null;
    this.sectionLines.push({ heading, statement: { task: null, text, at: where, where: 'section', above } });
  }

  private sectionFence(start: number, end: number): void {
    const heading = this.section();
    if (heading === null) return;
    this.lines(start, end, (text, where) => {
      if (!/^\s*(?:`{3,}|~{3,})/.test(text) && mayOrder(text)) {
        this.sectionLines.push({ heading, statement: { task: null, text, at: where, where: 'fence', above: null } });
      }
    });
  }

  /** The dependency section that the reader is in, if any: the innermost heading that says yes or no decides. */
  private section(): Heading | null {
    let found: Heading | null = null;
    for (let heading = this.heading; heading !== null; heading = heading.parent) {
      const says = speaksOfDependencies(heading.text);
      if (says === false) return null;
      if (says === true) found ??= heading;
    }
    return found;
  }

  private lines(start: number, end: number, each: (text: string, where: Location) => void): void {
    let from = start;
    while (from < end) {
      const to = endOfLine(this.text, from, end);
      const text = this.text.slice(from, to).replace(/^[\s>]+/, '');
      if (text.trim() !== '') each(text.trimEnd(), this.at(to - text.length, to - text.length + text.trimEnd().length));
      from = to + (this.text.startsWith('\r\n', to) ? 2 : 1);
    }
  }

  /** What stands below a heading with a task's id belongs to that task. */
  private joinSpoken(): void {
    if (this.spoken.length === 0) return;
    const byId = new Map<string, number>();
    this.drafts.forEach((draft, index) => {
      if (draft.id !== null && !byId.has(draft.id)) byId.set(draft.id, index);
    });
    for (const spoken of this.spoken) {
      const index = byId.get(spoken.id);
      if (index === undefined) continue;
      const draft = this.drafts[index] as TaskDraft;
      const body = [draft.body, spoken.text.trim()].filter((part) => part !== '').join('\n\n');
      this.drafts[index] = {
        ...draft,
        body,
        scripts: [...draft.scripts, ...spoken.scripts],
        paths: [...new Set([...draft.paths, ...pathsIn(spoken.text)])],
        target: draft.target ?? targetIn(spoken.text),
      };
      for (const line of spoken.lines) this.bodyLine(index, line.text, line.at);
    }
  }

  /** Lines that were meant as tasks but are no list items for Markdown, or stand in HTML. */
  private reportNearMisses(): void {
    const known = new Set(this.drafts.map((draft) => draft.id));
    const near = new RegExp(
      `^[ \\t]*(?:[-*+]\\[[ xX~✅-]?\\][ \\t]*|[-*+]?[ \\t]*\\[[ xX~✅-]?\\][ \\t]*)(?:\\*\\*)?(${TASK_ID})`,
      'gmu',
    );
    for (const match of this.text.matchAll(near)) {
      const start = match.index + (/^[ \t]*/.exec(match[0])?.[0].length ?? 0);
      if (known.has(match[1] as string)) continue;
      if (this.hidden.some((span) => span.start <= start && start < span.end)) continue;
      this.diagnostics.push(
        warning(
          'not-a-list-item',
          `${match[1]} looks like a task, but Markdown does not see a list item here.`,
          this.at(start, match.index + match[0].length),
          {
            hint: 'Write "- [ ] ", with a blank behind the dash and behind the box, outside of HTML and not indented like code.',
          },
        ),
      );
    }
  }
}

function boxState(mark: string): BoxState | null {
  if (mark === '') return 'open';
  if (/^(?:[xX✓✔☑✅]\uFE0F?)$/u.test(mark)) return 'done';
  return mark === '-' ? 'skipped' : null;
}

function endOfLine(text: string, from: number, limit: number): number {
  let i = from;
  while (i < limit && text.charCodeAt(i) !== 10 && text.charCodeAt(i) !== 13) i++;
  return i;
}

interface Markers {
  readonly title: string;
  readonly parallel: boolean;
  readonly stories: StoryId[];
  readonly all: boolean;
  readonly priority: number | null;
  readonly labels: string[];
}

/**
 * Markers behind the id, in any order, and at the end of the line; what is left is the title. Without an id only
 * the known markers count, so that `[WIP] Add login` keeps its words.
 */
export function readMarkers(line: string, hasId: boolean): Markers {
  let parallel = false;
  let all = false;
  let priority: number | null = null;
  const stories: StoryId[] = [];
  const labels: string[] = [];
  const take = (inner: string, known: boolean): boolean => {
    const parts = inner.split(/[,+/&|、]|\band\b/).map((part) => part.trim());
    const meanings = parts.map((part) => {
      if (/^P$/i.test(part)) return { kind: 'parallel' as const };
      if (/^ALL$/i.test(part)) return { kind: 'all' as const };
      const rank = /^P([0-9])$/i.exec(part);
      if (rank !== null) return { kind: 'priority' as const, rank: Number(rank[1]) };
      const story = findStories(part)[0];
      if (story !== undefined && story.start === 0 && story.end === part.length)
        return { kind: 'story' as const, ids: story.stories };
      return null;
    });
    if (meanings.some((meaning) => meaning === null)) {
      if (known) return false;
      labels.push(inner.trim());
      return true;
    }
    for (const meaning of meanings) {
      if (meaning?.kind === 'parallel') parallel = true;
      else if (meaning?.kind === 'all') all = true;
      else if (meaning?.kind === 'priority') priority = meaning.rank;
      else if (meaning?.kind === 'story') stories.push(...meaning.ids);
    }
    return true;
  };
  let rest = line
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/^\s*~~|~~/g, '')
    .trim();
  if (hasId) rest = rest.replace(/^(?:\*\*|__)?\s*[:：.]\s*/, '').replace(/^(?:\*\*|__)?\s*(?:-|–|—)\s+/, '');
  for (;;) {
    const group = /^(?:\*\*|__|`)*\\?\[([^\][\r\n]{1,60}?)\\?\](?![([:])(?:\*\*|__|`)*\s*[:：]?\s*/.exec(rest);
    if (group === null) break;
    const inner = group[1] as string;
    if (!hasId && !isKnownMarker(inner)) break;
    if (mayBeSentence(inner) || !take(inner, !hasId)) break;
    rest = rest.slice(group[0].length);
  }
  if (hasId) rest = rest.replace(/^(?:-|–|—)\s+/, '');
  for (;;) {
    const group = /(?:\s|^)(?:\*\*|`)?\\?\[([^\][\r\n]{1,40}?)\\?\](?:\*\*|`)?[.\s]*$/.exec(rest);
    if (group === null || !isKnownMarker(group[1] as string)) break;
    const before = rest.slice(0, group.index);
    // `must not be marked as parallel [P]` speaks of the marker, it does not carry it.
    if (/(?:\bas|parallel|marked|marker|tag(?:ged)?|not|no|without|with|the|a)\s*$/i.test(before)) break;
    take(group[1] as string, true);
    rest = before;
  }
  const opened = (rest.match(/\*\*/g) ?? []).length % 2 === 1;
  const title = (opened ? rest.replace('**', '') : rest).replaceAll('\0', '\uFFFD').replace(/\s+/g, ' ').trim();
  return { title, parallel, stories: [...new Set(stories)], all, priority, labels: [...new Set(labels)] };
}

function isKnownMarker(inner: string): boolean {
  return inner
    .split(/[,+/&|、]|\band\b/)
    .every((part) => /^(?:P|ALL|P[0-9])$/i.test(part.trim()) || isStory(part.trim()));
}

function isStory(part: string): boolean {
  const story = findStories(part)[0];
  return story !== undefined && story.start === 0 && story.end === part.length;
}

/** `[depends on T001]` is a sentence in brackets, `[FR-012]` a label. */
function mayBeSentence(inner: string): boolean {
  return /\s/.test(inner.trim()) && mayOrder(inner);
}

export function numberedNote(source: SourceFile, drafts: readonly TaskDraft[]): Diagnostic | null {
  const first = drafts[0];
  if (first === undefined) return null;
  const numbered = drafts.filter((draft) => /^\d+(?:\.\d+)*[.)]?\s/.test(draft.title)).length;
  const kind =
    numbered * 2 >= drafts.length
      ? 'a numbered list (Kiro, OpenSpec and others) is read as a plain checklist'
      : 'no task of this file has an id';
  return info(
    'read-as-checklist',
    `${capital(kind)}: every box of ${source.name} is a task, with a generated id, in document order.`,
    first.at,
    {
      hint: 'Give tasks ids (T001, T002, …) to use markers, dependencies and stories.',
    },
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
