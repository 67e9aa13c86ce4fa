/**
 * What earlier sessions of a run left behind: the fold of their events, or of the checkpoint that people read. Pure;
 * what of it still holds for the file as it is now is asked in `reconcile.ts`.
 */
import type { FileChange } from './change.ts';
import type { Failure, KnownTask, RunEvent, RunOptions, RunStatus, StepId } from './event.ts';
import type { Session } from './session.ts';
import type { Unmerged } from './step.ts';
import type { TaskId } from './task.ts';

export interface Spawned {
  readonly pid: number;
  readonly startTime: string | null;
}

export interface UnmergedChange extends Unmerged {
  /** The commit that was about to become the head of the target, and the head before it; `null`: it had not come to that. */
  readonly publishing: { readonly commit: string; readonly onto: string } | null;
}

export interface History {
  readonly run: string;
  readonly sessions: number;
  readonly file: string;
  readonly digest: string;
  /** Digest of the file's commands when the last session began, and when it ended (`null`: it was cut off). */
  readonly commands: { readonly start: string | null; readonly end: string | null };
  readonly options: RunOptions;
  /** The target branch by its full name and its head when the last session began; `null`: nothing is committed. */
  readonly target: { readonly ref: string; readonly head: string } | null;
  readonly status: RunStatus;
  /** Number of the last event, 0 where the journal is gone. */
  readonly seq: number;
  readonly startedAt: number;
  /** Time that all sessions worked, in ms. */
  readonly elapsedMs: number;
  readonly known: ReadonlyMap<TaskId, KnownTask>;
  readonly done: ReadonlySet<TaskId>;
  /** Done tasks whose boxes we ticked. */
  readonly ticked: ReadonlySet<TaskId>;
  readonly failed: ReadonlyMap<StepId, Failure | null>;
  /** Steps whose attempt had not ended when the last session did, with the attempt's number. */
  readonly inFlight: ReadonlyMap<StepId, number>;
  /** Changes that were committed and are not known to have joined the target. */
  readonly unmerged: ReadonlyMap<TaskId, UnmergedChange>;
  /** Commits that tasks brought into the target, in order. */
  readonly merged: readonly { readonly task: TaskId; readonly commit: string; readonly files: readonly FileChange[] }[];
  readonly attempts: ReadonlyMap<StepId, number>;
  readonly processes: readonly Spawned[];
  /** Last known duration per task, all attempts of the session in which it was done, in ms. */
  readonly durations: ReadonlyMap<TaskId, number>;
  /** Verifications whose last attempt passed; tasks of theirs may have been done since. */
  readonly verified: ReadonlySet<StepId>;
  /** Number of the event with which a task was last done, or a verification last passed. */
  readonly order: ReadonlyMap<StepId, number>;
}

