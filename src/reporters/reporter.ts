/** The port of everything that shows a run: it hears every event once it is durable, and the end. */

import type { Paint } from '../core/caret.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RunEvent } from '../core/event.ts';
import type { Selection } from '../core/filter.ts';
import type { History } from '../core/history.ts';
import type { Reconciled } from '../core/reconcile.ts';
import type { RunReport } from '../core/report.ts';
import type { RunState } from '../core/state.ts';

/** Where lines go. Nothing else writes to a terminal. */
export interface Output {
  /** One or more whole lines, without the final line end, to standard output. */
  out(text: string): void;
  /** The same to standard error. */
  err(text: string): void;
}

/** The part of a terminal that is drawn anew while a run goes on. */
export interface Screen {
  draw(text: string): void;
  clear(): void;
  readonly columns: number;
  /** Calls `tick` every `ms` until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

export interface ReporterOptions {
  readonly output: Output;
  readonly paint: Paint;
  /** -1 with `-q`, 0, 1 with `-v`. */
  readonly verbosity: number;
  /** `null` where standard error is no terminal. */
  readonly screen: Screen | null;
  /** Takes secrets and control codes out of a text that comes from outside. */
  readonly clean: (text: string) => string;
  readonly now: () => number;
}

/** What is known when a run begins. */
export interface RunOpening {
  readonly run: string;
  readonly session: number;
  readonly state: RunState;
  readonly selection: Selection;
  readonly slots: number;
  readonly parallel: boolean;
  readonly waves: number;
  readonly criticalPath: number;
  /** What `--continue` found, else `null`. */
  readonly resumed: { readonly history: History; readonly reconciled: Reconciled } | null;
  readonly retries: number;
  /** Branch to which done tasks are committed, short; `null`: nothing is committed. */
  readonly target: string | null;
  /** Path of an attempt's log as the user would write it. */
  logOf(step: string, attempt: number): string;
}

export interface RunClosing extends RunOpening {
  readonly report: RunReport;
  /** Time of all sessions, in ms. */
  readonly elapsedMs: number;
  /** Words of the command line that continue this run. */
  readonly continueCommand: string;
  readonly filterCommand: (filter: string) => string;
}

export interface Reporter {
  begin(opening: RunOpening): void;
  on(event: RunEvent, state: RunState): void;
  /** Something that is worth knowing and belongs to no event. */
  note(diagnostic: Diagnostic): void;
  end(closing: RunClosing): void;
}
