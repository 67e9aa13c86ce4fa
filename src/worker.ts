/**
 * One attempt, on any machine: its work in order, then its verification, within one limit of time. Knows the order and
 * the limit; places, runners and processes are handed in, and what an outcome leads to is decided elsewhere.
 */
import type { Assignment, Work } from './core/assignment.ts';
import type { Outcome } from './core/event.ts';
import { failed, succeeded, timedOut } from './core/outcome.ts';
import { oneLine } from './core/redact.ts';
import type { AttemptIo, Runner } from './runners/runner.ts';
import type { Clock } from './util/clock.ts';
import type { Workspace } from './workspaces/workspace.ts';

/** A runner for each kind of work. */
export type Runners = { readonly [Kind in Work['kind']]: Runner<Extract<Work, { kind: Kind }>> };

interface WorkerPorts {
  readonly runners: Runners;
  readonly processes: {
    /** Runs a verification command; never rejects. */
    verify(command: string, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
    /** The work of an attempt is over: whatever of it still runs is to be ended. */
    leave(assignment: Assignment): void;
    /** Settles when everything left so far is gone. */
    flush(): Promise<void>;
  };
  /** `null`: attempts work where their assignments say, and nothing is committed. */
  readonly workspace: Workspace | null;
  /** Takes secrets out of plain text; see `core/redact.ts`. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/**
 * A function that makes one attempt and never rejects. Each piece of work runs only if the one before succeeded, the
 * verification only after all of it, after what it left behind is gone, and when it is its turn among verifications.
 * `timeoutMs` is for all of it together, but for the wait for that turn.
 */
export function createWorker({
  runners,
  processes,
  workspace,
  redact,
  clock,
}: WorkerPorts): (assignment: Assignment, io: AttemptIo) => Promise<Outcome> {
  return async (assignment, io) => {
    let from = clock.now();
    const { timeoutMs } = assignment;
    /** Time in which it waited for others, which is nobody's fault. */
    let waited = 0;

    async function within(placed: Assignment, step: (assignment: Assignment) => Promise<Outcome>): Promise<Outcome> {
      if (timeoutMs === null) return step(placed);
      const rest = timeoutMs - (clock.now() - from - waited);
      const outcome = rest > 0 ? await step({ ...placed, timeoutMs: rest }) : failed('timeout', '');
      // A step knows only the rest of the limit, the user only the whole.
      const late = outcome.kind === 'failure' && outcome.failure.reason === 'timeout';
      return late ? { kind: 'failure', failure: { ...outcome.failure, message: timedOut(timeoutMs) } } : outcome;
    }

    async function work(placed: Assignment): Promise<Outcome> {
      const { verify } = placed;
      let outcome = await performAll(placed.work, (one) =>
        within(placed, (limited) => runnerOf(one).run(one, limited, io)),
      );
      if (outcome.kind === 'failure') return outcome;
      const isCommitted = workspace !== null && placed.commit !== null;
      if (verify !== null || isCommitted) {
        processes.leave(placed);
        await processes.flush();
      }
      const untaken = isCommitted ? await workspace.take(placed) : null;
      if (untaken !== null) return untaken;
      if (verify !== null) {
        const asked = clock.now();
        await io.verifying();
        waited = clock.now() - asked;
        outcome = await within(placed, (limited) => processes.verify(verify, limited, io));
      }
      if (outcome.kind === 'failure' || !isCommitted) return outcome;
      const { verified } = outcome;
      return within(placed, (limited) => workspace.commit(limited, io, verified));
    }

    try {
      const opened = (await workspace?.open(assignment, io)) ?? null;
      if (opened === null) return await work(assignment);
      if (opened.kind === 'failure') return opened.outcome;
      const { dir, env } = opened.place;
      // Making the place ready has a limit of its own.
      from = clock.now();
      return await work({ ...assignment, dir, env: { ...assignment.env, ...env } });
    } catch (error) {
      return failed('unexpected', redact(oneLine(String(error))));
    } finally {
      processes.leave(assignment);
      workspace?.close(assignment);
    }
  };

  function runnerOf(work: Work): Runner {
    return runners[work.kind];
  }
}

async function performAll(works: readonly Work[], perform: (work: Work) => Promise<Outcome>): Promise<Outcome> {
  for (const work of works) {
    const outcome = await perform(work);
    if (outcome.kind === 'failure') return outcome;
  }
  return succeeded();
}
