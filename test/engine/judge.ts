/** Holds a session that was played against the oracle: every event of it, and its end. */
import { expect } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import type { Resource } from '../../src/core/settings.ts';
import type { Counts, RunState } from '../../src/core/state.ts';
import type { Task, TaskId } from '../../src/core/task.ts';
import { planOf } from '../support/random-plan.ts';
import { Oracle } from './oracle.ts';
import type { Played, Scene } from './rig.ts';

/** Throws at the first event that the contract forbids, or when the state ends otherwise than the events say. */
export function judge(scene: Scene, played: Played): Oracle {
  const { prepared, state, owed, weight, events, first } = played;
  const { settled } = prepared.reconciled;
  const plan = planOf(scene.text, scene.options.deps);
  const resources = scene.resources ?? [];
  const oracle = new Oracle({
    plan,
    selected: prepared.selection.selected,
    settled: new Set(settled.keys()),
    verifications: state.verifications().map((one) => one.id),
    owed,
    options: scene.options,
    weight,
    backoffMs: 1000,
    resources: new Map(resources.map(({ name, slots }) => [name, slots])),
    uses: (id) => resources.filter((one) => isUsedBy(one, plan, id)).map(({ name }) => name),
    verifying: resources.filter((one) => one.verify).map(({ name }) => name),
  });
  for (const event of events.slice(first)) oracle.hear(event);
  const seen: unknown[] = [];
  const wanted: unknown[] = [];
  for (const { id, status, attempts, blockedBy } of [...state.tasks(), ...state.verifications()]) {
    seen.push([id, status, attempts, blockedBy]);
    const before = settled.get(id);
    const isDeferred = oracle.isDeferred(id);
    const now = before ?? (isDeferred ? 'deferred' : oracle.status.get(id));
    wanted.push([id, now, oracle.attempts.get(id) ?? 0, now === 'blocked' ? oracle.cause.get(id) : null]);
  }
  expect(seen).toEqual(wanted);
  return oracle;
}

/** As far as the tests write rules: numbers of phases, and paths without a pattern. */
function isUsedBy({ phases, paths }: Resource, plan: Plan, id: TaskId): boolean {
  const task = plan.byId.get(id) as Task;
  return phases.includes(`Phase ${plan.phases[task.phase]?.number}`) || paths.some((path) => task.paths.includes(path));
}

/** The counts of a state, counted anew. */
export function recount(state: RunState): Counts {
  const of = (...statuses: string[]): number =>
    state.tasks().reduce((sum, step) => sum + (statuses.includes(step.status) ? 1 : 0), 0);
  return {
    selected: of('done', 'failed', 'blocked', 'cancelled', 'pending', 'running', 'delayed'),
    done: of('done'),
    failed: of('failed'),
    blocked: of('blocked'),
    cancelled: of('cancelled'),
    pending: of('pending', 'running', 'delayed'),
    skipped: of('skipped'),
    deferred: of('deferred'),
  };
}
