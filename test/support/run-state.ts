/** The state of a run for tests that make its events themselves. */
import type { Outcome, RunEvent, RunEventBody, RunOptions } from '../../src/core/event.ts';
import { failed, succeeded } from '../../src/core/outcome.ts';
import type { Plan } from '../../src/core/plan.ts';
import { rankOf } from '../../src/core/rank.ts';
import { NO_USES } from '../../src/core/resources.ts';
import { RunState, type StateInput } from '../../src/core/state.ts';
import { addVerifications } from '../../src/core/verification.ts';
import { settledIn } from '../../src/core/waves.ts';
import { NOON } from './virtual-clock.ts';

export interface Hand {
  readonly state: RunState;
  /** Time that `at` counts from. */
  readonly noon: number;
  apply(body: RunEventBody, at?: number): void;
  /** Starts what comes next; gives its id, or `null`. */
  start(at?: number, slot?: number): string | null;
  /** Starts whatever may start. */
  fill(at?: number): string[];
  /** Ends an attempt well, or with the failure that is named. */
  end(step: string, how?: Outcome | 'done' | 'failed' | 'cancelled', at?: number, retryAt?: number | null): void;
  status(): Record<string, string>;
}

export function stateOf(
  plan: Plan,
  some: Partial<StateInput> & Partial<Pick<RunOptions, 'verifyPhase' | 'verifyEnd'>> = {},
  hear: (event: RunEvent, state: RunState) => void = () => {},
): Hand {
  const settled = some.settled ?? settledIn(plan);
  const rank = rankOf(plan, (id) => (settled.has(id) ? 0 : 1));
  const phase = (some.verifyPhase ?? null) !== null;
  const end = (some.verifyEnd ?? null) !== null;
  const state = new RunState({
    plan,
    rank,
    selected: new Set(plan.tasks.map((task) => task.id)),
    verifications: addVerifications(plan, { phase, end }),
    owed: new Set(),
    overlap: 'marked',
    failFast: false,
    maxFailures: null,
    isolated: false,
    uses: NO_USES,
    unmerged: new Map(),
    earlier: new Map(),
    ...some,
    settled,
  });
  let seq = 0;
  const hand: Hand = {
    state,
    noon: NOON,
    apply(body, at = 0) {
      const event = { ...body, seq: ++seq, time: NOON + at };
      state.apply(event);
      hear(event, state);
    },
    start(at, slot = 1) {
      const next = state.next();
      if (next === null) return null;
      hand.apply({ kind: 'attempt-started', step: next.id, attempt: state.nextAttempt(next.id), slot }, at);
      return next.id;
    },
    fill(at) {
      const started: string[] = [];
      for (let id = hand.start(at, 1); id !== null; id = hand.start(at, started.length + 1)) started.push(id);
      return started;
    },
    end(step, how = 'done', at, retryAt = null) {
      const bad =
        how === 'cancelled' ? failed('cancelled', 'stopped') : failed('exit-code', 'exit code 1', { exitCode: 1 });
      const outcome = typeof how === 'object' ? how : how === 'done' ? succeeded() : bad;
      const attempt = state.step(step)?.current?.number ?? 0;
      hand.apply({ kind: 'attempt-ended', step, attempt, outcome, retryAt }, at);
    },
    status: () =>
      Object.fromEntries([...state.tasks(), ...state.verifications()].map(({ id, status }) => [id, status])),
  };
  return hand;
}
