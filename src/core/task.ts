/**
 * What a task file holds once it is read: drafts as a dialect gives them, tasks as everyone else sees them.
 * Pure data; every fact keeps its place.
 */
import type { Diagnostic } from './diagnostic.ts';
import type { Location, SourceFile, Span } from './source.ts';

/** `T012`, `TASK-001`, `T046#2` (a second task with the same id), or `#3` (generated). */
export type TaskId = string;

/** `US3`: always upper case, without a dash. */
export type StoryId = string;

export type BoxState = 'open' | 'done' | 'skipped';

/** The checkbox of one list item. `inner` is what stands between the brackets; it may be empty. */
export interface Box {
  readonly inner: Span;
  readonly state: BoxState;
}

/** A fenced block in a task's body whose info string says that it may be run. */
export interface Script {
  readonly language: 'sh' | 'bash' | 'js';
  readonly source: string;
  readonly at: Location;
}

/** A heading of the file, with the chain of headings that enclose it. */
export interface Heading {
  readonly depth: number;
  readonly text: string;
  readonly at: Location;
  readonly parent: Heading | null;
}

/** A sentence that may speak about dependencies, before anyone has tried to understand it. */
export interface Statement {
  /** The task that says it, or `null` for a line of a dependency section. */
  readonly task: number | null;
  /** Source text of the statement: raw Markdown, exactly what stands at `at`, its line breaks included. */
  readonly text: string;
  readonly at: Location;
  /** `inline`: the task's own text; `body`: a line below it; `section`: a dependency section; `fence`: a fenced block in one. */
  readonly where: 'inline' | 'body' | 'section' | 'fence';
  /** The item or heading that a line of a section stands below: what it begins with may be the subject. */
  readonly above: string | null;
}

/** One task as a dialect finds it: markers read, references still text. */
export interface TaskDraft {
  /** The id as written, or `null` where the file gives none. */
  readonly id: string | null;
  readonly title: string;
  /** The whole list item's first line: the place that messages show. */
  readonly at: Location;
  readonly box: Box;
  readonly parallel: boolean;
  readonly stories: readonly StoryId[];
  /** `[ALL]`: the task stands for the whole file. */
  readonly all: boolean;
  /** 0 for P0, 1 for P1, …; `null` where nothing gives one. */
  readonly priority: number | null;
  readonly labels: readonly string[];
  /** Files, directories and globs that the text names, in order, without repeats. */
  readonly paths: readonly string[];
  /** The file that the task is taken to change, or `null`. */
  readonly target: string | null;
  /** Innermost heading above the task, or `null`. */
  readonly heading: Heading | null;
  /** The Markdown below the task's first line, dedented; empty if there is none. */
  readonly body: string;
  readonly scripts: readonly Script[];
}

/** What stands in the task file's front matter for this program. Commands count only with `--scripts`. */
export interface FrontMatter {
  readonly verify?: string;
  readonly verifyPhase?: string;
  readonly verifyEnd?: string;
  /** The block's YAML, where it sets what belongs to the feature: resources, overlap. Checked as a configuration is. */
  readonly settings?: Span;
}

/** Everything a dialect reads out of one file. */
export interface Parsed {
  readonly source: SourceFile;
  readonly dialect: string;
  /** In document order. */
  readonly drafts: readonly TaskDraft[];
  readonly statements: readonly Statement[];
  readonly headings: readonly Heading[];
  /** Checkboxes that are no tasks. */
  readonly checklists: number;
  readonly checklistsDone: number;
  readonly frontMatter: FrontMatter;
  readonly diagnostics: readonly Diagnostic[];
}

/** A heading that holds tasks. */
export interface Phase {
  /** Position among the phases, from 0, in document order. */
  readonly index: number;
  /** Heading text without its marks, `Tasks` when the file has no heading. */
  readonly name: string;
  /** `3` or `3.1` from `Phase 3.1`, else `null`. */
  readonly number: string | null;
  readonly heading: Heading | null;
  /** What the heading says: `shared` by its words, `story` because it names one, `plain` otherwise. */
  readonly shared: boolean;
  readonly stories: readonly StoryId[];
}

/** A task with its final id and everything it inherits from headings. */
export interface Task {
  readonly id: TaskId;
  /** Position in the document, from 0. */
  readonly index: number;
  readonly title: string;
  readonly at: Location;
  /** Line of the task in its file, from 1. */
  readonly line: number;
  readonly status: BoxState;
  /** All boxes of the task: one, or several where the file repeats it. */
  readonly boxes: readonly Box[];
  readonly parallel: boolean;
  readonly stories: readonly StoryId[];
  readonly all: boolean;
  readonly priority: number | null;
  readonly labels: readonly string[];
  readonly paths: readonly string[];
  readonly target: string | null;
  /** Index into the plan's phases. */
  readonly phase: number;
  readonly group: string | null;
  readonly body: string;
  readonly scripts: readonly Script[];
}

export type EdgeKind =
  | 'explicit'
  | 'barrier'
  | 'sequence'
  | 'hint'
  | 'conflict'
  /** Only in the graph of a run that verifies phases: tasks to their verification, and on to what waits for them. */
  | 'verification';

/** Whether the end of an edge is blocked when its start fails, is blocked or is cancelled. */
export const BLOCKS: Readonly<Record<EdgeKind, boolean>> = {
  explicit: true,
  barrier: true,
  sequence: true,
  hint: false,
  conflict: false,
  verification: true,
};

/** A node that is no task: a cut, the border of a run, a sentence about stories or phases. */
export interface Gate {
  readonly id: string;
  readonly label: string;
}

export interface Edge {
  /** Task or gate id. */
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** The words or the heading that made the edge. */
  readonly because: Location;
  /** Why the edge exists, as a sentence for people. */
  readonly reason: string;
}

/** `[US1] [US2]`, or `[ALL]`: whom a task serves, as it is written in the file; empty for neither. */
export function tagsOf(task: Pick<Task, 'stories' | 'all'>): string {
  return task.all ? '[ALL]' : task.stories.map((story) => `[${story}]`).join(' ');
}
