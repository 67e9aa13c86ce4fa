/** What happens next, as events to be appended: which attempt starts, and what an ending leads to. Changes nothing. */
import type { MergeResult } from './change.ts';
import type { Failure, Outcome, RunEventBody, RunStatus, StepId } from './event.ts';
import type { RunState } from './state.ts';
import type { StepView } from './step.ts';

export interface Policy {
  /** Attempts after the first one. */
  readonly retries: number;
  /** Attempts after one that ended in a merge conflict. */
  readonly conflictRetries: number;
  /** Wait before the second attempt, in ms; it doubles with each further one. */
  readonly backoffMs: number;
}

type Body<Kind extends RunEventBody['kind']> = Extract<RunEventBody, { kind: Kind }>;

/** The next attempt to start in `slot`, or the change to go on with, or `null` when nothing may start now. */
export function decideStart(state: RunState, slot: number): Body<'attempt-started'> | Body<'merge-resumed'> | null {
  const step = state.next();
  if (step === null) return null;
  const unmerged = state.unmergedOf(step.id);
  return unmerged === null
    ? { kind: 'attempt-started', step: step.id, attempt: state.nextAttempt(step.id), slot }
    : { kind: 'merge-resumed', step: step.id, slot, ...unmerged };
}

/**
 * What to say to steps that ask for their verification: the best for which all is free begins. Where there is none,
 * those that hold what another may wait for give it back, the last first, so that no two wait for each other. `null`:
 * nothing now.
 */
export function decideVerification(
  state: RunState,
  asking: Iterable<StepId>,
): Body<'verification-started'> | Body<'verification-waiting'> | null {
  const inOrder = state.inOrder(asking);
  const attemptOf = (step: StepId): number => state.step(step)?.current?.number ?? 0;
  const next = inOrder.find((id) => state.mayVerify(id));
  if (next !== undefined) return { kind: 'verification-started', step: next, attempt: attemptOf(next) };
  const holder = inOrder.reverse().find((id) => state.holdsTurn(id));
  return holder === undefined ? null : { kind: 'verification-waiting', step: holder, attempt: attemptOf(holder) };
}

/** How an attempt's ending is recorded: final, or with the time of the next attempt. */
export function decideEnding(
  state: RunState,
  id: StepId,
  outcome: Outcome,
  policy: Policy,
  now: number,
): Body<'attempt-ended'> {
  const step = state.step(id);
  const attempt = step?.current?.number ?? 0;
  const retryAt = outcome.kind === 'failure' ? retryOf(step, outcome.failure, state, policy, now) : null;
  return { kind: 'attempt-ended', step: id, attempt, outcome, retryAt };
}

/** How the end of a merge is recorded: a conflict has attempts of its own, which start at once. */
export function decideMergeEnding(
  state: RunState,
  id: StepId,
  result: MergeResult,
  policy: Policy,
  now: number,
): Body<'merge-ended'> {
  const step = state.step(id);
  const attempt = step?.current?.number ?? 0;
  const retryAt = result.kind === 'failure' ? retryOf(step, result.failure, state, policy, now) : null;
  return { kind: 'merge-ended', step: id, attempt, result, retryAt };
}

/** What another attempt would not change. */
const FINAL: ReadonlySet<Failure['reason']> = new Set([
  ...(['cancelled', 'held-back', 'denied', 'auth', 'blocked-by-agent'] as const),
]);

/** When the next attempt is due, or `null`: there is none. */
function retryOf(
  step: StepView | null,
  { reason, resetAt }: Failure,
  state: RunState,
  policy: Policy,
  now: number,
): number | null {
  if (step === null || step.task === null || state.stop !== null) return null;
  if (FINAL.has(reason)) return null;
  if (reason === 'merge-conflict') return step.conflicts < policy.conflictRetries ? now : null;
  const made = step.attempts - step.conflicts;
  if (made > policy.retries) return null;
  return Math.max(now + policy.backoffMs * 2 ** Math.max(0, made - 1), resetAt ?? 0);
}

/** How a run that has nothing left to do is called. */
export function decideStatus(state: RunState): Exclude<RunStatus, 'running'> {
  const { failed, blocked, cancelled, pending } = state.counts;
  const verified = state.verifications().every((one) => one.status === 'done' || state.isSpared(one.id));
  if (failed + blocked + cancelled + pending === 0 && verified) return 'complete';
  return state.stop === 'interrupted' ? 'interrupted' : 'partial';
}
