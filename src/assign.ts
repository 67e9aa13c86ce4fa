/** Steps to assignments: what an attempt does, where, with which variables. Pure. */
import type { Assignment } from './core/assignment.ts';
import { runEnv, taskEnv, workOf } from './core/brief.ts';
import type { RunOptions, StepId } from './core/event.ts';
import type { Plan } from './core/plan.ts';
import type { Task } from './core/task.ts';
import type { Prepared } from './prepare.ts';

export interface AssignContext {
  readonly plan: Plan;
  readonly run: string;
  readonly options: RunOptions;
  readonly verify: Prepared['verify'];
  /** Absolute path of the task file. */
  readonly tasksFile: string;
  /** Absolute path of the project root. */
  readonly root: string;
  readonly graceMs: number;
  logPath(step: StepId, attempt: number): string;
  /** Log of the task's attempt before this one, or `null` where there is none to be read. */
  feedbackOf(step: StepId, attempt: number): string | null;
  /** What is known about the conflict in which the attempt before this one ended, or `null`. */
  conflictOf(step: StepId, attempt: number): string | null;
  /** What whoever does the task is told now, with the two of the attempt before. */
  promptOf(task: Task, feedback: string | null, conflict: string | null): string;
  /** Commits of tasks; `null`: nothing is committed. */
  readonly commits: {
    message(task: Task, attempt: number): string;
    ref(step: StepId, attempt: number): string;
  } | null;
}

export function assign(step: StepId, attempt: number, slot: number, context: AssignContext): Assignment {
  const { plan, run, options, verify } = context;
  const task = plan.byId.get(step);
  const feedback = task !== undefined && attempt > 1 ? context.feedbackOf(step, attempt) : null;
  const conflict = task !== undefined && attempt > 1 ? context.conflictOf(step, attempt) : null;
  const brief = { plan, run, attempt, slot, tasksFile: context.tasksFile, feedback, conflict };
  return {
    id: `${run}-${step}-${attempt}`,
    run,
    step,
    attempt,
    slot,
    work: task === undefined ? [] : workOf(task, options),
    verify: task !== undefined ? verify.task : step === 'verify:end' ? verify.end : verify.phase,
    commit:
      task === undefined || context.commits === null
        ? null
        : { message: context.commits.message(task, attempt), ref: context.commits.ref(step, attempt) },
    dir: context.root,
    env: task === undefined ? runEnv(brief) : taskEnv(task, brief),
    prompt: task === undefined ? '' : context.promptOf(task, feedback, conflict),
    log: context.logPath(step, attempt),
    timeoutMs: options.timeoutMs,
    silenceMs: options.silenceMs,
    graceMs: context.graceMs,
  };
}
