/**
 * When `current-session.md` is written: soon after a change, never too often, and at last. Knows time and paths;
 * the session comes from a function that is called only when it is written.
 */
import type { Session } from '../core/session.ts';
import type { Clock } from '../util/clock.ts';
import { replaceFile } from './files.ts';
import { renderSession } from './session-render.ts';

export interface SessionWriterOptions {
  /** Absolute paths; each file is replaced as a whole. */
  readonly paths: readonly string[];
  readonly clock: Clock;
  /** Replaces one file; the real one unless a test says otherwise. */
  readonly write?: (path: string, text: string) => Promise<void>;
  /** Told the first time a file cannot be written, once per path; the run goes on. */
  readonly onError: (path: string, fault: unknown) => void;
}

export interface SessionWriter {
  /** Something changed: `read` gives the session at the time of writing. Only the last one counts. */
  update(read: () => Session): void;
  /** Resolves once all that `update` announced is written or has failed. Never rejects. */
  flush(): Promise<void>;
}

/** At most twice a second, in ms. */
const INTERVAL = 500;
/** A write that took long is followed by a pause this many times as long: large sessions cost 5 % at most. */
const PAUSE = 20;

/** Writes at once when nothing was written lately, else when the interval is over. */
export function createSessionWriter(options: SessionWriterOptions): SessionWriter {
  const { paths, clock, write = replaceFile, onError } = options;
  const told = new Set<string>();
  let pending: (() => Session) | null = null;
  let writing: Promise<void> | null = null;
  let cancelTimer: (() => void) | null = null;
  let notBefore = Number.NEGATIVE_INFINITY;
  let pause = 0;

  async function writeAll(read: () => Session): Promise<void> {
    const start = clock.now();
    const text = Promise.resolve().then(() => renderSession(read()));
    const one = async (path: string) => {
      try {
        await write(path, await text);
      } catch (fault) {
        if (!told.has(path)) onError(path, fault);
        told.add(path);
      }
    };
    await Promise.all(paths.map(one));
    const end = clock.now();
    pause = Math.max(INTERVAL, PAUSE * (end - start));
    notBefore = Math.max(start + INTERVAL, end + PAUSE * (end - start));
  }

  function start(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (pending === null || writing !== null) return;
    const read = pending;
    pending = null;
    writing = writeAll(read).finally(() => {
      writing = null;
      schedule();
    });
  }

  function schedule(): void {
    if (pending === null || writing !== null || cancelTimer !== null) return;
    // Capped, because the system's clock may be set back.
    const wait = Math.min(notBefore - clock.now(), pause);
    if (wait <= 0) start();
    else cancelTimer = clock.after(wait, start);
  }

  return {
    update(read) {
      pending = read;
      schedule();
    },
    async flush() {
      while (pending !== null || writing !== null) {
        start();
        await writing;
      }
    },
  };
}