/** Folds the events of a journal; the first one must be `run-started`. Any prefix of a journal gives a history. */
export function foldHistory(events: readonly RunEvent[]): History | null {
  const first = events[0];
  if (first?.kind !== 'run-started') return null;
  let started = first;
  let status: RunStatus = 'running';
  let commandsAtEnd: string | null = null;
  let elapsedMs = 0;
  let last = first.time;
  let known = new Map<TaskId, KnownTask>();
  let done = new Set<TaskId>();
  let ticked = new Set<TaskId>();
  let failed = new Map<StepId, Failure | null>();
  const inFlight = new Map<StepId, number>();
  let unmerged = new Map<TaskId, UnmergedChange>();
  const merged: { task: TaskId; commit: string; files: readonly FileChange[] }[] = [];
  const attempts = new Map<StepId, number>();
  let durations = new Map<TaskId, number>();
  const verified = new Set<StepId>();
  let order = new Map<StepId, number>();
  const begun = new Map<StepId, number>();
  const spent = new Map<StepId, number>();
  let processes: Spawned[] = [];
  for (const event of events) {
    if (event.kind === 'run-started') {
      if (event !== first) elapsedMs += last - started.time;
      started = event;
      status = 'running';
      commandsAtEnd = null;
      processes = [];
      spent.clear();
    }
    last = event.time;
    switch (event.kind) {
      case 'plan-read': {
        const rename = renaming(known, event.tasks);
        done = new Set(rename([...done].map((id) => [id, null] as const)).keys());
        ticked = new Set(rename([...ticked].map((id) => [id, null] as const)).keys());
        failed = rename(failed);
        durations = rename(durations);
        order = rename(order);
        unmerged = rename(unmerged);
        known = new Map(event.tasks.map((task) => [task.id, task]));
        // An attempt that the last session cut off was dealt with when this one began.
        inFlight.clear();
        break;
      }
      case 'adopted':
        for (const id of event.done) done.add(id);
        for (const id of event.verified) verified.add(id);
        elapsedMs += event.elapsedMs;
        break;
      case 'attempt-started':
        inFlight.set(event.step, event.attempt);
        attempts.set(event.step, event.attempt);
        begun.set(event.step, event.time);
        failed.delete(event.step);
        unmerged.delete(event.step);
        verified.delete(event.step);
        break;
      case 'attempt-spawned':
        processes.push({ pid: event.pid, startTime: event.startTime });
        break;
      case 'attempt-ended': {
        inFlight.delete(event.step);
        const sum = (spent.get(event.step) ?? 0) + event.time - (begun.get(event.step) ?? event.time);
        spent.set(event.step, sum);
        if (event.outcome.kind === 'success' && event.outcome.change !== undefined) {
          unmerged.set(event.step, { attempt: event.attempt, change: event.outcome.change, publishing: null });
          durations.set(event.step, sum);
          break;
        }
        if (event.outcome.kind === 'success') order.set(event.step, event.seq);
        if (event.outcome.kind === 'failure') failed.set(event.step, event.outcome.failure);
        else if (event.step.startsWith('verify:')) verified.add(event.step);
        else {
          done.add(event.step);
          ticked.delete(event.step);
          durations.set(event.step, sum);
        }
        break;
      }
      case 'merge-resumed':
        failed.delete(event.step);
        break;
      case 'merge-started': {
        const waiting = unmerged.get(event.step);
        if (waiting !== undefined)
          unmerged.set(event.step, { ...waiting, publishing: { commit: event.commit, onto: event.onto } });
        break;
      }
      case 'merge-ended':
        if (event.result.kind === 'merged') {
          unmerged.delete(event.step);
          done.add(event.step);
          ticked.delete(event.step);
          failed.delete(event.step);
          order.set(event.step, event.seq);
          merged.push({ task: event.step, commit: event.result.commit, files: event.result.files });
        } else {
          failed.set(event.step, event.result.failure);
          const waiting = unmerged.get(event.step);
          if (event.result.held && waiting !== undefined) unmerged.set(event.step, { ...waiting, publishing: null });
          else unmerged.delete(event.step);
        }
        break;
      case 'box-ticked':
        ticked.add(event.task);
        break;
      case 'undone':
        done.delete(event.task);
        ticked.delete(event.task);
        break;
      case 'run-ended':
        status = event.status;
        commandsAtEnd = event.commands;
        break;
      default:
        break;
    }
  }
  return {
    run: first.run,
    sessions: started.session,
    file: started.file,
    digest: started.digest,
    commands: { start: started.commands, end: commandsAtEnd },
    options: started.options,
    target: started.target ?? null,
    status,
    seq: events.at(-1)?.seq ?? 0,
    startedAt: first.time,
    elapsedMs: elapsedMs + last - started.time,
    known,
    done,
    ticked,
    failed,
    inFlight,
    unmerged,
    merged,
    attempts,
    processes,
    durations,
    verified,
    order,
  };
}

/**
 * Generated ids are numbers in the order of the file, so an edit between two sessions gives the same task another one.
 * Gives a function that puts the entries of a map under the ids of `now`; what is no longer there is left out.
 */
