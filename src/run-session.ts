/**
 * One session: from a prepared run under the lock to its report. Puts state, journal, backend, boxes and reporters
 * together round the engine; decides nothing about tasks.
 */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type AssignContext, assign } from './assign.ts';
import { createBoxes } from './boxes.ts';
import { createLocal } from './builtins.ts';
import type { Committing, Ground } from './committing.ts';
import { commandsIn, TASK_VARIABLES } from './core/brief.ts';
import { againFlags, commandLine } from './core/command-line.ts';
import { type Diagnostic, error, fail, info, ok, type Result, warning } from './core/diagnostic.ts';
import { JOURNAL_FORMAT, type RunEvent, type RunEventBody, type RunOptions, type StepId } from './core/event.ts';
import { type History, isGenerated } from './core/history.ts';
import { type Rank, rankOf } from './core/rank.ts';
import type { Reconciled } from './core/reconcile.ts';
import { cleaner, redactor } from './core/redact.ts';
import { type RunReport, reportOf } from './core/report.ts';
import type { Uses } from './core/resources.ts';
import { RunState } from './core/state.ts';
import type { TaskId } from './core/task.ts';
import { addVerifications } from './core/verification.ts';
import { scheduleOf } from './core/waves.ts';
import { createEngine } from './engine.ts';
import { writeCheckpoint } from './journal/checkpoints.ts';
import { openJournal } from './journal/event-log.ts';
import type { Journal } from './journal/journal.ts';
import { createSessionWriter, renderSession } from './journal/session-file.ts';
import type { StateDir } from './journal/state-dir.ts';
import type { Past } from './past.ts';
import { digest, owedBy, type Prepared } from './prepare.ts';
import { type Project, show, type TaskFile } from './project.ts';
import { read } from './read.ts';
import type { RunOpening } from './reporters/reporter.ts';
import { COMMANDS, FLAG, kept, type RunEnvironment, type RunRequest } from './request.ts';
import { endOrphans } from './runners/process.ts';
import { sessionOf } from './session.ts';
import { usesIn } from './uses.ts';
import { LOCAL_VARIABLES } from './workspaces/git.ts';

export interface SessionInput {
  readonly request: RunRequest;
  readonly environment: RunEnvironment;
  readonly project: Project;
  readonly options: RunOptions;
  /** The repository, where done tasks become commits. */
  readonly ground: Ground | null;
  readonly state: StateDir;
  readonly id: string;
  readonly resume: boolean;
  readonly past: Past | null;
  /** Run of the dead owner that held the lock, of whatever file; `null`: nobody did. */
  readonly cutOff: string | null;
  readonly prepared: Prepared;
  /** What was noticed on the way here; told once the run has been introduced. */
  readonly notices: readonly Diagnostic[];
}

