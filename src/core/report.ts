/** A run in figures: what happened to each task, and how well the time was used. Pure; the wording is elsewhere. */
import type { FileChange } from './change.ts';
import type { Failure, RunStatus } from './event.ts';
import type { TaskStatus } from './session.ts';
import type { Counts, RunState } from './state.ts';
import type { StepView } from './step.ts';
import { type Group, groupsOf } from './verification.ts';

export interface TaskReport {
  /** Task id, or `verification of Phase 2`. */
  readonly id: string;
  readonly status: TaskStatus;
  readonly attempts: number;
  /** ISO 8601, or `null` if it did not start in this session. */
  readonly startedAt: string | null;
  /** Over all attempts of this session. */
  readonly durationMs: number;
  /** Root of the block, or `null`. */
  readonly blockedBy: string | null;
  readonly error: {
    readonly reason: Failure['reason'];
    readonly message: string;
    readonly exitCode: number | null;
    readonly tail: string;
  } | null;
  /** Path of the last attempt's log, or `null`. */
  readonly log: string | null;
  /** The commit with which it joined the target in this session, or `null`. */
  readonly commit: string | null;
  /** Files of that commit, the task file left out. */
  readonly files: readonly FileChange[];
  /** Worktree that its last attempt left, relative to the project root, or `null`. */
  readonly worktree: string | null;
  /** Branch on which work waits that is not merged, or `null`. */
  readonly branch: string | null;
}

/** The object that `--json` prints. */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly status: RunStatus;
  readonly exitCode: number;
  /** First start to last end. */
  readonly makespanMs: number;
  /** Sum of all `durationMs`: what one slot would have taken. */
  readonly serialMs: number;
  readonly slots: number;
  readonly tasks: readonly TaskReport[];
  readonly verifications: readonly TaskReport[];
  readonly counts: Counts;
}

export interface ReportContext {
  /** ISO 8601 of a time in ms since the epoch. */
  isoTime(ms: number): string;
  readonly run: string;
  readonly status: RunStatus;
  readonly exitCode: number;
  readonly slots: number;
  logOf(step: string, attempt: number): string;
}

export function reportOf(state: RunState, context: ReportContext): RunReport {
  const nameOf = (id: string): string => {
    const cause = state.step(id);
    return cause === null || cause.task !== null ? id : cause.label;
  };
  const one = (step: StepView): TaskReport => ({
    id: step.task === null ? step.label : step.id,
    status: step.status,
    attempts: step.attempts,
    startedAt: step.startedAt === null ? null : context.isoTime(step.startedAt),
    durationMs: step.durationMs,
    blockedBy: step.blockedBy === null ? null : nameOf(step.blockedBy),
    error:
      step.failure === null
        ? null
        : {
            reason: step.failure.reason,
            message: step.failure.message,
            exitCode: step.failure.exitCode,
            tail: step.failure.tail,
          },
    log: step.attempts === 0 ? null : context.logOf(step.id, state.nextAttempt(step.id) - 1),
    commit: step.merged?.commit ?? null,
    files: step.merged?.files ?? [],
    worktree: step.kept,
    branch: step.branch,
  });
  const steps = state.tasks();
  const timing = timingOf(steps, context.slots);
  return {
    schemaVersion: 1,
    runId: context.run,
    status: context.status,
    exitCode: context.exitCode,
    makespanMs: timing.makespanMs,
    serialMs: timing.serialMs,
    slots: context.slots,
    tasks: steps.map(one),
    verifications: state.verifications().map(one),
    counts: state.counts,
  };
}

export interface Timing {
  readonly makespanMs: number;
  readonly serialMs: number;
  /** 1 - makespan / serial; never below 0. */
  readonly saved: number;
  /** serial / (makespan x slots). */
  readonly efficiency: number;
  /** serial / makespan. */
  readonly parallelism: number;
  readonly averageMs: number;
  readonly longest: StepView | null;
  readonly shortest: StepView | null;
}

/** Figures over the steps that ran in this session. */
export function timingOf(steps: readonly StepView[], slots: number): Timing {
  const ran = steps.filter((step) => step.startedAt !== null);
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  let serialMs = 0;
  let longest: StepView | null = null;
  let shortest: StepView | null = null;
  for (const step of ran) {
    first = Math.min(first, step.startedAt as number);
    last = Math.max(last, step.endedAt ?? (step.startedAt as number));
    serialMs += step.durationMs;
    if (longest === null || step.durationMs > longest.durationMs) longest = step;
    if (shortest === null || step.durationMs < shortest.durationMs) shortest = step;
  }
  const makespanMs = ran.length === 0 ? 0 : Math.max(0, last - first);
  const ratio = makespanMs === 0 ? 1 : serialMs / makespanMs;
  return {
    makespanMs,
    serialMs,
    saved: serialMs === 0 ? 0 : Math.max(0, 1 - makespanMs / serialMs),
    efficiency: ratio / Math.max(1, slots),
    parallelism: ratio,
    averageMs: ran.length === 0 ? 0 : serialMs / ran.length,
    longest,
    shortest,
  };
}

export interface GroupReport {
  readonly group: Group;
  readonly done: number;
  readonly total: number;
  /** Sum of the durations of its tasks in this session. */
  readonly durationMs: number;
}

/** Per phase: what ran in this session. Phases without a task that ran are left out. */
export function groupReports(state: RunState): GroupReport[] {
  return groupsOf(state.plan).flatMap((group) => {
    const steps = group.tasks.map((task) => state.step(task.id) as StepView);
    const ran = steps.filter((step) => step.startedAt !== null);
    if (ran.length === 0) return [];
    const taking = steps.filter((step) => step.status !== 'skipped' && step.status !== 'deferred' && !step.before);
    const done = taking.filter((step) => step.status === 'done').length;
    return [{ group, done, total: taking.length, durationMs: ran.reduce((sum, step) => sum + step.durationMs, 0) }];
  });
}

/** How many deferred tasks there are per priority and per story, each in order. */
export function deferredBy(state: RunState): {
  readonly priorities: [string, StepView[]][];
  readonly stories: [string, StepView[]][];
} {
  const priorities = new Map<string, StepView[]>();
  const stories = new Map<string, StepView[]>();
  const add = (map: Map<string, StepView[]>, key: string, step: StepView): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [step]);
    else list.push(step);
  };
  for (const step of state.tasks()) {
    if (step.status !== 'deferred' || step.task === null) continue;
    add(priorities, step.task.priority === null ? 'no priority' : `P${step.task.priority}`, step);
    for (const story of step.task.stories) add(stories, story, step);
  }
  const sorted = (map: Map<string, StepView[]>): [string, StepView[]][] =>
    [...map].sort(([a], [b]) =>
      a === 'no priority' ? 1 : b === 'no priority' ? -1 : a.localeCompare(b, 'en', { numeric: true }),
    );
  return { priorities: sorted(priorities), stories: sorted(stories) };
}
