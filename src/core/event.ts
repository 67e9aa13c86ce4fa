/**
 * What can happen in a run. Events are the only thing that changes a run's state; the journal is their list.
 * Pure data, JSON-safe: an event written by one process is read by another.
 */
import type { Change, MergeResult } from './change.ts';
import type { TaskId } from './task.ts';

/** A task id, or the id of a verification step (`verify:phase:Phase 2`, `verify:end`). */
export type StepId = string;

export type FailureReason =
  | 'exit-code'
  | 'signal'
  | 'timeout'
  | 'spawn'
  | 'cancelled'
  | 'verification'
  /** The worktree could not be made ready, or what is in it could not be committed. */
  | 'workspace'
  /** `worktree.setup` failed. */
  | 'setup'
  /** What others merged meanwhile contradicts it, after all attempts. */
  | 'merge-conflict'
  /** Done and kept on its branch, but it could not join the target. */
  | 'held-back'
  | 'unexpected'
  /** It ended without the event that says how it came out. */
  | 'no-result'
  /** A tool that the agent wanted to use was refused. */
  | 'denied'
  /** The agent itself says that it failed. */
  | 'agent-error'
  | 'auth'
  | 'rate-limit'
  /** The provider of the model had a fault of its own. */
  | 'overloaded'
  | 'context-limit'
  /** A limit of money, turns or calls. */
  | 'budget'
  /** Nothing was heard of it for too long. */
  | 'silent'
  /** Its last words were `BLOCKED:` and a reason. */
  | 'blocked-by-agent';

/** Why an attempt did not succeed. `reason` is the most specific cause, set once. */
export interface Failure {
  readonly reason: FailureReason;
  /** One line for people; control codes and secrets are already out of it. */
  readonly message: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last lines of the attempt's output, control codes and secrets out; may be empty. */
  readonly tail: string;
  /** When the limit that it met is lifted, in ms since the epoch; missing: not known. */
  readonly resetAt?: number;
}

export type Outcome =
  | {
      readonly kind: 'success';
      /** Last line that the verification printed. */
      readonly verified: string | null;
      /** Where tasks are committed: what has to be merged before the task is done. */
      readonly change?: Change;
    }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** What the user chose, as far as a later `--continue` needs it. JSON-safe. */
export interface RunOptions {
  readonly parallel: boolean;
  readonly jobs: number;
  readonly overlap: 'marked' | 'stories';
  readonly deps: 'all' | 'explicit';
  readonly filter: readonly string[];
  readonly only: boolean;
  readonly failFast: boolean;
  readonly maxFailures: number | null;
  readonly retries: number;
  readonly timeoutMs: number | null;
  readonly scripts: boolean;
  readonly exec: string | null;
  /** The agent that does what has neither script nor command: a name, or `auto` before a run; `null`: none. */
  readonly agent: string | null;
  /** `null`: the agent's own choice. */
  readonly model: string | null;
  /** Further arguments of the agent, as written on a command line; `null`: none. */
  readonly agentArgs: string | null;
  /** After so long without output an attempt ends; 0: never; `null`: the usual limit of an agent, none for commands. */
  readonly silenceMs: number | null;
  /** Whether the agent may do everything without asking: never, in worktrees, or wherever it works. */
  readonly yolo: 'off' | 'worktree' | 'anywhere';
  readonly verify: string | null;
  readonly verifyPhase: string | null;
  readonly verifyEnd: string | null;
  /** Each attempt in a git worktree of its own, and each done task as a commit on the target branch. */
  readonly worktree: boolean;
  /** Each done task as a commit; implied by `worktree`. */
  readonly commit: boolean;
  /** Target branch; `null`: the one that is checked out. */
  readonly branch: string | null;
  readonly allowDirty: boolean;
  /** Further attempts after a merge conflict. */
  readonly conflictRetries: number;
  readonly commitStyle: 'plain' | 'conventional';
}

/** A task as the journal remembers it, so that it is found again in an edited file. */
export interface KnownTask {
  readonly id: TaskId;
  readonly title: string;
  /** The file gave no id: the task is matched by title and occurrence. */
  readonly generated: boolean;
}

export type RunStatus = 'running' | 'complete' | 'partial' | 'interrupted';

