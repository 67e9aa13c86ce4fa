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
import type { Committing } from './committing.ts';
import { commandsIn, TASK_VARIABLES } from './core/brief.ts';
import { againFlags, commandLine } from './core/command-line.ts';
import { type Diagnostic, error, ok, type Result, warning } from './core/diagnostic.ts';
import { JOURNAL_FORMAT, type RunOptions, type StepId } from './core/event.ts';
import { isGenerated } from './core/history.ts';
import { cleaner, redactor } from './core/redact.ts';
import { type RunReport, reportOf } from './core/report.ts';
import type { TaskId } from './core/task.ts';
import { scheduleOf } from './core/waves.ts';
import { createEngine } from './engine.ts';
import { writeCheckpoint } from './journal/checkpoints.ts';
import { createSessionWriter, renderSession } from './journal/session-file.ts';
import { digest } from './prepare.ts';
import { show, type TaskFile } from './project.ts';
import { createPrompter } from './prompting.ts';
import { read } from './read.ts';
import { openRecording } from './recording.ts';
import type { RunOpening } from './reporters/reporter.ts';
import { kept } from './request.ts';
import { sessionOf } from './session.ts';
import {
  adoptedFrom,
  endLeftovers,
  noticesOf,
  rankFor,
  type SessionInput,
  startJournal,
  stateFor,
} from './session-start.ts';
import { usesIn } from './uses.ts';
import { LOCAL_VARIABLES } from './workspaces/git.ts';

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

  const left = input.ended + (await endLeftovers(input, history));
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
  const notWritten = (path: string, fault: unknown): void => {
    const why = fault instanceof Error ? fault.message : String(fault);
    tell(
      warning('state-broken', `${show(path, cwd)} cannot be written: ${why}`, null, {
        hint: 'The run goes on; its journal is the truth.',
      }),
    );
  };
  const writer = createSessionWriter({ paths: dir.sessionPaths, clock, onError: notWritten });
  const front = plan.frontMatter.verify;
  const recording = await openRecording(dir, id, front === undefined ? null : redact(front), notWritten);
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
  const prompt = createPrompter({
    plan,
    root: project.root,
    tasksFile: request.file.path,
    settings: request.settings.prompt,
    clean,
  });
  const earlier = new Map(history?.merged.map((one) => [one.task, one.files]));
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
    promptOf: (task, feedback, conflict) =>
      prompt(task, {
        doneOf(id) {
          const step = state.step(id);
          if (step?.status !== 'done') return null;
          return {
            files: step.merged?.files ?? earlier.get(id) ?? null,
            log: brief.feedbackOf(id, state.nextAttempt(id)),
          };
        },
        running: state.running.keys(),
        feedback,
        conflict,
      }).text,
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
      recording.hear(event);
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
  await recording.flush();
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
