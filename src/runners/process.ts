/**
 * One process of an attempt, from its start to the end of all that came from it, and how it came out. Knows what to
 * start and with what; not what it is for, and not what follows. Only this file starts processes of attempts; how they
 * are watched is in `attend.ts`, how they are found, signalled and ended in `family.ts` and `reaper.ts`.
 *
 * The process leads its own group and carries a marker in its environment. It counts as ended when it exits, whatever
 * still holds its output. Then its group is ended at once; processes that left the group are found by the marker, in
 * batches. A process that cleared its environment and left the session is out of reach.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Assignment } from '../core/assignment.ts';
import type { Outcome } from '../core/event.ts';
import { failed, succeeded, timedOut } from '../core/outcome.ts';
import { oneLine } from '../core/redact.ts';
import type { Clock } from '../util/clock.ts';
import { type AttemptLog, openLog, sizeOf } from './attempt-log.ts';
import { attend, type End, leftoverGrace, type Silence } from './attend.ts';
import { environments, markerOf, withoutNul } from './environment.ts';
import { createReaper } from './reaper.ts';
import type { AttemptIo } from './runner.ts';

export { isAlive, markerName, startTimeOf } from './family.ts';
export { endOrphans } from './reaper.ts';

/** What to start; no shell comes between. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** A program that writes what it does as a stream, which is read when it has ended. */
export interface Teller extends Command {
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  /** For its standard output. */
  readonly fd: number;
  /** After so long without a word it is ended, in ms; `null`: never. */
  readonly silenceMs: number | null;
}