export type RunEventBody =
  | {
      readonly kind: 'run-started';
      readonly run: string;
      /** 1 for the first process of a run, 2 for its first `--continue`, … */
      readonly session: number;
      /** Version of the journal's format. */
      readonly format: number;
      /** Version of the program. */
      readonly version: string;
      /** Task file, relative to the project root, `/` as separator. */
      readonly file: string;
      /** SHA-256 of the task file, hex. */
      readonly digest: string;
      /** SHA-256 of all commands in the task file, hex; `null` when they may not run. */
      readonly commands: string | null;
      readonly options: RunOptions;
      /** Where done tasks are committed: the target branch by its full name, and its head when the session began. */
      readonly target?: { readonly ref: string; readonly head: string };
      readonly pid: number;
      readonly host: string;
    }
  /** The tasks of the file as it was read; `done` were ticked or skipped before this session. */
  | { readonly kind: 'plan-read'; readonly tasks: readonly KnownTask[]; readonly done: readonly TaskId[] }
  /** Done in an earlier session whose journal is gone: taken from `current-session.md`. */
  | {
      readonly kind: 'adopted';
      readonly done: readonly TaskId[];
      readonly verified: readonly StepId[];
      readonly elapsedMs: number;
    }
  | { readonly kind: 'attempt-started'; readonly step: StepId; readonly attempt: number; readonly slot: number }
  /** `startTime` tells a reused pid from ours: the kernel's start time of the process, or `null` where there is none. */
  | {
      readonly kind: 'attempt-spawned';
      readonly step: StepId;
      readonly attempt: number;
      readonly pid: number;
      readonly startTime: string | null;
    }
  /**
   * The verification of an attempt, or of what it was merged with, begins, with the resources that it shares with
   * others. Only where verifications share one.
   */
  | { readonly kind: 'verification-started'; readonly step: StepId; readonly attempt: number }
  /** It cannot begin yet, and what its task holds of the resources of verifications is given back meanwhile. */
  | { readonly kind: 'verification-waiting'; readonly step: StepId; readonly attempt: number }
  /** `retryAt`: when the next attempt is due (ms since the epoch), or `null` if this ending is final. */
  | {
      readonly kind: 'attempt-ended';
      readonly step: StepId;
      readonly attempt: number;
      readonly outcome: Outcome;
      readonly retryAt: number | null;
      /** Worktree that stays as the failed attempt left it, relative to the project root. */
      readonly kept?: string;
    }
  /** A change that an earlier session committed and did not merge goes to the merge queue. */
  | {
      readonly kind: 'merge-resumed';
      readonly step: StepId;
      readonly attempt: number;
      readonly slot: number;
      readonly change: Change;
    }
  /** `commit`, whose parent is `onto`, is about to become the head of the target. */
  | {
      readonly kind: 'merge-started';
      readonly step: StepId;
      readonly attempt: number;
      readonly commit: string;
      readonly onto: string;
    }
  | {
      readonly kind: 'merge-ended';
      readonly step: StepId;
      readonly attempt: number;
      readonly result: MergeResult;
      readonly retryAt: number | null;
      readonly kept?: string;
    }
  /** The wait for the next attempt is over. */
  | { readonly kind: 'retry-due'; readonly step: StepId }
  | { readonly kind: 'box-ticked'; readonly task: TaskId }
  /** Somebody ticked the box of a task while it ran, and it did not end done: the box was put back. */
  | { readonly kind: 'box-restored'; readonly task: TaskId }
  /** Somebody opened the box of a task that was done: it counts as open again. */
  | { readonly kind: 'undone'; readonly task: TaskId }
  /** `stage` 1: start nothing new; 2: end what runs; 3: kill it. */
  | { readonly kind: 'interrupted'; readonly signal: string; readonly stage: 1 | 2 | 3 }
  /** `commands` as in `run-started`, of the file as the run leaves it. */
  | { readonly kind: 'run-ended'; readonly status: RunStatus; readonly commands: string | null };

/** An event with its number in the journal (from 1) and its time (ms since the epoch). */
export type RunEvent = RunEventBody & { readonly seq: number; readonly time: number };

/** Version of the journal's format; a journal of another one is refused. */
export const JOURNAL_FORMAT = 1;
