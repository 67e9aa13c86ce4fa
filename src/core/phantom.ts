/** Ticked tasks that are not done: what is said of one, and what comes of the whole look. Plain data and small rules. */
import type { Location } from './source.ts';
import type { TaskId } from './task.ts';
import { standing, type TrailEntry, undoneBy } from './trail.ts';

/** Something that should be there if the task were done. */
export interface Missing {
  readonly kind: 'file' | 'evidence' | 'commit' | 'hook';
  /** What is missing, as a sentence without its full stop. */
  readonly what: string;
  /** Why it should be there, the same way. */
  readonly why: string;
  /** Where the task file says so. */
  readonly at: Location;
}

export interface Phantom {
  readonly task: TaskId;
  readonly title: string;
  readonly at: Location;
  readonly missing: readonly Missing[];
  /** Its box was opened. */
  readonly opened: boolean;
}

export interface Proof {
  /** Ticked tasks of the file. */
  readonly ticked: number;
  /** Of these, those for which there was something to look at, and it was there. */
  readonly held: readonly TaskId[];
  /** Those for which there was nothing to look at. */
  readonly unchecked: readonly TaskId[];
  readonly phantoms: readonly Phantom[];
}

/** That a run made the task done, by the newest account of it. */
export interface Claim {
  readonly run: string;
  /** `null`: done, and not committed. */
  readonly commit: string | null;
  /** Milliseconds since the epoch. */
  readonly end: number;
}

export interface CommitView {
  /** Trail of the task on the branch that is looked at, oldest first. */
  readonly own: readonly TrailEntry[];
  readonly claim: Claim | null;
  /** Name of that branch. */
  readonly branch: string;
  /** The commit stands on the branch to which the run committed. */
  readonly isOnTarget: boolean;
  /** History is cut off somewhere: what is not found may be further back. */
  readonly isShallow: boolean;
  /** Milliseconds since the epoch of a commit. */
  timeOf(entry: TrailEntry): number;
}

/** Whether the commit of a task is there: `null` where none was made or nobody can tell. */
export function commitOf(view: CommitView): 'there' | Pick<Missing, 'what' | 'why'> | null {
  const { own, claim, branch } = view;
  if (standing(own).length > 0) return 'there';
  const made = own.filter((one) => one.kind === 'task').at(-1);
  if (made !== undefined) {
    const by = own.find((one) => one.commit === undoneBy(own).get(made.commit));
    // Done again since, by a run that commits nothing.
    if (claim?.commit === null && by !== undefined && claim.end > view.timeOf(by)) return null;
    const who = by === undefined ? 'a later commit' : short(by.commit);
    return {
      what: `its commit ${short(made.commit)} was taken back by ${who}`,
      why: `${made.run === null ? 'a run' : `run ${made.run}`} committed the task as ${short(made.commit)}`,
    };
  }
  if (claim?.commit == null) return null;
  if (view.isOnTarget) return 'there';
  if (view.isShallow) return null;
  return {
    what: `its commit ${short(claim.commit)} is not on ${branch}`,
    why: `run ${claim.run} committed the task as ${short(claim.commit)}`,
  };
}

function short(oid: string): string {
  return oid.slice(0, 7);
}