export interface Processes {
  /**
   * Runs the command in the assignment's directory: its prompt on standard input, output into its log, for at most
   * `assignment.timeoutMs`. Settles when the process has exited and its group is gone; never rejects.
   */
  run(command: Command, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
  /**
   * The same for a verification, `sh -c command`. Where it fails by itself, the reason is `verification`; its success
   * carries the last line that it printed.
   */
  verify(command: string, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
  /** The same for any program that checks something; `name` stands in its messages and in the log. */
  check(command: Command, name: string, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
  /** The same for a command of the user's. */
  shell(command: string, name: string, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
  /**
   * The same for a teller; only its errors go into the log. How it came out is for whoever reads the stream: gives
   * how it ended, or an outcome where it could not be started.
   */
  tell(teller: Teller, assignment: Assignment, io: AttemptIo): Promise<End | Outcome>;
  /** The attempt is over: what it left behind is ended soon, together with what others left. */
  leave(assignment: Assignment): void;
  /** Settles when everything that was left behind so far is gone. */
  flush(): Promise<void>;
}

interface ProcessOptions {
  /** Variables that every process gets, usually those of this process; looked at once. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes secrets out of plain text; see `core/redact.ts`. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

interface Job {
  readonly command: Command;
  readonly input: string;
  /** What it checks (`verification`, `hook pre-commit`): its own failure is one of the verification; `null`: the work itself. */
  readonly check: string | null;
  readonly teller: Teller | null;
}

export function createProcesses({ env, redact, clock }: ProcessOptions): Processes {
  const reaper = createReaper(clock);
  const environmentOf = environments(env);

  async function perform(job: Job, assignment: Assignment, io: AttemptIo): Promise<Outcome | End> {
    if (isStopped(io)) return failed('cancelled', 'cancelled');
    const log = await openLog(assignment.log, job.check === null ? null : `--- ${job.check} ---`, redact);
    try {
      if (isStopped(io)) return failed('cancelled', 'cancelled');
      const env = { ...environmentOf(assignment), ...job.teller?.env };
      const child = start(job, assignment.dir, env, log.fd);
      const fault = new Promise<string | undefined>((resolve) => {
        child.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      if (child.pid === undefined) return notStarted(job, assignment, await fault);
      const silence = silenceOf(job, assignment, log.fd);
      const end = await attend(child, child.pid, assignment, io, { reaper, clock, silence });
      return job.teller !== null ? end : outcomeOf(end, job.check, assignment, log);
    } finally {
      log.close();
    }
  }

  function notStarted(job: Job, assignment: Assignment, code: string | undefined): Outcome {
    return failed('spawn', redact(oneLine(spawnMessage(job.command.file, assignment.dir, code))));
  }

  async function safely(job: Job, assignment: Assignment, io: AttemptIo): Promise<Outcome | End> {
    try {
      return await perform(job, assignment, io);
    } catch (error) {
      // Most faults of starting come as an event, some are thrown.
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall?.startsWith('spawn')) return notStarted(job, assignment, code);
      return failed('unexpected', redact(oneLine(String(error))));
    }
  }

  /** Without a teller what comes of it is an outcome. */
  const command = (job: Omit<Job, 'teller'>, assignment: Assignment, io: AttemptIo): Promise<Outcome> =>
    safely({ ...job, teller: null }, assignment, io) as Promise<Outcome>;
  const check: Processes['check'] = (one, name, assignment, io) =>
    command({ command: one, input: '', check: name }, assignment, io);
  const shell = (command: string): Command => ({ file: 'sh', args: ['-c', '--', command] });

  return {
    run: (one, assignment, io) => command({ command: one, input: assignment.prompt, check: null }, assignment, io),
    tell: (teller, assignment, io) =>
      safely({ command: teller, input: teller.input, check: null, teller }, assignment, io),
    verify: (command, assignment, io) => check(shell(command), 'verification', assignment, io),
    check,
    shell: (command, name, assignment, io) => check(shell(command), name, assignment, io),
    leave(assignment) {
      reaper.sweep({ marker: markerOf(assignment), groups: [] }, leftoverGrace(assignment));
    },
    flush: () => reaper.flush(),
  };
}

/** Node's own way to start a process: a library on top of it costs as much processor time as the start itself. */
function start({ command, input, teller }: Job, dir: string, env: Record<string, string>, fd: number): ChildProcess {
  const child = spawn(withoutNul(command.file), command.args.map(withoutNul), {
    cwd: dir,
    env,
    detached: true,
    stdio: [input === '' ? 'ignore' : 'pipe', teller?.fd ?? fd, fd],
  });
  // A process need not read what it is given.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return child;
}

/** Checks may be silent as long as they like. */
function silenceOf({ check, teller }: Job, { silenceMs }: Assignment, log: number): Silence | null {
  const ms = teller === null ? silenceMs : teller.silenceMs;
  if (check !== null || ms === null || ms === 0) return null;
  return { ms, written: () => sizeOf(log) + (teller === null ? 0 : sizeOf(teller.fd)) };
}

const isStopped = (io: AttemptIo): boolean => io.stop.aborted || io.kill.aborted;

function outcomeOf({ exit, cause, left }: End, check: string | null, assignment: Assignment, log: AttemptLog): Outcome {
  if (cause === null && exit?.code === 0) return succeeded(check === null ? null : lastLine(log.tail()));
  const details = { exitCode: exit?.code ?? null, signal: exit?.signal ?? null, tail: log.tail() };
  const message = `${failureMessage(exit, cause, assignment)}${left > 0 ? ` (${left} of its processes cannot be ended)` : ''}`;
  if (cause !== null) return failed(cause, message, details);
  if (check !== null) return failed('verification', `${check}: ${message}`, details);
  return failed(details.signal === null ? 'exit-code' : 'signal', message, details);
}

function failureMessage(exit: End['exit'], cause: End['cause'], assignment: Assignment): string {
  if (cause === 'silent') return 'nothing was heard of it for too long';
  if (cause === 'timeout') return timedOut(assignment.timeoutMs ?? 0);
  if (cause === 'cancelled') return 'cancelled';
  return exit?.signal ? `ended by ${exit.signal}` : `exit code ${exit?.code}`;
}

function spawnMessage(file: string, dir: string, code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return existsSync(dir) ? `cannot start ${file}: not found` : `cannot start ${file}: there is no directory ${dir}`;
    case 'ENOTDIR':
      return `cannot start ${file}: ${dir} is not a directory`;
    case 'EACCES':
      return `cannot start ${file}: no permission for it or for ${dir}`;
    case 'E2BIG':
      return `cannot start ${file}: its command or its environment is too long (the system takes 128 KiB in one piece)`;
    default:
      return `cannot start ${file}: ${code ?? 'unknown error'}`;
  }
}

function lastLine(text: string): string | null {
  return text.slice(text.lastIndexOf('\n') + 1).trim() || null;
}
