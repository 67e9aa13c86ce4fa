/**
 * Lanes and runs, and the sequence edges between them. A lane is all tasks of one story, or the tasks of a phase
 * that have none; neighbours in it with `[P]`, in one phase and group, are a run. Knows nothing of sentences.
 */
import type { Assembled } from './assemble.ts';
import { joinAll, type Network } from './network.ts';
import type { Task } from './task.ts';

/** Lanes per task index. */
export function findLanes(tasks: readonly Task[]): (readonly string[])[] {
  return tasks.map((task) => {
    if (task.all) return ['all'];
    return task.stories.length > 0 ? task.stories : [`phase:${task.phase}`];
  });
}

interface Lane {
  readonly stretch: number;
  /** Number of the open run. */
  number: number;
  before: number[];
  run: number[];
}

/** Inside a lane and between two cuts, each run waits for the run before it. */
export function addSequences(
  network: Network,
  assembled: Assembled,
  order: readonly number[],
  stretch: readonly number[],
  lanes: readonly (readonly string[])[],
): void {
  const { tasks, groups } = assembled;
  const open = new Map<string, Lane>();
  let numbers = 0;
  const close = (name: string, lane: Lane): void => {
    if (lane.before.length === 0) return;
    const first = tasks[lane.run[0] as number] as Task;
    const last = tasks[lane.before.at(-1) as number] as Task;
    const where = placeOf(name);
    const reason = first.parallel
      ? `[P] means beside its neighbours: the run of ${first.id} waits for what stands before it in ${where}`
      : `${first.id} is not marked [P]: it waits for what stands before it in ${where}`;
    joinAll(
      network,
      lane.before.map((index) => (tasks[index] as Task).id),
      lane.run.map((index) => (tasks[index] as Task).id),
      { id: `run:${name}:${lane.number}`, label: `${last.id} before ${first.id} in ${where}` },
      { kind: 'sequence', because: first.at, reason },
    );
  };
  const isSameRun = (a: number, b: number): boolean => {
    const [one, other] = [tasks[a] as Task, tasks[b] as Task];
    return one.parallel && other.parallel && one.phase === other.phase && groups[a] === groups[b];
  };
  for (const index of order) {
    for (const name of lanes[index] as readonly string[]) {
      const lane = open.get(name);
      const here = stretch[index] as number;
      if (lane === undefined || lane.stretch !== here) {
        if (lane !== undefined) close(name, lane);
        open.set(name, { stretch: here, number: ++numbers, before: [], run: [index] });
      } else if (isSameRun(lane.run.at(-1) as number, index)) lane.run.push(index);
      else {
        close(name, lane);
        lane.before = lane.run;
        lane.run = [index];
        lane.number = ++numbers;
      }
    }
  }
  for (const [name, lane] of open) close(name, lane);
}

function placeOf(lane: string): string {
  if (lane.startsWith('phase:')) return 'its phase';
  return lane === 'all' ? 'the [ALL] tasks' : lane;
}