function renaming(
  before: ReadonlyMap<TaskId, KnownTask>,
  now: readonly KnownTask[],
): <T>(entries: Iterable<readonly [string, T]>) => Map<string, T> {
  const match = matcher(before);
  const newIds = new Map<TaskId, TaskId>();
  for (const task of now) {
    const was = match(task);
    if (was !== null) newIds.set(was, task.id);
  }
  return (entries) => {
    const renamed = new Map();
    for (const [id, value] of entries) {
      const to = isGenerated(id) && before.size > 0 ? newIds.get(id) : id;
      if (to !== undefined) renamed.set(to, value);
    }
    return renamed;
  };
}

/**
 * The history with what the repository says about changes that wait: `found` are merged, only cut off before it was
 * noted; of the `discarded` ones nothing is left to merge.
 */
export function withMerged(
  history: History,
  found: readonly {
    readonly step: TaskId;
    readonly result: { readonly commit: string; readonly files: readonly FileChange[] };
  }[],
  discarded: readonly TaskId[],
): History {
  if (found.length + discarded.length === 0) return history;
  const isFound = new Set(found.map((one) => one.step));
  const isOver = new Set([...isFound, ...discarded]);
  return {
    ...history,
    unmerged: new Map([...history.unmerged].filter(([id]) => !isOver.has(id))),
    failed: new Map([...history.failed].filter(([id]) => !isFound.has(id))),
    done: new Set([...history.done, ...isFound]),
    // The box may have been ticked or not: it is looked at again.
    ticked: new Set([...history.ticked].filter((id) => !isFound.has(id))),
    merged: [...history.merged, ...found.map(({ step, result: { commit, files } }) => ({ task: step, commit, files }))],
    order: new Map([...history.order, ...found.map(({ step }) => [step, history.seq] as const)]),
  };
}

/** The same, as far as `current-session.md` tells it: for a state directory whose journal is gone. */
export function historyOf(session: Session): History {
  const tasks = session.tasks.filter((task) => task.status !== 'skipped' && task.status !== 'deferred');
  const done = new Set(tasks.flatMap((task) => (task.status === 'done' ? [task.id] : [])));
  const failedOf = (items: readonly { id: string; status: string }[]): [string, null][] =>
    items.flatMap((item) => (item.status === 'failed' ? [[item.id, null] as [string, null]] : []));
  const isCutOff = (status: string): boolean => status === 'running' || status === 'merging';
  return {
    run: session.run,
    sessions: session.session,
    file: session.file,
    digest: session.digest,
    commands: { start: null, end: null },
    options: session.options,
    target: null,
    status: session.status,
    seq: 0,
    startedAt: session.startedAt,
    elapsedMs: session.elapsedMs,
    known: new Map(
      session.tasks.map((task) => [task.id, { id: task.id, title: task.title, generated: task.generated }]),
    ),
    done,
    // Whose tick is missing cannot be told from here; what is done stays done, and its box is ticked.
    ticked: new Set(),
    failed: new Map([...failedOf(tasks), ...failedOf(session.verifications)]),
    inFlight: new Map(
      [...tasks, ...session.verifications].filter((item) => isCutOff(item.status)).map((item) => [item.id, 1]),
    ),
    unmerged: new Map(),
    merged: [],
    attempts: new Map(tasks.map((task) => [task.id, task.attempts])),
    processes: [],
    durations: new Map(),
    verified: new Set(session.verifications.flatMap((one) => (one.status === 'done' ? [one.id] : []))),
    order: new Map(),
  };
}

/** Asked for each task in document order: its id among the known ones, or `null`. */
export function matcher(known: ReadonlyMap<TaskId, KnownTask>): (task: KnownTask) => TaskId | null {
  const byTitle = new Map<string, TaskId[]>();
  for (const each of known.values()) {
    if (!each.generated) continue;
    const list = byTitle.get(each.title);
    if (list === undefined) byTitle.set(each.title, [each.id]);
    else list.push(each.id);
  }
  for (const list of byTitle.values()) list.reverse();
  return ({ id, title, generated }) => {
    if (generated) return byTitle.get(title)?.pop() ?? null;
    return known.has(id) ? id : null;
  };
}

export function isGenerated(id: TaskId): boolean {
  return id.startsWith('#');
}
