/**
 * A run from the outside: what was asked for and what earlier sessions left become one prepared session under the
 * lock. Reads neither argv nor the terminal, and never ends the process.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { chooseAgent } from './agent-choice.ts';
import { isCommitting } from './core/commit-message.ts';
import { error, fail, ok, type Result } from './core/diagnostic.ts';
import type { RunOptions } from './core/event.ts';
import { type History, withMerged } from './core/history.ts';
import { MASK, redactor } from './core/redact.ts';
import type { RunReport } from './core/report.ts';
import type { Ground } from './ground.ts';
import { acquireLock } from './journal/lock.ts';
import { newRunId } from './journal/run-id.ts';
import { findStateDir, openStateDir } from './journal/state-dir.ts';
import { pastOf, runToContinue, stateOptions } from './past.ts';
import { type Prepared, prepare } from './prepare.ts';
import { projectOf, readTaskFile } from './project.ts';
import { COMMANDS, FLAG, optionsFrom, type RunEnvironment, type RunRequest } from './request.ts';
import { runSession } from './run-session.ts';
import { endOrphans, markerName } from './runners/process.ts';

/** Runs one session. Diagnostics mean that nothing was run, and that nothing was changed. */
export async function run(request: RunRequest, environment: RunEnvironment): Promise<Result<RunReport>> {
  const project = projectOf(request.file);
  const fresh = newRunId(environment.clock.now(), () => randomInt(0, 2 ** 32) / 2 ** 32);
  const found = await findStateDir(project.root, stateOptions(request.stateDir));
  if (!found.ok) return found;
  // What is wrong with the input is found before a state directory is made.
  const trial = found.value === null ? await prepareRun(request, null, environment) : null;
  if (trial?.ok === false) return trial;
  if (trial !== null) {
    const stateDir = resolve(project.root, request.stateDir ?? '.implement');
    const ground = await groundOf(request, trial.value.options, stateDir, null, false, fresh, environment);
    if (!ground.ok) return ground;
  }
  const opened = await openStateDir(project.root, stateOptions(request.stateDir));
  if (!opened.ok) return opened;
  const state = opened.value;
  const ongoing = request.resume ? await runToContinue(state, project.file) : ok(null);
  if (!ongoing.ok) return ongoing;
  const lock = await acquireLock(state.dir, { run: ongoing.value ?? fresh, since: environment.clock.now() });
  if (!lock.ok) return lock;
  try {
    const past = await pastOf(state, project.file);
    if (!past.ok && (request.resume || past.diagnostics.some((one) => one.code === 'state-foreign'))) return past;
    const left = past.ok ? past.value : null;
    const asked = await optionsOf(request, left?.history ?? null, environment);
    if (!asked.ok) return asked;
    const options = asked.value;
    const last = request.resume ? (left?.history ?? null) : null;
    // Before the repository is looked at: what still lives of the last session may be at work in it.
    const ended =
      isCommitting(options) && last?.status === 'running'
        ? await endOrphans(last.run, last.processes, request.graceMs, environment.clock)
        : 0;
    const ground = await groundOf(
      request,
      options,
      state.dir,
      last,
      left?.history.status === 'running',
      fresh,
      environment,
    );
    if (!ground.ok) return ground;
    // Read again under the lock: another run may have ended, and ticked boxes, since the file was found.
    const file = readTaskFile(request.file.path, environment.cwd);
    if (!file.ok) return file;
    const history =
      left === null
        ? null
        : { ...left, history: withMerged(left.history, ground.value?.published ?? [], ground.value?.discarded ?? []) };
    const current: RunRequest = { ...request, file: file.value };
    const prepared = await prepareRun(current, history?.history ?? null, environment, trial?.value ?? null);
    if (!prepared.ok) return prepared;
    const broken = past.ok ? past.warnings : past.diagnostics.map((one) => ({ ...one, severity: 'warning' as const }));
    const notices = [...broken, ...lock.warnings, ...ground.warnings, ...prepared.warnings];
    const { resume } = prepared.value;
    const id = resume && history !== null ? history.history.run : fresh;
    return await runSession({
      request: current,
      environment,
      project,
      options: prepared.value.options,
      ground: ground.value,
      state,
      id,
      resume,
      past: history,
      ended,
      cutOff: lock.value.takenFrom?.run ?? null,
      prepared: prepared.value,
      notices,
    });
  } finally {
    await lock.value.release();
  }
}

/** What was said, else what the session says, else what is configured. */
function optionsOf(request: RunRequest, history: History | null, { env }: RunEnvironment): Promise<Result<RunOptions>> {
  const before: Partial<RunOptions> = request.resume && history !== null ? history.options : {};
  const said = [request.configured, before, request.given];
  return chooseAgent(optionsFrom(...said), {
    root: projectOf(request.file).root,
    env,
    isPlaced: said.some((one) => one.worktree !== undefined),
    isOverlapSaid: said.some((one) => one.overlap !== undefined),
  });
}

/** The repository, where done tasks become commits; else `null`. */
async function groundOf(
  request: RunRequest,
  options: RunOptions,
  stateDir: string,
  history: History | null,
  isCutOff: boolean,
  fresh: string,
  { env, clock }: RunEnvironment,
): Promise<Result<Ground | null>> {
  if (!isCommitting(options)) return ok(null);
  const { prepareGround } = await import('./ground.ts');
  return prepareGround({
    options,
    project: projectOf(request.file),
    tasksFile: request.file.path,
    stateDir,
    settings: request.settings,
    env,
    history,
    isCutOff,
    marks: { [markerName(history?.run ?? fresh)]: 'git' },
    sleep: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
  });
}

interface Ready extends Prepared {
  readonly options: RunOptions;
  readonly resume: boolean;
}

/**
 * Options from the session, overridden by what was said; and everything that follows from them. `before`: what came of
 * it a moment ago; its plan is taken again where the file is still the same.
 */
async function prepareRun(
  request: RunRequest,
  history: History | null,
  environment: RunEnvironment,
  before: Ready | null = null,
): Promise<Result<Ready>> {
  const resume = request.resume && history !== null;
  const asked = await optionsOf(request, history, environment);
  if (!asked.ok) return asked;
  const options = asked.value;
  if (request.given.branch !== undefined && !isCommitting(options)) {
    return fail(
      error('usage', '--branch says where done tasks are committed, but nothing is committed.', null, {
        hint: 'Say --worktree as well, or --commit.',
      }),
    );
  }
  const lost = resume
    ? COMMANDS.filter((name) => request.given[name] === undefined && options[name]?.includes(MASK))
    : [];
  if (lost.length > 0) {
    return fail(
      error(
        'usage',
        `The ${lost.map((name) => FLAG[name]).join(' and ')} of the session held a secret, and secrets are not kept.`,
        null,
        {
          hint: `Say it again: implement --continue ${lost.map((name) => `${FLAG[name]} '…'`).join(' ')}. A command in single quotes may use "$NAME" and keeps no secret.`,
        },
      ),
    );
  }
  const isSame = before?.options.deps === options.deps && before.plan.source.text === request.file.text;
  const redact = redactor(environment.env);
  const known = isSame ? before.plan : null;
  const prepared = prepare(request.file, options, history, resume, request.given, redact, known);
  if (!prepared.ok) return prepared;
  return ok({ ...prepared.value, options, resume }, [...asked.warnings, ...prepared.warnings]);
}
