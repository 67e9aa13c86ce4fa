/**
 * One attempt, on any machine: its work in order, then its verification, within one limit of time. Knows the order and
 * the limit; runners and processes are handed in, and what an outcome leads to is decided elsewhere.
 */
import type { Assignment, Work } from './core/assignment.ts';
import type { Outcome } from './core/event.ts';
import { failed, succeeded, timedOut } from './core/outcome.ts';
import { oneLine } from './core/redact.ts';
import type { AttemptIo, Runner } from './runners/runner.ts';
import type { Clock } from './util/clock.ts';

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
  /** Takes secrets out of plain text; see `core/redact.ts`. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/**
 * A function that makes one attempt and never rejects. Each piece of work runs only if the one before succeeded, the
 * verification only after all of it and after what it left behind is gone. `timeoutMs` is for all of it together.
 */
export function createWorker({
  runners,
  processes,
  redact,
  clock,
}: WorkerPorts): (assignment: Assignment, io: AttemptIo) => Promise<Outcome> {
  return async (assignment, io) => {
    const from = clock.now();
    const { timeoutMs } = assignment;

    async function within(step: (assignment: Assignment) => Promise<Outcome>): Promise<Outcome> {
      if (timeoutMs === null) return step(assignment);
      const rest = timeoutMs - (clock.now() - from);
      const outcome = rest > 0 ? await step({ ...assignment, timeoutMs: rest }) : failed('timeout', '');
      // A step knows only the rest of the limit, the user only the whole.
      const late = outcome.kind === 'failure' && outcome.failure.reason === 'timeout';
      return late ? { kind: 'failure', failure: { ...outcome.failure, message: timedOut(timeoutMs) } } : outcome;
    }

    try {
      const { verify } = assignment;
      const outcome = await performAll(assignment.work, (work) =>
        within((limited) => runnerOf(work).run(work, limited, io)),
      );
      if (outcome.kind === 'failure' || verify === null) return outcome;
      processes.leave(assignment);
      await processes.flush();
      return await within((limited) => processes.verify(verify, limited, io));
    } catch (error) {
      return failed('unexpected', redact(oneLine(String(error))));
    } finally {
      processes.leave(assignment);
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
