/**
 * The commands round what runs committed and left behind: history, worktrees, clean, undo, verify. What they show is in
 * `commands/`, what they change in `workspaces/` and `undoing.ts`.
 */
import { randomInt } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { cleanCommand } from './commands/clean.ts';
import { printDiagnostics } from './commands/command.ts';
import { undoCommand } from './commands/undo.ts';
import { type WorktreeView, worktreesCommand } from './commands/worktrees.ts';
import { commandLine, shellWord } from './core/command-line.ts';
import { error, fail, ok, type Result } from './core/diagnostic.ts';
import { foldHistory } from './core/history.ts';
import { acquireLock, lockOwner } from './journal/lock.ts';
import { isRunId, newRunId } from './journal/run-id.ts';
import type { StateDir } from './journal/state-dir.ts';
import type { Call } from './options.ts';
import { lookBack, pastRuns } from './past.ts';
import { show } from './project.ts';
import { read } from './read.ts';
import { endOrphans } from './runners/process.ts';
import { find, rootAt, taskFileFor, type UpkeepAround } from './surroundings.ts';
import { history } from './trace.ts';
import { undo } from './undoing.ts';
import { systemClock } from './util/clock.ts';
import { verify } from './verifying.ts';
import { remove, survey } from './workspaces/clean.ts';
import { GitFault } from './workspaces/git.ts';
import { createSlots } from './workspaces/slots.ts';
import { surveySlots } from './workspaces/survey.ts';

/** Performs one of these commands; gives its exit code. */
export async function upkeep(call: Call, around: UpkeepAround): Promise<number> {
  const { refuse } = around;
  try {
    const done = await perform(call, around);
    return done.ok ? done.value : refuse(done.diagnostics, null);
  } catch (fault) {
    if (fault instanceof GitFault) return refuse([error('git', `${fault.message}.`, null)], null);
    const { code, message } = fault as NodeJS.ErrnoException;
    // Whatever is no answer of the system is a bug.
    if (code === undefined) throw fault;
    return refuse([error('git', message, null)], null);
  }
}

function perform(call: Call, around: UpkeepAround): Promise<Result<number>> {
  switch (call.command) {
    case 'history':
      return history(call, around);
    case 'verify':
      return verify(call, around);
    case 'worktrees':
      return worktrees(call, around);
    case 'clean':
      return clean(call, around);
    default:
      return undoTask(call, around);
  }
}

async function worktrees(call: Call, around: UpkeepAround): Promise<Result<number>> {
  const { cwd, io } = around;
  const found = await find(around, rootAt(cwd));
  if (!found.ok) return found;
  const { located, state, root, folder } = found.value;
  const isJson = call.flags.json === true;
  if (located === null) return ok(worktreesCommand([], isJson, io));
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const surveyed = await surveySlots(located, createSlots(located, real), real);
  const owner = state === null ? null : await lockOwner(state.dir);
  const live = owner !== null && owner.liveness !== 'dead' ? owner.owner.run : null;
  const running = state === null || live === null ? null : await inFlightOf(state, live);
  const views = surveyed.map(({ slot, note, exists, changes, ownCommits, fault }): WorktreeView => {
    const isRunning = note !== null && note.run === live && running?.get(note.step) === note.attempt && !note.kept;
    return {
      number: slot.number,
      dir: relative(root, slot.dir).split(sep).join('/') || '.',
      shown: show(slot.dir, cwd),
      state: !exists ? 'gone' : isRunning ? 'running' : note?.kept === true ? 'kept' : 'free',
      task: note?.step ?? null,
      attempt: note?.attempt ?? null,
      run: note?.run ?? null,
      live: note !== null && note.run === live,
      changes,
      ownCommits: ownCommits !== null,
      fault,
    };
  });
  return ok(worktreesCommand(views, isJson, io));
}

/** What runs now in a run, with the number of the attempt. */
async function inFlightOf(state: StateDir, run: string): Promise<ReadonlyMap<string, number> | null> {
  const past = (await pastRuns(state)).find((one) => one.run === run);
  return past === undefined ? null : (foldHistory(past.events)?.inFlight ?? null);
}

const ENDED_GRACE_MS = 5000;

const random = (): number => randomInt(0, 2 ** 32) / 2 ** 32;

async function clean(call: Call, around: UpkeepAround): Promise<Result<number>> {
  const { cwd, io } = around;
  const { flags } = call;
  const found = await find(around, rootAt(cwd));
  if (!found.ok) return found;
  const { located, state, folder } = found.value;
  const dryRun = flags.dryRun === true;
  const view = { dryRun, json: flags.json === true, show: (path: string) => show(path, cwd) };
  if (located === null) return ok(cleanCommand({ ...view, leftovers: [] }, io));
  const now = systemClock.now();
  const lock = state === null ? null : await acquireLock(state.dir, { run: newRunId(now, random), since: now });
  if (lock?.ok === false) return lock;
  try {
    const last = lock?.value.takenFrom ?? null;
    // What a killed run left running would go on writing into the worktrees.
    if (last !== null) await endOrphans(last.run, [], ENDED_GRACE_MS, systemClock);
    const targets = new Map((state === null ? [] : await pastRuns(state)).map((one) => [one.run, one.target]));
    const input = {
      located,
      folder,
      isRun: isRunId,
      targetOf: (run: string) => targets.get(run) ?? null,
      discard: flags.discard === true,
    };
    const leftovers = await survey(input);
    if (!dryRun) await remove(input, leftovers);
    return ok(cleanCommand({ ...view, leftovers }, io));
  } finally {
    await lock?.value.release();
  }
}

async function undoTask(call: Call, around: UpkeepAround): Promise<Result<number>> {
  const { cwd, env, io, settings, stateDir, branch } = around;
  const { flags } = call;
  const found = await taskFileFor(call.file, around);
  if (!found.ok) return found;
  const file = found.value;
  const past = await lookBack(file, stateDir);
  const deps = (past.ok ? past.value.history?.options.deps : null) ?? 'all';
  const plan = read(file.name, file.text, { deps });
  const errors = plan.diagnostics.filter((one) => one.severity === 'error');
  if (errors.length > 0) return fail(...errors);
  const place = { stateDir: flags.stateDir ?? null, cwd: flags.cwd ?? null, config: flags.config ?? null };
  const near = file.path === join(realpathSync(cwd), 'tasks.md') ? null : file.name;
  const report = await undo({
    file,
    command: commandLine(['undo', shellWord(call.id ?? ''), ...(near === null ? [] : [shellWord(near)])], {
      ...place,
      file: null,
    }),
    plan,
    deps,
    id: call.id ?? '',
    cascade: flags.cascade === true,
    dryRun: flags.dryRun === true,
    branch,
    stateDir,
    settings,
    env,
    clock: systemClock,
    clean: io.clean,
  });
  if (!report.ok) return report;
  if (flags.json !== true) printDiagnostics(io, report.warnings, plan.source);
  const continueCommand = commandLine(['--continue'], { ...place, file: near });
  return ok(undoCommand({ report: report.value, json: flags.json === true, file: file.name, continueCommand }, io));
}
