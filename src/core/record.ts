/**
 * What is kept of each task that was done: how, by which attempt, with which proof. Made from the events of a run and
 * nothing else, so that a record which was lost can be made again. Pure; files are written elsewhere.
 */
import type { FileChange } from './change.ts';
import type { RunEvent, StepId } from './event.ts';
import type { TaskId } from './task.ts';

/** JSON-safe. Times are ISO 8601. */
export interface EvidenceRecord {
  readonly schemaVersion: 1;
  readonly task: TaskId;
  readonly title: string;
  /** Task file, relative to the project root, `/` as separator. */
  readonly file: string;
  readonly run: string;
  readonly attempt: number;
  readonly slot: number | null;
  readonly start: string | null;
  readonly end: string;
  /** Object id of the commit on the target branch; `null`: nothing was committed. */
  readonly commit: string | null;
  /**
   * Who changed what: `commit` tells; the task ran `alone` in the tree and nobody looked; or others ran beside it in
   * the same tree, and nobody can tell.
   */
  readonly attribution: 'commit' | 'alone' | 'not attributable';
  /** How many files the commit created, modified and deleted, and which; `null` without one. */
  readonly stat: { readonly created: number; readonly modified: number; readonly deleted: number } | null;
  readonly files: readonly FileChange[] | null;
  /** Secrets are out of the command and of the last line that it printed. `null`: nothing verified the task. */
  readonly verification: {
    readonly command: string;
    readonly exitCode: number;
    readonly lastLine: string | null;
  } | null;
}

export interface RecorderOptions {
  /** The verification in the task file's front matter, secrets out; counts where a run allows it. */
  readonly front: string | null;
  /** Milliseconds since the epoch to ISO 8601. */
  isoTime(ms: number): string;
}

interface Attempt {
  readonly attempt: number;
  readonly slot: number | null;
  readonly start: number | null;
  alone: boolean;
  verified: string | null;
}

/**
 * Hears the events of one run in their order, all of its sessions, and gives a record with each event that makes a
 * task done; `null` with any other.
 */
export function createRecorder({ front, isoTime }: RecorderOptions): (event: RunEvent) => EvidenceRecord | null {
  const running = new Map<StepId, Attempt>();
  const merging = new Map<StepId, Attempt>();
  const titles = new Map<TaskId, string>();
  let run = '';
  let file = '';
  let command: string | null = null;

  function recordOf(
    task: TaskId,
    { attempt, slot, start, alone, verified }: Attempt,
    end: number,
    merged: { readonly commit: string; readonly files: readonly FileChange[] } | null,
  ): EvidenceRecord | null {
    const title = titles.get(task);
    if (title === undefined) return null;
    const count = (how: FileChange['how']): number => merged?.files.filter((one) => one.how === how).length ?? 0;
    return {
      schemaVersion: 1,
      task,
      title,
      file,
      run,
      attempt,
      slot,
      start: start === null ? null : isoTime(start),
      end: isoTime(end),
      commit: merged?.commit ?? null,
      attribution: merged !== null ? 'commit' : alone ? 'alone' : 'not attributable',
      stat:
        merged === null ? null : { created: count('created'), modified: count('modified'), deleted: count('deleted') },
      files: merged?.files ?? null,
      verification: command === null ? null : { command, exitCode: 0, lastLine: verified },
    };
  }

  return (event) => {
    switch (event.kind) {
      case 'run-started':
        run = event.run;
        file = event.file;
        command = event.options.verify ?? (event.options.scripts ? front : null);
        running.clear();
        return null;
      case 'plan-read':
        for (const { id, title } of event.tasks) titles.set(id, title);
        return null;
      case 'attempt-started': {
        const { attempt, slot, time } = event;
        for (const other of running.values()) other.alone = false;
        running.set(event.step, { attempt, slot, start: time, alone: running.size === 0, verified: null });
        return null;
      }
      case 'attempt-ended': {
        const { step, attempt, outcome, time } = event;
        const own = running.get(step) ?? { attempt, slot: null, start: null, alone: false, verified: null };
        running.delete(step);
        if (outcome.kind === 'failure') return null;
        own.verified = outcome.verified;
        if (outcome.change === undefined) return recordOf(step, own, time, null);
        merging.set(step, own);
        return null;
      }
      case 'merge-ended': {
        const { step, attempt, result, time } = event;
        const own = merging.get(step) ?? { attempt, slot: null, start: null, alone: false, verified: null };
        if (result.kind !== 'merged') return null;
        merging.delete(step);
        return recordOf(step, own, time, result);
      }
      default:
        return null;
    }
  };
}
