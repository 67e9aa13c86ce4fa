/**
 * One session of a run, put together: task file, plan, state directory, journal, engine, reporters. Reads neither
 * argv nor the terminal, and never ends the process.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type AssignContext, assign } from './assign.ts';
import { createLocal } from './builtins.ts';
import { commandsIn, TASK_VARIABLES } from './core/brief.ts';
import { type Diagnostic, error, fail, info, ok, type Result, warning } from './core/diagnostic.ts';
import { JOURNAL_FORMAT, type RunEvent, type RunEventBody, type RunOptions, type StepId } from './core/event.ts';
import { type History, isGenerated } from './core/history.ts';
import { rankOf } from './core/rank.ts';
import { cleaner, redactor } from './core/redact.ts';
import { type RunReport, reportOf } from './core/report.ts';
import { RunState } from './core/state.ts';
import type { TaskId } from './core/task.ts';
import { addVerifications } from './core/verification.ts';
import { scheduleOf } from './core/waves.ts';
import { createEngine, type Engine } from './engine.ts';
import { writeCheckpoint } from './journal/checkpoints.ts';
import { openJournal } from './journal/event-log.ts';
import { acquireLock } from './journal/lock.ts';
import { newRunId } from './journal/run-id.ts';
import { createSessionWriter, renderSession } from './journal/session-file.ts';
import { findStateDir, openStateDir, type StateDir } from './journal/state-dir.ts';
import { type Past, pastOf, stateOptions } from './past.ts';
import { boxesOf, digest, owedBy, type Prepared, prepare, relocate } from './prepare.ts';
import { type Project, projectOf, show, type TaskFile } from './project.ts';
import { read } from './read.ts';
import type { Reporter, RunClosing, RunOpening } from './reporters/reporter.ts';
import { endOrphans } from './runners/process.ts';
import { sessionOf } from './session.ts';
import { createTicker } from './taskfile/ticker.ts';
import type { Clock } from './util/clock.ts';

export interface RunRequest {
  readonly file: TaskFile;
  /** Go on with the last run of this file. */
  readonly resume: boolean;
  /** Options that the user gave; on a resume they override those of the session. */
  readonly given: Partial<RunOptions>;
  readonly stateDir: string | null;
  readonly graceMs: number;
  readonly version: string;
}

export interface RunEnvironment {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Told once the engine exists, so that signals reach it. */
  readonly onEngine: (engine: Pick<Engine, 'interrupt'>) => void;
}

export const DEFAULTS: RunOptions = {
  parallel: false,
  jobs: 1,
  overlap: 'marked',
  deps: 'all',
  filter: [],
  only: false,
  failFast: false,
  maxFailures: null,
  retries: 2,
  timeoutMs: null,
  scripts: false,
  exec: null,
  verify: null,
  verifyPhase: null,
  verifyEnd: null,
};

/** Runs one session. Diagnostics mean that nothing was run, and that nothing was changed. */
export async function run(request: RunRequest, environment: RunEnvironment): Promise<Result<RunReport>> {
  const project = projectOf(request.file);
  const found = await findStateDir(project.root, stateOptions(request.stateDir));
  if (!found.ok) return found;
  const past = found.value === null ? ok(null) : await pastOf(found.value, project.file);
  if (!past.ok) return past;
  const history = past.value?.history ?? null;
  const resume = request.resume && history !== null;
  const options: RunOptions = { ...DEFAULTS, ...(resume ? history.options : {}), ...request.given };

  const prepared = prepare(request.file, options, history, resume, request.given);
  if (!prepared.ok) return prepared;
  const opened = await openStateDir(project.root, stateOptions(request.stateDir));
  if (!opened.ok) return opened;
  const state = opened.value;
  const id =
    resume && history !== null ? history.run : newRunId(environment.clock.now(), () => randomInt(0, 2 ** 32) / 2 ** 32);
  const lock = await acquireLock(state.dir, { run: id, since: environment.clock.now() });
  if (!lock.ok) return lock;
  try {
    for (const notice of [...past.warnings, ...lock.warnings, ...prepared.warnings]) environment.reporter.note(notice);
    return await session({
      request,
      environment,
      project,
      options,
      state,
      id,
      resume,
      past: past.value,
      prepared: prepared.value,
    });
  } finally {
    await lock.value.release();
  }
}

interface SessionInput {
  readonly request: RunRequest;
  readonly environment: RunEnvironment;
  readonly project: Project;
  readonly options: RunOptions;
  readonly state: StateDir;
  readonly id: string;
  readonly resume: boolean;
  readonly past: Past | null;
  readonly prepared: Prepared;
}

