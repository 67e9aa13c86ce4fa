/**
 * Outcomes of attempts, made in one place so that the same cause reads the same everywhere. Knows no processes.
 */
import type { Failure, FailureReason, Outcome } from './event.ts';

/** @param verified last line that the verification printed, or `null`. */
export function succeeded(verified: string | null = null): Outcome {
  return { kind: 'success', verified };
}

/**
 * @param message one line, without control codes and secrets.
 * @param details what else is known; by default nothing.
 */
export function failed(
  reason: FailureReason,
  message: string,
  details: Partial<Pick<Failure, 'exitCode' | 'signal' | 'tail' | 'resetAt'>> = {},
): Outcome {
  return { kind: 'failure', failure: { reason, message, exitCode: null, signal: null, tail: '', ...details } };
}

/** The message of a failure by the limit of `ms` milliseconds: `timed out after 30 s`. */
export function timedOut(ms: number): string {
  return `timed out after ${ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`}`;
}
