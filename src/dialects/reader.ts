/**
 * Walks the blocks of a task list: headings open and close, list items become drafts, lines of dependency sections
 * become statements. What one item holds is read in `items.ts`; what sentences mean is for the core.
 */
import type { List, ListItem, Node, RootContent } from 'mdast';
import { type Diagnostic, warning } from '../core/diagnostic.ts';
import { looksLikePhase, speaksOfDependencies } from '../core/headings.ts';
import { type FoundId, headingId, readId } from '../core/ids.ts';
import { readPaths } from '../core/paths.ts';
import { at, type Location, type SourceFile, type Span } from '../core/source.ts';
import type { BoxState, Heading, Parsed, Statement, TaskDraft } from '../core/task.ts';
import { mayOrder } from '../core/words.ts';
import { type FoundBox, readBox } from './boxes.ts';
import { limitDepth } from './depth.ts';
import { readFrontMatter } from './front-matter.ts';
import { bodyOf, eachNode, isFence, type Reach, readBelow, readScript, spanOf } from './items.ts';
import { endOfLine, logicalLines, physicalLines } from './lines.ts';
import { eachBlock } from './markdown.ts';
import { readMarkers } from './markers.ts';
import { nearMisses } from './near-misses.ts';
import { joinSpoken, type Spoken } from './spoken.ts';
import type { ListDialect } from './task-list.ts';

export class Reader {
  private readonly source: SourceFile;
  private readonly text: string;
  private readonly dialect: ListDialect;
  private readonly drafts: TaskDraft[] = [];
  private readonly statements: Statement[] = [];
  private readonly headings: Heading[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly stack: Heading[] = [];
  /** Lines of sections wait until it is known whether their section is a phase. */
  private readonly sectionLines: { heading: Heading; statement: Statement }[] = [];
  private readonly withTasks = new Set<Heading>();
  /** What stands below headings that begin with a task id. */
  private readonly spoken = new Map<Heading, Spoken>();
  /** First line of the list item that the reader is below, outside of tasks. */
  private above: string | null = null;
  /** Code and comments: what looks like a task in them is none. */
  private readonly hidden: Span[] = [];
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
    const shallow = limitDepth(this.text);
    const visit = (block: Node, base: number, limit: number): void => this.block(block, base, limit);
    eachBlock(shallow.text, front.end, visit, this.dialect.partSize);
    for (const { heading, statement } of this.sectionLines) {
      // `## Phase 2: Dependency injection` is a phase, not a section about dependencies.
      if (!(this.withTasks.has(heading) && looksLikePhase(heading.text))) this.statements.push(statement);
    }
    joinSpoken(this.drafts, [...this.spoken.values()], (index, line) => this.say(index, line, 'body'));
    const missed = nearMisses(this.source, this.text, this.drafts, this.hidden);
    return {
      source: this.source,
      dialect: this.dialect.name,
      drafts: this.drafts,
      statements: this.statements,
      headings: this.headings,
      checklists: this.checklists,
      checklistsDone: this.checklistsDone,
      frontMatter: front.value,
      diagnostics: this.diagnostics.concat(missed),
    };
  }

  private at(span: Span): Location {
    return at(this.source, span.start, span.end);
  }

  private get heading(): Heading | null {
    return this.stack.at(-1) ?? null;
  }

  private block(node: Node, base: number, limit: number): void {
    const { start, end } = spanOf(node, base, limit);
    const spoken = this.speaker();
    switch (node.type) {
      case 'heading':
        this.openHeading((node as RootContent & { type: 'heading' }).depth, start, end);
        return;
      case 'list':
        this.list(node as List, base, limit);
        return;
      case 'html':
        if (this.text.startsWith('<!--', start)) this.hidden.push({ start, end });
        break;
      case 'code':
        if (isFence(this.text, start)) this.hidden.push({ start, end });
        if (spoken === null) this.sectionFence(start, end);
        break;
      case 'blockquote':
        if (spoken === null) this.quote((node as RootContent & { type: 'blockquote' }).children, base, limit);
        break;
      case 'paragraph':
        if (spoken === null) for (const line of logicalLines(this.text, start, end)) this.sectionLine(line);
        break;
      default:
        break;
    }
    if (spoken === null) return;
    spoken.text += `${this.text.slice(start, end)}\n\n`;
    if (node.type === 'code') {
      const script = readScript(node as RootContent & { type: 'code' }, { source: this.source, text: this.text, base });
      if (script !== null) spoken.scripts.push(script);
    } else if (node.type !== 'html') {
      for (const line of logicalLines(this.text, start, end)) spoken.lines.push(line);
    }
  }

