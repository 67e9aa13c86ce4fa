/**
 * Tasks and sentences to the graph, rule by rule: explicit, barrier, sequence, hint, conflict. Each rule but the
 * first adds edges that follow reading order, so the graph stays acyclic; gates keep it linear in the size of the file.
 */
import { append } from './append.ts';
import type { Assembled } from './assemble.ts';
import { readStatements } from './claims.ts';
import { addConflicts } from './conflicts.ts';
import { addBarriers, findCuts } from './cuts.ts';
import { breakCycles } from './cycles.ts';
import { type Diagnostic, info } from './diagnostic.ts';
import { createExplicit } from './explicit.ts';
import { addHints } from './hints.ts';
import { createNetwork, type Network } from './network.ts';
import { type ReadingOrder, readingOrder } from './order.ts';
import { addSequences, findLanes } from './runs.ts';
import type { Parsed, Task } from './task.ts';

export interface Wiring {
  readonly network: Network;
  /** Task indexes in reading order. */
  readonly order: readonly number[];
  /** Stretch between two cuts per task index, from 0. */
  readonly stretch: readonly number[];
  /** Lanes per task index: its stories, or its phase. */
  readonly lanes: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Builds the graph. `sequence: false` leaves the sequence edges out (`--deps=explicit`). */
export function wire(assembled: Assembled, parsed: Parsed, sequence: boolean): Wiring {
  const { tasks } = assembled;
  const ids = tasks.map((task) => task.id);
  const network = createNetwork();
  for (const task of tasks) network.addNode(task.id, { task: task.index, label: task.title });
  const claims = readStatements(assembled, parsed.drafts, parsed.statements);
  const diagnostics = [...claims.diagnostics];
  const explicit = createExplicit(network, tasks, diagnostics);
  const read = (base: readonly number[]): ReadingOrder => {
    const reading = readingOrder(network, base, ids);
    return reading.stuck.length === 0 ? reading : breakCycles(network, tasks, reading.stuck, base, diagnostics);
  };

  explicit.addNarrow(claims.narrow);
  const first = read(tasks.map((task) => task.index));
  const cuts = findCuts(assembled, first.order);
  // Sentences about stories and phases hold between two cuts, so they move nothing across one.
  explicit.addWide(claims.wide, cuts.stretch);
  const second = claims.wide.length === 0 ? first : read(first.order);
  const { order } = second;
  append(diagnostics, movesOf(tasks, second === first ? [first] : [first, second]));

  const lanes = findLanes(tasks);
  addBarriers(network, tasks, order, cuts);
  if (sequence) addSequences(network, assembled, order, cuts.stretch, lanes);
  addHints(network, tasks, order, cuts.stretch, claims.loose);
  addConflicts(network, tasks, order, cuts.stretch);
  return { network, order, stretch: cuts.stretch, lanes, diagnostics };
}

/** Each task that is not read where it stands, with the task that it is read behind. */
function movesOf(tasks: readonly Task[], readings: readonly ReadingOrder[]): Diagnostic[] {
  const behind = new Map(readings.flatMap((reading) => reading.moved.map((move) => [move.task, move.behind] as const)));
  return [...behind].map(([task, other]) => {
    const { id, at } = tasks[task] as Task;
    const place = (tasks[other] as Task).id;
    return info('moved', `${id} is read behind ${place}, because it waits for a task that stands below it.`, at);
  });
}