async function session(input: SessionInput): Promise<Result<RunReport>> {
  const { request, environment, project, options, state: dir, id, resume, past, prepared } = input;
  const { clock, reporter, env } = environment;
  const { plan, selection, reconciled, verify } = prepared;
  const history = past?.history ?? null;
  const clean = cleaner(env);
  const unfinished = history !== null && history.status === 'running';

  if (request.resume && history === null)
    reporter.note(info('state-broken', 'There is no session to continue; this starts one.', null));
  if (!resume && history !== null && history.status !== 'complete') {
    reporter.note(
      info(
        'state-broken',
        `Run ${history.run} was not finished. This starts a new one; to go on with it instead: implement --continue`,
        null,
      ),
    );
  }
  if (resume && options.exec !== null && request.given.exec === undefined) {
    reporter.note(
      info('usage', `Every task runs what the session says: --exec ${JSON.stringify(clean(options.exec))}`, null),
    );
  }
  if (unfinished && history !== null) {
    const ended = await endOrphans(history.run, history.processes, request.graceMs, clock);
    if (ended > 0)
      reporter.note(
        warning(
          'locked',
          `The last session was cut off and left ${ended} ${ended === 1 ? 'process' : 'processes'} running; ended.`,
          null,
        ),
      );
  }

  const ticker = createTicker({
    path: request.file.path,
    text: request.file.text,
    boxes: boxesOf(plan),
    locate: (text) => relocate(plan, request.file.name, text, options.deps),
  });
  const told = new Set<string>();
  const complain = (diagnostic: Diagnostic): void => {
    if (told.has(diagnostic.message)) return;
    told.add(diagnostic.message);
    reporter.note(diagnostic);
  };
  const boxes = {
    async tick(task: TaskId): Promise<boolean> {
      const result = await ticker.tick(task);
      if (!result.ok) for (const one of result.diagnostics) complain(one);
      else if (result.value === 'gone')
        complain(
          warning(
            'unknown-task',
            `${task} is no longer in ${request.file.name}: it is done, but there is no box to tick.`,
            null,
          ),
        );
      return result.ok && result.value !== 'gone';
    },
    async restore(task: TaskId): Promise<boolean> {
      const result = await ticker.restore(task);
      if (!result.ok) for (const one of result.diagnostics) complain(one);
      return result.ok && result.value === 'restored';
    },
  };
  for (const task of reconciled.restore) await boxes.restore(task.id);
  const tickedNow: TaskId[] = [];
  for (const task of reconciled.tick) if (await boxes.tick(task.id)) tickedNow.push(task.id);

  const goesOn = resume && past !== null && past.validBytes !== null;
  const opened = await openJournal(dir.journalPath(id), goesOn ? { truncateTo: past.validBytes as number } : {});
  if (!opened.ok) return opened;
  const journal = opened.value;
  const sessionNumber = resume && history !== null ? history.sessions + 1 : 1;
  const began = clock.now();
  const earlierMs = resume && history !== null ? history.elapsedMs : 0;
  const verifications = addVerifications(plan, { phase: verify.phase !== null, end: verify.end !== null });
  const owed =
    resume && history !== null
      ? owedBy(
          plan,
          verifications.map((one) => one.id),
          history,
          reconciled,
        )
      : new Set<StepId>();
  const settled = reconciled.settled;
  const rank = rankOf(plan, (task) =>
    settled.has(task) || !selection.selected.has(task)
      ? 0
      : (reconciled.durations.get(task) ?? averageOf(reconciled.durations)),
  );
  const state = new RunState({
    plan,
    rank,
    selected: selection.selected,
    settled,
    verifications,
    owed,
    overlap: options.parallel ? options.overlap : 'serial',
    failFast: options.failFast,
    maxFailures: options.maxFailures,
    earlier: reconciled.attempts,
  });

  let seq = goesOn ? (history as History).seq : 0;
  const first: RunEventBody[] = [
    {
      kind: 'run-started',
      run: id,
      session: sessionNumber,
      format: JOURNAL_FORMAT,
      version: request.version,
      file: project.file,
      digest: digest(request.file.bytes),
      commands: prepared.commands,
      options,
      pid: process.pid,
      host: hostname(),
    },
    ...(resume && !goesOn && history !== null
      ? [
          {
            kind: 'adopted',
            done: [...history.done].filter((task) => settled.has(task)),
            verified: [...history.verified],
            elapsedMs: history.elapsedMs,
          } as const,
        ]
      : []),
    {
      kind: 'plan-read',
      tasks: plan.tasks.map((task) => ({ id: task.id, title: task.title, generated: isGenerated(task.id) })),
      done: plan.tasks.flatMap((task) => (settled.has(task.id) ? [task.id] : [])),
    },
    ...reconciled.undone.map((task) => ({ kind: 'undone', task: task.id }) as const),
    ...(resume ? tickedNow.map((task) => ({ kind: 'box-ticked', task }) as const) : []),
  ];
  const written = await Promise.allSettled(
    first.map((body) => journal.append({ ...body, seq: ++seq, time: began } as RunEvent)),
  );
  const broken = written.find((one) => one.status === 'rejected');
  if (broken?.status === 'rejected') {
    await journal.close().catch(() => {});
    return fail(
      error(
        'state-broken',
        `The journal cannot be written: ${String((broken.reason as Error).message ?? broken.reason)}`,
        null,
        { hint: 'Nothing was run. Is the disk full?' },
      ),
    );
  }

  const slots = options.parallel ? options.jobs : 1;
  const continueCommand = commandOf(['--continue'], input);
  const writer = createSessionWriter({
    paths: dir.sessionPaths,
    clock,
    onError: (path, fault) =>
      complain(
        warning(
          'state-broken',
          `${show(path, environment.cwd)} cannot be written: ${fault instanceof Error ? fault.message : String(fault)}`,
          null,
          { hint: 'The run goes on; its journal is the truth.' },
        ),
      ),
  });
  let status: RunReport['status'] = 'running';
  const elapsed = (): number => earlierMs + clock.now() - began;
  const current = () =>
    sessionOf(state, {
      run: id,
      session: sessionNumber,
      status,
      file: project.file,
      digest: digest(request.file.bytes),
      options,
      startedAt: history !== null && resume ? history.startedAt : began,
      now: clock.now(),
      elapsedMs: elapsed(),
      continueCommand,
      clean,
    });
  const logOf = (step: string, attempt: number): string => show(dir.logPath(id, step, attempt), environment.cwd);
  const schedule = scheduleOf(plan, selection.selected, options.parallel ? options.overlap : 'serial', slots, settled);
  const opening: RunOpening = {
    run: id,
    session: sessionNumber,
    state,
    selection,
    slots,
    parallel: options.parallel,
    waves: schedule.waves.length,
    criticalPath: rank.criticalPath.length,
    resumed: resume && history !== null ? { history, reconciled } : null,
    retries: options.retries,
    logOf,
  };

  const assignContext: AssignContext = {
    plan,
    run: id,
    options,
    verify,
    tasksFile: request.file.path,
    root: project.root,
    graceMs: request.graceMs,
    logPath: (step: StepId, attempt: number) => dir.logPath(id, step, attempt),
  };
  const backend = await createLocal({ slots, env: withoutOuterTask(env), redact: redactor(env), clock });
  const engine = createEngine({
    state,
    backend,
    journal,
    clock,
    policy: { retries: options.retries, backoffMs: 1000 },
    boxes,
    seq,
    assign: (step, attempt, slot) => assign(step, attempt, slot, assignContext),
    commands: () => (options.scripts ? commandsNow(request.file, options) : null),
    emit(event, view) {
      reporter.on(event, view);
      writer.update(current);
    },
  });
  reporter.begin(opening);
  writer.update(current);
  environment.onEngine(engine);
  const ended = await engine.run();
  status = ended.status;
  if (ended.fault !== null) {
    complain(
      error('state-broken', `The journal cannot be written any more: ${ended.fault}`, null, {
        hint: 'Everything was stopped. Make room, then: implement --continue',
      }),
    );
  }
  writer.update(current);
  await writer.flush();
  await journal.close().catch(() => {});
  if (dir.specState !== null) {
    const checkpoint = await writeCheckpoint(dir.specState, renderSession(current()));
    if (!checkpoint.ok) for (const one of checkpoint.diagnostics) complain({ ...one, severity: 'warning' });
  }
  const exitCode =
    ended.signal !== null
      ? (SIGNAL_CODES[ended.signal] ?? 130)
      : ended.status === 'complete' && ended.fault === null
        ? 0
        : 1;
  const report = reportOf(state, {
    run: id,
    status: ended.status,
    exitCode,
    slots,
    logOf: (step, attempt) => dir.logPath(id, step, attempt),
    isoTime: (ms) => new Date(ms).toISOString(),
  });
  const closing: RunClosing = {
    ...opening,
    report,
    elapsedMs: elapsed(),
    continueCommand,
    filterCommand: (filter) => commandOf([`--filter=${filter}`, ...againFlags(options)], input),
  };
  reporter.end(closing);
  return ok(report);
}

