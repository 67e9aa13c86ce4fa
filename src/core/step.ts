/** One task or verification of a run: what readers see, and how a fresh one looks. Knows neither graph nor order. */
import type { Change, FileChange } from './change.ts';
import type { Failure, StepId } from './event.ts';
import type { TaskStatus } from './session.ts';
import type { Task } from './task.ts';
import type { Verification } from './verification.ts';

export interface Unmerged {
  readonly attempt: number;
  readonly change: Change;
}

export interface Attempt {
  readonly number: number;
  readonly slot: number;
  readonly startedAt: number;
}

/** One task or verification, as readers see it. */
export interface StepView {
  readonly id: StepId;
  /** For people: the task's title, or `verification of Phase 2`. */
  readonly label: string;
  readonly task: Task | null;
  readonly verification: Verification | null;
  readonly status: TaskStatus;
  /** Attempts of this session. */
  readonly attempts: number;
  readonly current: Attempt | null;
  readonly failure: Failure | null;
  /** Step at the root of a block, or `null`. */
  readonly blockedBy: StepId | null;
  /** When the first attempt of this session started (ms since the epoch), or `null`. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Time in all attempts of this session, in ms. */
  readonly durationMs: number;
  /** Last line of the verification. */
  readonly verified: string | null;
  /** Attempts of this session that ended in a merge conflict. */
  readonly conflicts: number;
  /** The commit with which it joined the target, and its files. */
  readonly merged: { readonly commit: string; readonly files: readonly FileChange[] } | null;
  /** Worktree that its last attempt left for people, relative to the project root. */
  readonly kept: string | null;
  /** Branch on which its work waits. */
  readonly branch: string | null;
  /** The next attempt is due then. */
  readonly retryAt: number | null;
  /** It was done before this session. */
  readonly before: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The same for `RunState` and its parts, which alone change it. */
export interface Step extends Mutable<StepView> {
  /** Number of its last attempt, over all sessions. */
  lastAttempt: number;
}

type Given = Pick<Step, 'id' | 'label' | 'task' | 'verification' | 'status' | 'before' | 'lastAttempt'>;

/** A step that nothing has happened to in this session. */
export function freshStep(given: Given): Step {
  return {
    ...given,
    attempts: 0,
    current: null,
    failure: null,
    blockedBy: null,
    startedAt: null,
    endedAt: null,
    durationMs: 0,
    verified: null,
    conflicts: 0,
    merged: null,
    kept: null,
    branch: null,
    retryAt: null,
  };
}

/** An attempt began, in the slot that it keeps until the step leaves it. */
export function enter(step: Step, number: number, slot: number, time: number): void {
  step.current = { number, slot, startedAt: time };
  step.startedAt ??= time;
}

/** The step gives its slot back; `kept` is what it leaves behind. */
export function leave(step: Step, time: number, kept: string | undefined): void {
  if (step.current !== null) step.durationMs += time - step.current.startedAt;
  step.current = null;
  step.endedAt = time;
  step.kept = kept ?? null;
}
