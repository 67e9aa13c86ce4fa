/**
 * The checkpoint that people read, as data: what `current-session.md` says and what can be taken from it again.
 */
import type { RunOptions, RunStatus } from './event.ts';
import type { StoryId, TaskId } from './task.ts';

export type TaskStatus =
  /** Not started yet, whatever it waits for. */
  | 'pending'
  | 'running'
  /** Its change waits for its turn in the merge queue. */
  | 'merging'
  /** Waits for its next attempt. */
  | 'delayed'
  | 'done'
  | 'failed'
  | 'blocked'
  | 'cancelled'
  | 'skipped'
  | 'deferred';

export interface SessionTask {
  readonly id: TaskId;
  readonly title: string;
  /** The file gave no id; see `KnownTask`. */
  readonly generated: boolean;
  readonly stories: readonly StoryId[];
  readonly status: TaskStatus;
  /** Attempts made in this session, and how many it allows. */
  readonly attempts: number;
  readonly allowed: number;
  /** One line: the failure of the last attempt, or `null`. */
  readonly error: string | null;
  /** First cause of a block: a task id or the label of a verification, or `null`. */
  readonly blockedBy: string | null;
}

/** A verification of a phase, or of the whole, that has a result or is still owed. */
export interface SessionVerification {
  /** Step id, as in the events. */
  readonly id: string;
  /** For people: `verification of Phase 2`. */
  readonly label: string;
  readonly status: 'pending' | 'running' | 'done' | 'failed';
  readonly error: string | null;
}

export interface Session {
  readonly run: string;
  /** How many processes have worked on the run, from 1. */
  readonly session: number;
  readonly status: RunStatus;
  /** Relative to the project root. */
  readonly file: string;
  /** SHA-256 of the task file when the session began, hex. */
  readonly digest: string;
  readonly options: RunOptions;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Time that all sessions of the run have worked, in ms. */
  readonly elapsedMs: number;
  /** Tasks of the filter and what they need, in document order; deferred ones at the end of the same list. */
  readonly tasks: readonly SessionTask[];
  readonly verifications: readonly SessionVerification[];
  /** What stands in the way, or `null`. */
  readonly blocker: string | null;
  /** What to do next, or `null`. */
  readonly action: string | null;
}
