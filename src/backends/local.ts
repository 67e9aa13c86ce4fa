/** Attempts on this machine, so many at a time. Knows the width; not what an attempt is or how it comes out. */
import PQueue from 'p-queue';
import type { Outcome } from '../core/event.ts';
import { failed } from '../core/outcome.ts';
import type { Backend, Work } from './backend.ts';

interface LocalOptions {
  /** How many attempts may run at the same time, from 1. */
  readonly slots: number;
  /** Makes one attempt. */
  readonly work: Work;
  /** Settles when nothing that attempts left behind runs any longer. */
  readonly flush: () => Promise<void>;
}

/** A backend whose attempts beyond `slots` wait in the order in which they came. */
export function createLocalBackend({ slots, work, flush }: LocalOptions): Backend {
  const pool = new PQueue({ concurrency: slots });
  return {
    slots,
    run: (assignment, io) =>
      pool.add(async (): Promise<Outcome> => {
        try {
          return await work(assignment, io);
        } catch {
          return failed('unexpected', 'the attempt could not be made');
        }
      }),
    async close() {
      await pool.onIdle();
      await flush();
    },
  };
}
