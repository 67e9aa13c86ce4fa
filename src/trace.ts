/**
 * `implement history`: brings together what commits and journals tell of tasks. Looks only; what is shown is in
 * `commands/history.ts`.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { historyCommand, type LostAttempt } from './commands/history.ts';
import { ok, type Result } from './core/diagnostic.ts';
import { entriesOfFile, idAmong, type TrailEntry } from './core/trail.ts';
import type { Call } from './options.ts';
import { type PastRun, pastRuns } from './past.ts';
import { projectOf, show } from './project.ts';
import { read } from './read.ts';
import { type Found, find, rootAt, taskFileFor, type UpkeepAround } from './surroundings.ts';
import { branchNamed } from './workspaces/locate.ts';
import { createSlots } from './workspaces/slots.ts';
import { readTrail } from './workspaces/trail.ts';

/** Errors: `unknown-id`, `git` (no such branch), those of the task file that was named. */
export async function history(call: Call, around: UpkeepAround): Promise<Result<number>> {
  const { flags } = call;
  const { cwd, io } = around;
  const isFile = call.file === null && call.id !== null && looksLikeFile(call.id, cwd);
  const named = isFile ? call.id : call.file;
  const wanted = isFile ? null : call.id;
  const file = await taskFileFor(named, around);
  if (!file.ok && named !== null) return file;
  const task = file.ok ? file.value : null;
  const own = task === null ? null : projectOf(task).file;
  const found = await find(around, task === null ? rootAt(cwd) : projectOf(task).root);
  if (!found.ok) return found;
  const { located, state } = found.value;
  const runs = state === null ? [] : await pastRuns(state);
  let ref: string | null = located?.head ?? null;
  let branch = located?.branch?.replace(/^refs\/heads\//, '') ?? null;
  if (located !== null && around.branch !== null) {
    const target = await branchNamed(located, around.branch);
    // One that is configured is made by the first run.
    if (!target.ok && flags.branch !== undefined) return target;
    if (target.ok) {
      ref = target.value;
      branch = around.branch;
    }
  }
  const all = located === null || ref === null ? [] : await readTrail(located.git, located.main, ref);
  const plan = task === null ? null : read(task.name, task.text, { deps: 'all' });
  const fileOf = (run: string): string | null => runs.find((one) => one.run === run)?.file ?? null;
  const titles = new Map(plan?.tasks.map((one) => [one.id, one.title]));
  // Without a word the trail of the whole project: all its features.
  const isOfFile = own !== null && (named !== null || wanted !== null);
  const entries = isOfFile ? entriesOfFile(all, { file: own, fileOf, titles }) : all;
  const ofFile = runs.filter((run) => !isOfFile || run.file === own);
  const lost = wanted === null ? [] : await lostIn(ofFile, found.value, cwd);
  const known = new Set([...(plan?.byId.keys() ?? []), ...[...entries, ...lost].map((one) => one.task)]);
  const id = wanted === null ? ok(null) : idAmong(wanted, known);
  if (!id.ok) return id;
  const view = {
    branch,
    isEmpty: ref === null,
    entries: entries.map((one) => ({ ...one, files: withoutTaskFile(one, fileOf, own) })),
    id: id.value,
    failed: lost.filter((one) => one.task === id.value),
    json: flags.json === true,
    verbose: flags.verbose === true,
  };
  return ok(historyCommand(view, io));
}

function looksLikeFile(word: string, cwd: string): boolean {
  return /\.(?:md|markdown)$/i.test(word) || statSync(resolve(cwd, word), { throwIfNoEntry: false })?.isFile() === true;
}

/** Every task ticks its task file: that is no news of a commit. */
function withoutTaskFile(
  { files, run }: TrailEntry,
  fileOf: (run: string) => string | null,
  found: string | null,
): TrailEntry['files'] {
  const own = (run === null ? null : fileOf(run)) ?? found;
  return files.filter((one) => one.path !== own);
}

/** Attempts that came to nothing, as the journals tell. Branches and worktrees are named that are still there. */
async function lostIn(runs: readonly PastRun[], found: Found, cwd: string): Promise<LostAttempt[]> {
  const { located, state, root, folder } = found;
  const refs = new Set<string>();
  const kept = new Map<string, string>();
  if (located !== null) {
    const listed = await located.git.line(located.main, [
      'for-each-ref',
      '--format=%(refname)',
      'refs/heads/implement/',
    ]);
    for (const ref of listed.split('\n')) refs.add(ref);
    const slots = createSlots(located, existsSync(folder) ? realpathSync(folder) : folder);
    for (const slot of slots.list()) {
      const note = slots.note(slot);
      if (note?.kept === true && existsSync(slot.dir))
        kept.set(`${note.run} ${note.step} ${note.attempt}`, relative(root, slot.dir).split(sep).join('/'));
    }
  }
  return runs.flatMap(({ run, events }) => {
    const branches = new Map<string, string>();
    return events.flatMap((event): LostAttempt[] => {
      if (event.kind !== 'attempt-ended' && event.kind !== 'merge-ended') return [];
      const { step, attempt, time } = event;
      const outcome = event.kind === 'attempt-ended' ? event.outcome : event.result;
      if (outcome.kind === 'success' && outcome.change !== undefined)
        branches.set(`${step} ${attempt}`, outcome.change.ref);
      if (outcome.kind !== 'failure') return [];
      const { reason, message } = outcome.failure;
      const log = state?.logPath(run, step, attempt) ?? null;
      const ref = branches.get(`${step} ${attempt}`);
      return [
        {
          task: step,
          run,
          attempt,
          date: new Date(time).toISOString(),
          reason,
          message,
          log: log !== null && existsSync(log) ? show(log, cwd) : null,
          branch: ref !== undefined && refs.has(ref) ? ref.replace(/^refs\/heads\//, '') : null,
          worktree: kept.get(`${run} ${step} ${attempt}`) ?? null,
        },
      ];
    });
  });
}
