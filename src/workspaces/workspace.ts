/** The port of the places in which attempts work: the user's tree, or a tree of their own whose result is a commit. */
import type { Assignment } from '../core/assignment.ts';
import type { Outcome } from '../core/event.ts';
import type { AttemptIo } from '../runners/runner.ts';

export interface Place {
  /** Absolute. */
  readonly dir: string;
  /** Variables that belong to the place, to be laid over those of the task. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** Makes the place of an attempt ready. Never rejects. */
  open(
    assignment: Assignment,
    io: AttemptIo,
  ): Promise<
    { readonly kind: 'ready'; readonly place: Place } | { readonly kind: 'failure'; readonly outcome: Outcome }
  >;
  /** Takes what the work of the attempt made, before a verification adds to it; `null`, or why not. Never rejects. */
  take(assignment: Assignment): Promise<Outcome | null>;
  /** What was taken, as the change of a success. `verified` is kept. Never rejects. */
  commit(assignment: Assignment, io: AttemptIo, verified: string | null): Promise<Outcome>;
  /** The attempt is over. */
  close(assignment: Assignment): void;
}
