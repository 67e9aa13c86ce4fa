/**
 * Waves: what the schedule does side by side, in unit time. The run itself, played with tasks that all take one
 * tick; so what is printed before a run is what the run would do.
 */
import type { Plan } from './plan.ts';
import { rankOf } from './rank.ts';
import type { Overlap } from './ready.ts';
import { NO_USES, type Uses } from './resources.ts';
import { RunState } from './state.ts';
import type { TaskId } from './task.ts';

export interface Schedule {
  /** Task ids that run side by side, wave by wave. */
  readonly waves: readonly (readonly TaskId[])[];
  /** Tasks that the schedule never reaches, because what they need is outside the filter. */
  readonly unreached: readonly TaskId[];
}

/** `slots` may be `Infinity`; `uses` are the resources that tasks share. Linear in tasks and edges but for the heap. */
export function scheduleOf(
  plan: Plan,
  selected: ReadonlySet<TaskId>,
  overlap: Overlap,
  slots: number,
  settled: ReadonlyMap<TaskId, 'done' | 'skipped'>,
  uses: Uses = NO_USES,
): Schedule {
  const state = new RunState({
    plan,
    rank: rankOf(plan, (id) => (selected.has(id) && !settled.has(id) ? 1 : 0)),
    selected,
    settled,
    verifications: [],
    owed: new Set(),
    overlap,
    failFast: false,
    maxFailures: null,
    isolated: false,
    uses,
    unmerged: new Map(),
    earlier: new Map(),
  });
  const waves: TaskId[][] = [];
  for (let tick = 0; ; tick++) {
    const wave: TaskId[] = [];
    for (
      let step = wave.length < slots ? state.next() : null;
      step !== null;
      step = wave.length < slots ? state.next() : null
    ) {
      wave.push(step.id);
      state.apply({ seq: 0, time: tick, kind: 'attempt-started', step: step.id, attempt: 1, slot: wave.length });
    }
    if (wave.length === 0) break;
    waves.push(wave);
    for (const id of wave) {
      state.apply({
        seq: 0,
        time: tick + 1,
        kind: 'attempt-ended',
        step: id,
        attempt: 1,
        outcome: { kind: 'success', verified: null },
        retryAt: null,
      });
    }
  }
  const unreached = state
    .tasks()
    .flatMap((step) => (step.status === 'blocked' || step.status === 'pending' ? [step.id] : []));
  return { waves, unreached };
}

/** Tasks that the file says are done or skipped. */
export function settledIn(plan: Plan): Map<TaskId, 'done' | 'skipped'> {
  const settled = new Map<TaskId, 'done' | 'skipped'>();
  for (const task of plan.tasks) if (task.status !== 'open') settled.set(task.id, 'skipped');
  return settled;
}
