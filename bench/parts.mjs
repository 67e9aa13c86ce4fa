/** Parse, plan and schedule one by one inside this process, per task. */
import { interleave, middle } from './support/measure.mjs';
import { internals } from './support/paths.mjs';
import { digits } from './support/table.mjs';
import { featureFile, flatFile } from './support/task-files.mjs';

const SIZES = [100, 1000, 10_000, 100_000];
const SLOTS = 8;

export default async function parts({ rounds = 5, quick = false }) {
  const rooms = await internals();
  const rows = [];
  const perTask = (size, work) => () => {
    // Small sizes are repeated, so that a millisecond of noise does not count.
    const times = Math.max(1, Math.round(2000 / size));
    const start = process.hrtime.bigint();
    for (let i = 0; i < times; i++) work();
    return { us: Number(process.hrtime.bigint() - start) / 1000 / times / size };
  };
  for (const size of quick ? SIZES.slice(0, 3) : SIZES) {
    const text = featureFile(size);
    const flat = rooms.read('flat.md', flatFile(size), { deps: 'all' });
    const phases = rooms.read('tasks.md', text, { deps: 'all' });
    const results = await interleave(
      {
        parse: perTask(size, () => rooms.parse('tasks.md', text)),
        plan: perTask(size, () => rooms.read('tasks.md', text, { deps: 'all' })),
        schedule: perTask(size, () => schedule(rooms, phases)),
        ...Object.fromEntries(
          [
            ['phases', phases],
            ['flat', flat],
          ].map(([name, plan]) => [name, () => queue(rooms, plan)]),
        ),
      },
      size > 10_000 ? Math.min(rounds, 3) : rounds,
    );
    rows.push([
      digits(size, 0),
      ...['parse', 'plan', 'schedule', 'phases', 'flat'].map((name) => digits(middle(results[name], 'us'), 1)),
    ]);
  }
  return [
    {
      title: 'Parts, microseconds per task',
      note: [
        `${rounds} rounds in one process. Parse: text to drafts; plan: parse and graph; schedule: ranks, state and waves, ${SLOTS} slots.`,
        'Queue: only choosing, starting and ending steps on a virtual clock, phases and all tasks in one list. Target: at most 5 us at 100,000, flat.',
      ].join('\n'),
      header: ['tasks', 'parse', 'plan', 'schedule', 'queue, phases', 'queue, one list'],
      rows,
    },
  ];
}

function schedule(rooms, plan) {
  rooms.scheduleOf(plan, new Set(plan.byId.keys()), 'marked', SLOTS, rooms.settledIn(plan));
}

/** Starts and ends every step of the plan, `SLOTS` at a time, the one that started first ending first. */
function queue(rooms, plan) {
  const state = new rooms.RunState({
    plan,
    rank: rooms.rankOf(plan, () => 1),
    selected: new Set(plan.byId.keys()),
    settled: new Map(),
    verifications: [],
    owed: new Set(),
    overlap: 'marked',
    failFast: false,
    maxFailures: null,
    earlier: new Map(),
  });
  const outcome = { kind: 'success', verified: null };
  const running = [];
  const start = process.hrtime.bigint();
  for (let time = 0; ; time++) {
    for (let step = state.next(); step !== null && running.length < SLOTS; step = state.next()) {
      state.apply({ seq: 0, time, kind: 'attempt-started', step: step.id, attempt: 1, slot: 1 });
      running.push(step.id);
    }
    const step = running.shift();
    if (step === undefined) break;
    state.apply({ seq: 0, time, kind: 'attempt-ended', step, attempt: 1, outcome, retryAt: null });
  }
  const us = Number(process.hrtime.bigint() - start) / 1000;
  if (state.counts.done !== plan.tasks.length)
    throw new Error(`${state.counts.done} of ${plan.tasks.length} tasks were done`);
  return { us: us / plan.tasks.length };
}
