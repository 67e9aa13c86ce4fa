/**
 * The port of the pictures: what a picture is drawn from, and the shape of whoever draws it.
 * Knows the graph and the state of each task; knows nothing of formats.
 */
import type { TaskStatus } from '../core/session.ts';
import type { Edge, Gate, Phase, Task } from '../core/task.ts';

/** A task together with where it stands. */
export type PictureTask = Task & { readonly state: TaskStatus };

/** A plan as pictures see it. */
export interface PictureInput {
  /** Name of the task file, or any other heading; may hold anything, it is data. */
  readonly title: string;
  /** `Task.phase` points into this list. */
  readonly phases: readonly Phase[];
  /** In document order. */
  readonly tasks: readonly PictureTask[];
  readonly gates: readonly Gate[];
  /** Join task and gate ids without a cycle; an edge with an unknown end is left out. */
  readonly edges: readonly Edge[];
  /** Task ids from the first to the last of the heaviest chain; gates between them may be named or left out. */
  readonly criticalPath: readonly string[];
}

/** Draws a plan as text. Total and deterministic: every input gives a picture, the same one each time. */
export type Picture = (input: PictureInput) => string;