export async function runSession(input: SessionInput): Promise<Result<RunReport>> {
  const { request, environment, project, options, state: dir, id, resume, past, prepared } = input;
  const { clock, reporter, env, cwd } = environment;
  const { plan, selection, reconciled, verify } = prepared;
  const history = past?.history ?? null;
  const continued = resume ? history : null;
  const clean = cleaner(env);
  const redact = redactor(env);

  const uses = await usesIn(plan, request.settings);
  const misspelt = uses.diagnostics.filter((one) => one.severity === 'warning');
  const waiting: Diagnostic[] = [...input.notices, ...misspelt, ...noticesOf(input, clean)];
  let isIntroduced = false;
  const told = new Set<string>();
  const tell = (diagnostic: Diagnostic): void => {
    if (told.has(diagnostic.message)) return;
    told.add(diagnostic.message);
    if (isIntroduced) reporter.note(diagnostic);
    else waiting.push(diagnostic);
  };

  const left = await endLeftovers(input, history);
  if (left > 0) {
    const many = left === 1 ? 'process' : 'processes';
    tell(warning('locked', `The last session was cut off and left ${left} ${many} running; ended.`, null));
  }
  const boxes = createBoxes(request.file, plan, options.deps, tell);
  for (const task of reconciled.restore) await boxes.restore(task.id);
  const ticked: TaskId[] = [];
  for (const task of reconciled.tick) if (await boxes.tick(task.id)) ticked.push(task.id);

  let running: () => readonly string[] = () => [];
  const committing = await committingFor(input, clean, tell, () => running());
  const began = clock.now();
  const session = continued === null ? 1 : continued.sessions + 1;
  const fileDigest = digest(request.file.bytes);
  const keptOptions = kept(options, redact);
  const started = await startJournal(input, [
    {
      kind: 'run-started',
      run: id,
      session,
      format: JOURNAL_FORMAT,
      version: request.version,
      file: project.file,
      digest: fileDigest,
      commands: prepared.commands,
      options: keptOptions,
      ...(committing === null ? {} : { target: committing.target }),
      pid: process.pid,
      host: hostname(),
    },
    ...(input.ground?.published ?? []).map((one) => ({ kind: 'merge-ended', retryAt: null, ...one }) as const),
    ...adoptedFrom(continued, past, reconciled.settled),
    {
      kind: 'plan-read',
      tasks: plan.tasks.map((task) => ({ id: task.id, title: redact(task.title), generated: isGenerated(task.id) })),
      done: plan.tasks.flatMap((task) => (reconciled.settled.has(task.id) ? [task.id] : [])),
    },
    ...reconciled.undone.map((task) => ({ kind: 'undone', task: task.id }) as const),
    ...(resume ? [...ticked, ...reconciled.found.map((task) => task.id)] : []).map(
      (task) => ({ kind: 'box-ticked', task }) as const,
    ),
  ]);
  if (!started.ok) return started;
  const { journal, seq } = started.value;

  const rank = rankFor(input);
  const state = stateFor(input, rank, uses, continued);
  running = () => [...state.running.keys()];
  const slots = options.parallel ? options.jobs : 1;
  const place = { file: request.file.path === join(cwd, 'tasks.md') ? null : request.file.name, ...request.said };
  const continueCommand = commandLine(['--continue'], place);
  let status: RunReport['status'] = 'running';
  const elapsed = (): number => (continued?.elapsedMs ?? 0) + clock.now() - began;
  const checkpoint = () =>
    sessionOf(state, {
      run: id,
      session,
      status,
      file: project.file,
      digest: fileDigest,
      options: keptOptions,
      startedAt: continued?.startedAt ?? began,
      now: clock.now(),
      elapsedMs: elapsed(),
      continueCommand,
      clean,
      redact,
    });
  const writer = createSessionWriter({
    paths: dir.sessionPaths,
    clock,
    onError: (path, fault) =>
      tell(
        warning(
          'state-broken',
          `${show(path, cwd)} cannot be written: ${fault instanceof Error ? fault.message : String(fault)}`,
          null,
          {
            hint: 'The run goes on; its journal is the truth.',
          },
        ),
      ),
  });
  const overlap = options.parallel ? options.overlap : 'serial';
  const opening: RunOpening = {
    run: id,
    session,
    state,
    selection,
    slots,
    parallel: options.parallel,
    waves: scheduleOf(plan, selection.selected, overlap, slots, reconciled.settled, uses).waves.length,
    criticalPath: rank.criticalPath.length,
    resumed: continued === null ? null : { history: continued, reconciled },
    retries: options.retries,
    target: committing?.target.ref.replace(/^refs\/heads\//, '') ?? null,
    logOf: (step, attempt) => show(dir.logPath(id, step, attempt), cwd),
  };
  const brief: AssignContext = {
    plan,
    run: id,
    options,
    verify,
    tasksFile: request.file.path,
    root: project.root,
    graceMs: request.graceMs,
    logPath: (step: StepId, attempt: number) => dir.logPath(id, step, attempt),
    feedbackOf(step: StepId, attempt: number) {
      if (reconciled.moved.has(step) && attempt - 1 === reconciled.attempts.get(step)) return null;
      const log = dir.logPath(id, step, attempt - 1);
      // It may have stayed on another machine, or the attempt was cut off before it wrote anything.
      return existsSync(log) ? log : null;
    },
    conflictOf(step: StepId, attempt: number) {
      const path = committing?.conflictPath(step, attempt - 1) ?? null;
      return path !== null && existsSync(path) ? path : null;
    },
    commits: committing?.commits ?? null,
  };
  const local = await createLocal({
    slots,
    env: withoutOuterTask(env, committing !== null),
    redact,
    clock,
    workspace: committing === null ? null : (shell) => committing.workspace(shell),
  });
  const assignment = (step: StepId, attempt: number, slot: number) => assign(step, attempt, slot, brief);
  const engine = createEngine({
    state,
    backend: local.backend,
    journal,
    clock,
    policy: { retries: options.retries, conflictRetries: options.conflictRetries, backoffMs: 1000 },
    integrator: (await committing?.integrator(local.verify, assignment)) ?? null,
    slots: committing?.slots(slots) ?? Array.from({ length: slots }, (_, i) => i + 1),
    boxes,
    seq,
    assign: assignment,
    commands: () => (options.scripts ? commandsNow(request.file, options) : null),
    emit(event, view) {
      reporter.on(event, view);
      writer.update(checkpoint);
    },
  });
  reporter.begin(opening);
  isIntroduced = true;
  for (const notice of waiting) reporter.note(notice);
  writer.update(checkpoint);
  environment.onEngine(engine);
  const ended = await engine.run();
  await committing?.close();

  status = ended.status;
  if (ended.fault !== null) {
    tell(
      error('state-broken', `The journal cannot be written any more: ${ended.fault}`, null, {
        hint: `Everything was stopped. Make room, then: ${continueCommand}`,
      }),
    );
  }
  writer.update(checkpoint);
  await writer.flush();
  await journal.close().catch(() => {});
  if (dir.specState !== null) {
    const written = await writeCheckpoint(dir.specState, renderSession(checkpoint()));
    if (!written.ok) for (const one of written.diagnostics) tell({ ...one, severity: 'warning' });
  }
  const report = reportOf(state, {
    run: id,
    status,
    exitCode: exitCodeOf(ended),
    slots,
    logOf: (step, attempt) => dir.logPath(id, step, attempt),
    isoTime: (ms) => new Date(ms).toISOString(),
  });
  reporter.end({
    ...opening,
    report,
    elapsedMs: elapsed(),
    continueCommand,
    filterCommand: (filter) => commandLine([`--filter=${filter}`, ...againFlags(keptOptions)], place),
  });
  return ok(report);
}

async function committingFor(
  input: SessionInput,
  clean: (text: string) => string,
  tell: (diagnostic: Diagnostic) => void,
  running: () => readonly string[],
): Promise<Committing | null> {
  const { ground, request, environment, prepared, id } = input;
  if (ground === null) return null;
  const { openCommitting } = await import('./committing.ts');
  return openCommitting({
    ground,
    run: id,
    options: input.options,
    plan: prepared.plan,
    state: input.state,
    project: input.project,
    settings: request.settings,
    tasksFile: request.file.path,
    resume: input.resume,
    clean,
    clock: environment.clock,
    running,
    tell,
  });
}

/** Ends what the last session of this run left, and what the dead owner of the lock did; gives how many there were. */
async function endLeftovers({ request, environment, cutOff }: SessionInput, last: History | null): Promise<number> {
  const runs = new Map<string, History['processes']>();
  if (cutOff !== null) runs.set(cutOff, []);
  if (last !== null && (last.status === 'running' || cutOff === last.run)) runs.set(last.run, last.processes);
  let ended = 0;
  for (const [run, known] of runs) ended += await endOrphans(run, known, request.graceMs, environment.clock);
  return ended;
}

/** 128 + the number of the signal, as shells have it. */
const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

function exitCodeOf(ended: {
  readonly status: string;
  readonly fault: string | null;
  readonly signal: string | null;
}): number {
  if (ended.signal !== null) return SIGNAL_CODES[ended.signal] ?? 130;
  return ended.status === 'complete' && ended.fault === null ? 0 : 1;
}

/** What the user should know about the way this session relates to the last one. */
function noticesOf(input: SessionInput, clean: (text: string) => string): Diagnostic[] {
  const { request, resume, past, options } = input;
  const history = past?.history ?? null;
  const notices: Diagnostic[] = [];
  if (request.resume && history === null) {
    notices.push(info('no-session', 'There is no session to continue; this starts one.', null));
  }
  if (!resume && history !== null && history.status !== 'complete') {
    notices.push(
      info(
        'unfinished-run',
        `Run ${history.run} was not finished. This starts a new one; to go on with that one, stop this and say: implement --continue`,
        null,
      ),
    );
  }
  const stored = resume ? COMMANDS.filter((name) => options[name] !== null && request.given[name] === undefined) : [];
  if (stored.length > 0) {
    const said = stored.map((name) => `${FLAG[name]} ${clean(options[name] ?? '')}`).join('\n  ');
    notices.push(warning('stored-command', `The session's own commands are used again:\n  ${said}`, null));
  }
  return notices;
}

/** What a journal that starts anew takes over from the checkpoint that people read, under the ids of this session. */
function adoptedFrom(continued: History | null, past: Past | null, settled: Reconciled['settled']): RunEventBody[] {
  if (continued === null || past?.validBytes !== null) return [];
  const done = [...settled].flatMap(([task, how]) => (how === 'done' ? [task] : []));
  return [{ kind: 'adopted', done, verified: [...continued.verified], elapsedMs: continued.elapsedMs }];
}

/** Opens the journal where it left off, and appends the first events of the session. */
async function startJournal(
  input: SessionInput,
  bodies: readonly RunEventBody[],
): Promise<Result<{ readonly journal: Journal; readonly seq: number }>> {
  const { past, resume, environment } = input;
  const keep = resume ? (past?.validBytes ?? null) : null;
  const opened = await openJournal(input.state.journalPath(input.id), keep === null ? {} : { truncateTo: keep });
  if (!opened.ok) return opened;
  let seq = keep === null ? 0 : (past as Past).history.seq;
  const time = environment.clock.now();
  const written = await Promise.allSettled(
    bodies.map((body) => opened.value.append({ ...body, seq: ++seq, time } as RunEvent)),
  );
  const broken = written.find((one) => one.status === 'rejected');
  if (broken === undefined) return ok({ journal: opened.value, seq });
  await opened.value.close().catch(() => {});
  const why = broken.status === 'rejected' && broken.reason instanceof Error ? broken.reason.message : 'unknown';
  return fail(
    error('state-broken', `The journal cannot be written: ${why}`, null, {
      hint: 'Nothing was run. Is the disk full?',
    }),
  );
}

function rankFor({ prepared }: SessionInput): Rank {
  const { plan, selection, reconciled } = prepared;
  const known = [...reconciled.durations.values()];
  const usual = known.length === 0 ? 1 : Math.max(1, known.reduce((sum, ms) => sum + ms, 0) / known.length);
  return rankOf(plan, (task) => {
    if (reconciled.settled.has(task) || !selection.selected.has(task)) return 0;
    return reconciled.durations.get(task) ?? usual;
  });
}

function stateFor({ prepared, options }: SessionInput, rank: Rank, uses: Uses, continued: History | null): RunState {
  const { plan, selection, reconciled, verify } = prepared;
  const verifications = addVerifications(plan, { phase: verify.phase !== null, end: verify.end !== null });
  const owed = continued === null ? [] : owedBy(plan, verifications, continued, reconciled);
  return new RunState({
    plan,
    rank,
    selected: selection.selected,
    settled: reconciled.settled,
    verifications,
    owed: new Set(owed),
    overlap: options.parallel ? options.overlap : 'serial',
    failFast: options.failFast,
    maxFailures: options.maxFailures,
    isolated: options.worktree,
    uses,
    unmerged: reconciled.unmerged,
    earlier: reconciled.attempts,
  });
}

/** The parent's environment without the task variables of an outer run, and without what ties git to another tree. */
function withoutOuterTask(
  env: Readonly<Record<string, string | undefined>>,
  isCommitting: boolean,
): Record<string, string | undefined> {
  const own: Record<string, string | undefined> = { ...env };
  for (const name of [...TASK_VARIABLES, ...(isCommitting ? LOCAL_VARIABLES : [])]) delete own[name];
  return own;
}

function commandsNow(file: TaskFile, options: RunOptions): string | null {
  try {
    return digest(commandsIn(read(file.name, readFileSync(file.path, 'utf8'), { deps: options.deps })));
  } catch {
    return null;
  }
}
