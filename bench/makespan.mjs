/**
 * How good the schedule is: makespan over its lower bound on seeded feature graphs, played by the real scheduler on a
 * virtual clock, with and without priorities and known durations, and against phase after phase.
 */
import { mean } from './support/measure.mjs';
import { internals } from './support/paths.mjs';
import { random } from './support/random.mjs';
import { digits } from './support/table.mjs';

const SLOTS = [2, 4, 8, 16];
const SIGMA = 0.8;
/** Spread of a duration between two runs of the same task. */
const NOISE = 0.5;
const MEDIAN_MINUTES = 3;
const FACTORS = {
  setup: 0.6,
  foundation: 1.2,
  test: 0.8,
  model: 0.8,
  service: 1.3,
  endpoint: 1,
  integration: 1.5,
  polish: 0.7,
};

export default async function makespan({ quick = false }) {
  const rooms = await internals();
  const graphs = Array.from({ length: quick ? 50 : 500 }, (_, i) => feature(rooms, i + 1));
  const rows = SLOTS.map((slots) => {
    const ratios = { unit: [], plain: [], known: [], phases: [] };
    for (const graph of graphs) {
      const bound = lowerBound(rooms, graph.plan, graph.minutes, slots);
      const unit = play(rooms, graph.plan, graph.minutes, slots, () => 1);
      ratios.unit.push(unit / bound);
      ratios.plain.push(
        play(rooms, graph.plain, graph.minutes, slots, () => 1) / lowerBound(rooms, graph.plain, graph.minutes, slots),
      );
      ratios.known.push(play(rooms, graph.plan, graph.minutes, slots, (id) => graph.earlier.get(id)) / bound);
      ratios.phases.push(unit / play(rooms, graph.barred, graph.minutes, slots, () => 1));
    }
    return [String(slots), ...['unit', 'plain', 'known', 'phases'].map((name) => digits(mean(ratios[name]), 3))];
  });
  return [
    {
      title: 'Makespan over its lower bound (critical path, or work by slots)',
      note: `${graphs.length} seeded feature graphs of ${digits(mean(graphs.map((one) => one.plan.tasks.length)), 0)} tasks on average, stories side by side; means.`,
      header: [
        'slots',
        'no estimates',
        'and no priorities',
        'durations of an earlier run',
        'against phase after phase',
      ],
      rows,
    },
  ];
}

/** One feature as task files: with priorities, without, and with a barrier behind every phase. */
function feature(rooms, seed) {
  const dice = random(seed);
  const minutes = new Map();
  const earlier = new Map();
  let number = 0;
  const task = (kind, mark, text) => {
    const id = `T${String(++number).padStart(3, '0')}`;
    const length = MEDIAN_MINUTES * FACTORS[kind] * dice.lognormal(SIGMA) * (dice.chance(0.04) ? 4 : 1);
    minutes.set(id, length);
    earlier.set(id, length * dice.lognormal(NOISE));
    return `- [ ] ${id} ${mark ? '[P] ' : ''}${text} in src/${kind}${number}.ts`;
  };
  const several = (kind, from, to, isMarked, text) =>
    Array.from({ length: dice.int(from, to) }, (_, i) => task(kind, isMarked(i), text));
  const phases = [
    { name: 'Setup', lines: several('setup', 3, 6, (i) => i > 0, 'Set up a part') },
    { name: 'Foundational', lines: several('foundation', 4, 8, (i) => i > 1, 'Lay a foundation') },
  ];
  const stories = dice.int(3, 6);
  for (let story = 1; story <= stories; story++) {
    phases.push({
      story,
      priority: Math.min(3, story),
      lines: [
        '### Tests',
        ...several('test', 2, 4, () => true, 'Test a case'),
        '### Implementation',
        ...several('model', 1, 3, () => true, 'Create a model'),
        '### Services',
        ...several('service', 1, 3, () => true, 'Create a service'),
        '### Endpoints',
        ...several('endpoint', 1, 4, () => true, 'Add an endpoint'),
        task('integration', false, 'Put the story together'),
      ],
    });
  }
  phases.push({ name: 'Polish', lines: several('polish', 4, 8, () => true, 'Polish a part') });
  const text = (head) =>
    phases.map((phase, i) => `## Phase ${i + 1}: ${head(phase)}\n\n${phase.lines.join('\n')}\n`).join('\n');
  const read = (head) => rooms.read('tasks.md', text(head), { deps: 'all' });
  return {
    minutes,
    earlier,
    plan: read((phase) => phase.name ?? `User Story ${phase.story} (Priority: P${phase.priority})`),
    plain: read((phase) => phase.name ?? `User Story ${phase.story}`),
    barred: read((phase) => phase.name ?? `Part ${phase.story}`),
  };
}

function lowerBound(rooms, plan, minutes, slots) {
  let work = 0;
  for (const length of minutes.values()) work += length;
  return Math.max(rooms.rankOf(plan, (id) => minutes.get(id)).criticalWeight, work / slots);
}

/** Virtual minutes from the first start to the last end. */
function play(rooms, plan, minutes, slots, weight) {
  const state = new rooms.RunState({
    plan,
    rank: rooms.rankOf(plan, weight),
    selected: new Set(plan.tasks.map((task) => task.id)),
    settled: new Map(),
    verifications: [],
    owed: new Set(),
    overlap: 'stories',
    failFast: false,
    maxFailures: null,
    earlier: new Map(),
  });
  const running = new Map();
  let now = 0;
  for (;;) {
    for (let step = state.next(); step !== null && running.size < slots; step = state.next()) {
      state.apply({ seq: 0, time: now, kind: 'attempt-started', step: step.id, attempt: 1, slot: 1 });
      running.set(step.id, now + minutes.get(step.id));
    }
    if (running.size === 0) return now;
    let first = null;
    for (const [id, end] of running) if (first === null || end < running.get(first)) first = id;
    now = running.get(first);
    running.delete(first);
    const outcome = { kind: 'success', verified: null };
    state.apply({ seq: 0, time: now, kind: 'attempt-ended', step: first, attempt: 1, outcome, retryAt: null });
  }
}