  /** A quoted heading opens no section. */
  private quote(nodes: readonly Node[], base: number, until: number): void {
    eachNode(nodes, base, until, (node, limit) => {
      if (node.type !== 'heading') this.block(node, base, limit);
    });
  }

  private openHeading(depth: number, start: number, end: number): void {
    while (this.stack.length > 0 && (this.stack.at(-1) as Heading).depth >= depth) this.stack.pop();
    const text = this.text
      .slice(start, endOfLine(this.text, start, end))
      .replace(/^ {0,3}#{1,6}[ \t]*/, '')
      .replace(/[ \t]#{1,}[ \t]*$/, '')
      .replace(/\*\*|__|`|~~/g, '')
      .replaceAll('\0', '\uFFFD')
      .trim();
    const heading: Heading = { depth, text, at: this.at({ start, end }), parent: this.heading };
    this.stack.push(heading);
    this.headings.push(heading);
    const id = headingId(text);
    if (id !== null) this.spoken.set(heading, { id, text: '', scripts: [], lines: [] });
  }

  /** Where text below the present headings goes, if one of them begins with a task id. */
  private speaker(): Spoken | null {
    for (let heading = this.heading; heading !== null; heading = heading.parent) {
      const spoken = this.spoken.get(heading);
      if (spoken !== undefined) return spoken;
    }
    return null;
  }

  private list(node: List, base: number, until: number): void {
    eachNode(node.children, base, until, (item, limit) => this.item(item, base, limit));
  }

  private item(item: ListItem, base: number, until: number): void {
    const { start, end } = spanOf(item, base, until);
    const box = readBox(this.text, start, end);
    const id = box === null ? null : readId(this.text, box.content, end);
    if (box !== null && this.isTask(box, id)) {
      this.task(item, base, until, box, id);
      return;
    }
    this.count(box);
    const spoken = this.speaker();
    if (spoken !== null) spoken.text += `${this.text.slice(start, end)}\n`;
    const outer = this.above;
    const own = this.text.slice(start, endOfLine(this.text, start, end)).replace(/^(?:[-*+]|\d{1,9}[.)])[ \t]+/, '');
    eachNode(item.children, base, until, (child, limit) => {
      const inner = spanOf(child, base, limit);
      if (child.type === 'list') {
        this.above = own;
        this.list(child, base, limit);
        this.above = outer;
      } else if (child.type === 'paragraph') {
        for (const line of logicalLines(this.text, inner.start, inner.end)) {
          if (spoken === null) this.sectionLine(line);
          else spoken.lines.push(line);
        }
      } else if (child.type === 'code' && spoken !== null) {
        if (isFence(this.text, inner.start)) this.hidden.push(inner);
        const script = readScript(child, { source: this.source, text: this.text, base });
        if (script !== null) spoken.scripts.push(script);
      } else if (child.type !== 'heading') this.block(child, base, limit);
    });
  }

  private isTask(box: FoundBox | null, id: FoundId | null): boolean {
    return box !== null && (id !== null || this.dialect.ids === 'generated');
  }

  private count(box: FoundBox | null): void {
    if (box === null) return;
    this.checklists++;
    if (box.state === 'done') this.checklistsDone++;
  }

  private task(item: ListItem, base: number, limit: number, box: FoundBox, id: FoundId | null): void {
    const { start, end } = spanOf(item, base, limit);
    const lineEnd = endOfLine(this.text, box.content, end);
    const from = id?.end ?? box.content;
    const [paragraph] = item.children;
    const said = paragraph?.type === 'paragraph' ? Math.max(lineEnd, spanOf(paragraph, base).end) : lineEnd;
    const state = this.stateOf(box, id, from, said);
    const markers = readMarkers(withoutStruck(this.text.slice(from, lineEnd), state), id !== null);
    const reach: Reach = {
      source: this.source,
      text: this.text,
      base,
      limit,
      isTask: (child) => {
        const span = spanOf(child, base);
        const found = readBox(this.text, span.start, span.end);
        return found !== null && this.isTask(found, readId(this.text, found.content, span.end));
      },
    };
    const below = readBelow(item, reach);
    for (const span of below.fences) this.hidden.push(span);
    for (const other of below.others) {
      const span = spanOf(other, base);
      this.count(readBox(this.text, span.start, span.end));
    }
    const nested = below.tasks.map((task) => spanOf(task.item, base, task.limit));
    const index = this.drafts.length;
    this.drafts.push({
      id: id?.id ?? null,
      title: markers.title === '' ? (id?.id ?? '(no title)') : markers.title,
      at: this.at({ start, end: lineEnd }),
      box: { inner: box.inner, state },
      parallel: markers.parallel,
      stories: markers.stories,
      all: markers.all,
      priority: markers.priority,
      labels: markers.labels,
      ...readPaths(markers.title, [this.text.slice(lineEnd, said), ...below.prose].join('\n')),
      heading: this.heading,
      body: bodyOf(this.text, lineEnd, end, nested),
      scripts: below.scripts,
    });
    for (let heading = this.heading; heading !== null && !this.withTasks.has(heading); heading = heading.parent) {
      this.withTasks.add(heading);
    }
    for (const line of logicalLines(this.text, from, said)) this.say(index, line, 'inline');
    for (const span of below.comments) this.say(index, span, 'inline');
    for (const line of below.lines) this.say(index, line, 'body');
    for (const task of below.tasks) this.item(task.item, base, task.limit);
  }

  /** The state of a box, a strike-through of the whole item taken into account. */
  private stateOf(box: FoundBox, id: FoundId | null, from: number, to: number): BoxState {
    if (box.unknown !== null) this.reportBox(box);
    if (box.state !== 'open') return box.state;
    const said = this.text.slice(from, to);
    if (id?.struck === true) return said.includes('~~') ? 'skipped' : 'open';
    // `T005 ~~the whole title~~ (removed)`: what is left says something about the item, not what to do.
    const whole = /^(?:\*\*|__)?\s*[:：.-]?\s*(?:\[[^\]\n]{1,60}\]\s*){0,6}~~[^~]+~~(?:\*\*|__)?\s*(.?)/u.exec(said);
    return whole !== null && /^[([（—–.\-→]?$/u.test(whole[1] as string) ? 'skipped' : 'open';
  }

  private reportBox({ unknown, inner }: FoundBox): void {
    const what = unknown === '~' ? 'is used for deferred, partial and started work' : 'is not a state that is known';
    this.diagnostics.push(
      warning(
        'unknown-box',
        `The box [${unknown}] ${what}; the task is taken as open.`,
        this.at({ start: inner.start - 1, end: inner.end + 1 }),
        { hint: 'Write [ ] for open, [x] for done, [-] for skipped.' },
      ),
    );
  }

  private say(task: number, span: Span, where: 'inline' | 'body'): void {
    const text = this.text.slice(span.start, span.end);
    if (mayOrder(text)) this.statements.push({ task, text, at: this.at(span), where, above: null });
  }

  private sectionLine(span: Span): void {
    const heading = this.section();
    if (heading === null) return;
    const text = this.text.slice(span.start, span.end);
    if (!mayOrder(text) && !/US-?\d|\bT-?\d|stor(?:y|ies)\s*\d/i.test(text)) return;
    const above = this.above ?? this.heading?.text ?? null;
    this.sectionLines.push({ heading, statement: { task: null, text, at: this.at(span), where: 'section', above } });
  }

  private sectionFence(start: number, end: number): void {
    const heading = this.section();
    if (heading === null || !isFence(this.text, start)) return;
    for (const line of physicalLines(this.text, start, end)) {
      const text = this.text.slice(line.start, line.end);
      if (!mayOrder(text)) continue;
      this.sectionLines.push({
        heading,
        statement: { task: null, text, at: this.at(line), where: 'fence', above: null },
      });
    }
  }

  /** The dependency section that the reader is in, if any: a heading that says no counts for all below it. */
  private section(): Heading | null {
    let found: Heading | null = null;
    for (let heading = this.heading; heading !== null; heading = heading.parent) {
      const says = this.saysOf(heading);
      if (says === false) return null;
      if (says === true) found ??= heading;
    }
    return found;
  }

  private readonly said = new Map<Heading, boolean | null>();

  private saysOf(heading: Heading): boolean | null {
    let says = this.said.get(heading);
    if (says === undefined) {
      says = speaksOfDependencies(heading.text);
      this.said.set(heading, says);
    }
    return says;
  }
}

/** A line without the words that are struck out in it, unless they are all there is. */
function withoutStruck(line: string, state: BoxState): string {
  if (state === 'skipped' || !line.includes('~~')) return line;
  const rest = line.replace(/~~[^~]+~~/g, ' ');
  return /[\p{L}\p{N}]/u.test(rest.replace(/\[[^\]]{0,60}\]/g, ' ')) ? rest : line;
}
