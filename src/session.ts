/** The state of a run as the checkpoint that people read. Pure but for what it is handed. */
import type { RunOptions, RunStatus } from './core/event.ts';
import { isGenerated } from './core/history.ts';
import type { Session, SessionTask, SessionVerification } from './core/session.ts';
import type { RunState } from './core/state.ts';
import type { StepView } from './core/step.ts';

export interface SessionContext {
  readonly run: string;
  readonly session: number;
  readonly status: RunStatus;
  readonly file: string;
  readonly digest: string;
  readonly options: RunOptions;
  readonly startedAt: number;
  readonly now: number;
  readonly elapsedMs: number;
  readonly continueCommand: string;
  readonly clean: (text: string) => string;
  /** Masks secrets and changes nothing else, so that titles can be matched again. */
  readonly redact: (text: string) => string;
}

export function sessionOf(state: RunState, context: SessionContext): Session {
  const allowed = context.options.retries + 1;
  const taking: SessionTask[] = [];
  const deferred: SessionTask[] = [];
  let failed: StepView | null = null;
  for (const step of state.tasks()) {
    if (step.task === null) continue;
    if (step.status === 'failed') failed ??= step;
    (step.status === 'deferred' ? deferred : taking).push({
      id: step.id,
      title: context.redact(step.task.title),
      generated: isGenerated(step.id),
      stories: step.task.stories,
      status: step.status,
      attempts: step.attempts,
      allowed,
      error: step.failure === null ? null : context.clean(oneLine(step)),
      blockedBy: step.blockedBy === null ? null : (labelOf(state, step.blockedBy) ?? step.blockedBy),
    });
  }
  const verifications = state.verifications().map((step): SessionVerification => {
    if (step.status === 'failed') failed ??= step;
    const status =
      step.status === 'done' || step.status === 'running' || step.status === 'failed' ? step.status : 'pending';
    return {
      id: step.id,
      label: step.label,
      status,
      error: step.failure === null ? null : context.clean(oneLine(step)),
    };
  });
  const isOver = context.status !== 'running';
  return {
    run: context.run,
    session: context.session,
    status: context.status,
    file: context.file,
    digest: context.digest,
    options: context.options,
    startedAt: context.startedAt,
    updatedAt: context.now,
    elapsedMs: context.elapsedMs,
    tasks: [...taking, ...deferred],
    verifications,
    blocker:
      failed === null ? null : context.clean(`${failed.task === null ? failed.label : failed.id}: ${oneLine(failed)}`),
    action: actionOf(context, failed, isOver),
  };
}

function labelOf(state: RunState, id: string): string | null {
  const step = state.step(id);
  return step === null || step.task !== null ? null : step.label;
}

/** `exit code 1: connect ECONNREFUSED`: the cause, and the last thing that was printed. */
function oneLine(step: StepView): string {
  const { failure } = step;
  if (failure === null) return '';
  const said = failure.tail.trim().split('\n').at(-1)?.trim() ?? '';
  return said === '' ? failure.message : `${failure.message}: ${said.slice(0, 300)}`;
}

function actionOf(context: SessionContext, failed: StepView | null, isOver: boolean): string | null {
  if (!isOver || context.status === 'complete') return null;
  if (failed !== null)
    return `Fix the cause of ${failed.task === null ? `the ${failed.label}` : failed.id}, then run: ${context.continueCommand}`;
  return `Go on with: ${context.continueCommand}`;
}
