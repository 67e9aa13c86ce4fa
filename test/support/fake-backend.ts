/** Attempts that only take virtual time. Knows what each is to come to; starts no process. */
import type { Backend } from '../../src/backends/backend.ts';
import type { Assignment } from '../../src/core/assignment.ts';
import type { Outcome } from '../../src/core/event.ts';
import { failed } from '../../src/core/outcome.ts';
import type { Clock } from '../../src/util/clock.ts';

/** What an attempt does. */
export interface Play {
  /** Duration in ms of virtual time. */
  readonly ms: number;
  readonly outcome: Outcome;
  /** Time of that for its verification, at its end; for this it asks. Nothing: it has none. */
  readonly verifyMs?: number | undefined;
  /** Called in the middle of the attempt, as something that the attempt itself does. */
  readonly meanwhile?: (() => void) | undefined;
  /** It does not end on TERM, only on KILL. */
  readonly stubborn?: boolean;
}

export interface FakeBackend extends Backend {
  /** Every attempt that was performed, in the order of the starts. */
  readonly performed: readonly { readonly step: string; readonly attempt: number; readonly slot: number }[];
  /** Most attempts at the same time. */
  readonly most: number;
  /** Most verifications of tasks at the same time. */
  readonly mostVerifying: number;
  readonly closed: boolean;
}

const GRACE = 40;

export function createFakeBackend(
  slots: number,
  clock: Clock,
  play: (step: string, attempt: number) => Play,
): FakeBackend {
  const performed: { step: string; attempt: number; slot: number }[] = [];
  let running = 0;
  let most = 0;
  let verifying = 0;
  let mostVerifying = 0;
  let closed = false;
  return {
    slots,
    performed,
    get most() {
      return most;
    },
    get mostVerifying() {
      return mostVerifying;
    },
    get closed() {
      return closed;
    },
    run(assignment: Assignment, io) {
      const { step, attempt, slot } = assignment;
      performed.push({ step, attempt, slot });
      most = Math.max(most, ++running);
      const { ms, verifyMs, outcome, meanwhile, stubborn } = play(step, attempt);
      io.spawned(1000 + performed.length, String(clock.now()));
      return new Promise<Outcome>((resolve) => {
        const cancels: (() => void)[] = [];
        const settle = (result: Outcome): void => {
          for (const cancel of cancels) cancel();
          running--;
          resolve(result);
        };
        if (meanwhile !== undefined) cancels.push(clock.after(Math.floor(ms / 2), meanwhile));
        let asking = false;
        const verify = (): void => {
          asking = true;
          io.verifying().then(
            () => {
              asking = false;
              if (io.kill.aborted || (io.stop.aborted && stubborn !== true)) {
                settle(failed('cancelled', 'stopped'));
                return;
              }
              mostVerifying = Math.max(mostVerifying, ++verifying);
              cancels.push(() => verifying--);
              cancels.push(clock.after(verifyMs ?? 0, () => settle(outcome)));
            },
            () => settle(failed('unexpected', 'it could not be recorded')),
          );
        };
        cancels.push(clock.after(ms, verifyMs === undefined ? () => settle(outcome) : verify));
        const onAbort = (signal: AbortSignal, after: number, why: string): void => {
          const hear = (): void => {
            if (asking) return;
            cancels.push(clock.after(after, () => settle(failed('cancelled', why, { signal: 'SIGTERM' }))));
          };
          signal.addEventListener('abort', hear, { once: true });
          cancels.push(() => signal.removeEventListener('abort', hear));
        };
        if (stubborn !== true) onAbort(io.stop, GRACE, 'stopped');
        onAbort(io.kill, 0, 'killed');
      });
    },
    async close() {
      closed = true;
    },
  };
}
