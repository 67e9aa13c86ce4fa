/**
 * Cuts: places in reading order that nothing crosses, and the barrier edges that they make. Knows phases and
 * stories; knows nothing of sentences.
 */
import type { Assembled } from './assemble.ts';
import { joinAll, type Network } from './network.ts';
import type { Location } from './source.ts';
import type { Phase, Task } from './task.ts';

export interface Border {
  readonly label: string;
  readonly because: Location;
  readonly reason: string;
}

export interface Cuts {
  /** Stretch between two cuts per task index, from 0. */
  readonly stretch: readonly number[];
  /** The cut behind each stretch but the last. */
  readonly borders: readonly Border[];
}

/**
 * Cuts stand before and behind every shared phase and every run of `[ALL]` tasks, and, in a phase that has stories,
 * where tasks with and without one meet.
 */
export function findCuts(assembled: Assembled, order: readonly number[]): Cuts {
  const { tasks, phases } = assembled;
  const hasStories = phases.map(() => false);
  for (const task of tasks) if (task.stories.length > 0) hasStories[task.phase] = true;
  const stretch: number[] = tasks.map(() => 0);
  const borders: Border[] = [];
  order.forEach((index, i) => {
    const task = tasks[index] as Task;
    const before = i === 0 ? undefined : (tasks[order[i - 1] as number] as Task);
    const border = before === undefined ? null : borderBetween(before, task);
    if (border !== null) borders.push(border);
    stretch[index] = borders.length;
  });
  return { stretch, borders };

  function borderBetween(a: Task, b: Task): Border | null {
    const phaseA = phases[a.phase] as Phase;
    const phaseB = phases[b.phase] as Phase;
    if (a.all !== b.all) {
      const all = a.all ? a : b;
      return {
        label: `${b.all ? 'before' : 'behind'} ${all.id} [ALL]`,
        because: all.at,
        reason: `${all.id} is marked [ALL]: it stands for the whole file`,
      };
    }
    if (a.phase !== b.phase && (phaseA.shared || phaseB.shared)) {
      const phase = phaseA.shared ? phaseA : phaseB;
      const meaning = phaseA.shared
        ? 'all of it ends before anything behind it starts'
        : 'it starts when everything before it has ended';
      return {
        label: `${phaseA.shared ? 'behind' : 'before'} ${phase.name}`,
        because: phase.heading?.at ?? (phaseA.shared ? a : b).at,
        reason: `"${phase.name}" is work for the whole feature: ${meaning}`,
      };
    }
    const meets = (a.stories.length === 0) !== (b.stories.length === 0);
    if (a.phase === b.phase && hasStories[a.phase] === true && meets) {
      const plain = a.stories.length === 0 ? a : b;
      return {
        label: `before ${b.id}`,
        because: plain.at,
        reason: `${plain.id} serves no story, and its neighbours in "${phaseA.name}" do`,
      };
    }
    return null;
  }
}

/** Joins each stretch with the next, through one gate. */
export function addBarriers(network: Network, tasks: readonly Task[], order: readonly number[], cuts: Cuts): void {
  const { stretch, borders } = cuts;
  if (borders.length === 0) return;
  const members: string[][] = Array.from({ length: borders.length + 1 }, () => []);
  for (const index of order) (members[stretch[index] as number] as string[]).push((tasks[index] as Task).id);
  borders.forEach((border, i) => {
    joinAll(
      network,
      members[i] as string[],
      members[i + 1] as string[],
      { id: `cut:${i + 1}`, label: border.label },
      { kind: 'barrier', because: border.because, reason: border.reason },
    );
  });
}
