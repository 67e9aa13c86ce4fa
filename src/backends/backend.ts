/** The port of the places in which attempts run: this machine today, others later. */
import type { Assignment } from '../core/assignment.ts';
import type { Outcome } from '../core/event.ts';
import type { AttemptIo } from '../runners/runner.ts';

export type Work = (assignment: Assignment, io: AttemptIo) => Promise<Outcome>;

export interface Backend {
  readonly slots: number;
  /** Never rejects; settles once the attempt's process group is gone. */
  run(assignment: Assignment, io: AttemptIo): Promise<Outcome>;
  /** Ends what attempts of this backend left behind; settles when nothing of it runs. */
  close(): Promise<void>;
}
