/** What happens next, as events to be appended: which attempt starts, and what an ending leads to. Changes nothing. */
import type { Outcome, RunEventBody, RunStatus, StepId } from './event.ts';
import type { RunState } from './state.ts';

export interface Policy {
  /** Attempts after the first one. */
  readonly retries: number;
  /** Wait before the second attempt, in ms; it doubles with each further one. */
  readonly backoffMs: number;
}

/** The next attempt to start in `slot`, or `null` when nothing may start now. */
export function decideStart(state: RunState, slot: number): Extract<RunEventBody, { kind: 'attempt-started' }> | null {
  const step = state.next();
  return step === null ? null : { kind: 'attempt-started', step: step.id, attempt: state.nextAttempt(step.id), slot };
}

/** How an attempt's ending is recorded: final, or with the time of the next attempt. */
export function decideEnding(
  state: RunState,
  id: StepId,
  outcome: Outcome,
  policy: Policy,
  now: number,
): Extract<RunEventBody, { kind: 'attempt-ended' }> {
  const step = state.step(id);
  const attempt = step?.current?.number ?? 0;
  const made = step?.attempts ?? 0;
  const mayRetry =
    outcome.kind === 'failure' &&
    outcome.failure.reason !== 'cancelled' &&
    step?.verification === null &&
    made <= policy.retries &&
    state.stop === null;
  const retryAt = mayRetry ? now + policy.backoffMs * 2 ** (made - 1) : null;
  return { kind: 'attempt-ended', step: id, attempt, outcome, retryAt };
}

/** How a run that has nothing left to do is called. */
export function decideStatus(state: RunState): Exclude<RunStatus, 'running'> {
  const { failed, blocked, cancelled, pending } = state.counts;
  const verified = state.verifications().every((one) => one.status === 'done' || state.isSpared(one.id));
  if (failed + blocked + cancelled + pending === 0 && verified) return 'complete';
  return state.stop === 'interrupted' ? 'interrupted' : 'partial';
}