/** 128 + the number of the signal, as shells have it. */
const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** `implement --continue path/to/tasks.md`, as it has to be typed where the user is. */
function commandOf(flags: readonly string[], input: Pick<SessionInput, 'request' | 'environment'>): string {
  const { file, stateDir } = input.request;
  const needsFile = file.path !== join(input.environment.cwd, 'tasks.md');
  return [
    'implement',
    ...(needsFile ? [shellWord(file.name)] : []),
    ...flags,
    ...(stateDir === null ? [] : [`--state-dir=${shellWord(stateDir)}`]),
  ].join(' ');
}

function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Flags that a further run of the same file needs again. */
function againFlags(options: RunOptions): string[] {
  return [
    ...(options.parallel ? ['--parallel'] : []),
    ...(options.scripts ? ['--scripts'] : []),
    ...(options.exec === null ? [] : [`--exec ${shellWord(options.exec)}`]),
  ];
}

function averageOf(durations: ReadonlyMap<TaskId, number>): number {
  if (durations.size === 0) return 1;
  let sum = 0;
  for (const ms of durations.values()) sum += ms;
  return Math.max(1, sum / durations.size);
}

/** The parent's environment without the task variables of an outer run. */
function withoutOuterTask(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const own: Record<string, string | undefined> = { ...env };
  for (const name of TASK_VARIABLES) delete own[name];
  return own;
}

function commandsNow(file: TaskFile, options: RunOptions): string | null {
  try {
    const text = readFileSync(file.path, 'utf8');
    return digest(commandsIn(read(file.name, text, { deps: options.deps })));
  } catch {
    return null;
  }
}
