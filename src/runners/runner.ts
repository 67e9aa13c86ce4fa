/** The port of everything that can perform one kind of work. */
import type { Assignment, Work } from '../core/assignment.ts';
import type { Outcome } from '../core/event.ts';

/** How an attempt talks to the outside while it runs. */
export interface AttemptIo {
  /** Aborted: end the process family with TERM, grace, KILL. */
  readonly stop: AbortSignal;
  /** Aborted: KILL at once. */
  readonly kill: AbortSignal;
  /** A process of the attempt exists. `startTime` as in the event `attempt-spawned`. */
  spawned(pid: number, startTime: string | null): void;
  /**
   * Asked before a verification is started: settles when it may be, which is recorded then, or when `stop` or `kill`
   * is aborted, so look at these. Rejects when that could not be recorded: then nothing may be started.
   */
  verifying(): Promise<void>;
}

export interface Runner<W extends Work = Work> {
  /** Never rejects: a fault of its own is an outcome with the reason `unexpected`. */
  run(work: W, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
}
