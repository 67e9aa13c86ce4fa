/** Real attempts for tests: a folder of their own, an assignment in it, and everything ended and removed after. */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assignment } from '../../src/core/assignment.ts';
import type { AttemptIo } from '../../src/runners/runner.ts';
import { type Clock, systemClock } from '../../src/util/clock.ts';

/** A limit or a grace that no test waits for. */
export const AN_HOUR = 3_600_000;

export const linux = process.platform === 'linux';

export function program(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
}

export interface Place {
  readonly dir: string;
  file(name: string): string;
  text(name: string): string;
  assignment(changes?: Partial<Assignment>): Assignment;
  /** The pid in a file, once it is there. */
  pid(name: string): Promise<number>;
  /** Ends the processes of the pids seen and removes the folder. */
  remove(): void;
}

let counter = 0;

export function createPlace(): Place {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-attempt-')));
  const run = `test-${process.pid}-${Date.now()}-${counter++}`;
  const pids: number[] = [];
  let attempts = 0;
  const place: Place = {
    dir,
    file: (name) => join(dir, name),
    text: (name) => readFileSync(join(dir, name), 'utf8'),
    assignment: (changes = {}) => {
      attempts += 1;
      return {
        id: `${run}-T001-${attempts}`,
        run,
        step: 'T001',
        attempt: attempts,
        slot: 1,
        work: [],
        verify: null,
        commit: null,
        dir,
        env: {},
        prompt: '',
        log: join(dir, `T001.${attempts}.log`),
        timeoutMs: null,
        silenceMs: null,
        graceMs: 100,
        ...changes,
      };
    },
    async pid(name) {
      await until(() => existsSync(join(dir, name)) && place.text(name).endsWith('\n'));
      const pid = Number(place.text(name));
      pids.push(pid);
      return pid;
    },
    remove() {
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Gone, as it should be.
        }
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return place;
}

/** An `AttemptIo` with its two switches and what it was told. */
export function createIo(): AttemptIo & {
  readonly stopNow: () => void;
  readonly killNow: () => void;
  readonly started: { pid: number; startTime: string | null }[];
} {
  const stop = new AbortController();
  const kill = new AbortController();
  const started: { pid: number; startTime: string | null }[] = [];
  return {
    stop: stop.signal,
    kill: kill.signal,
    stopNow: () => stop.abort(),
    killNow: () => kill.abort(),
    started,
    spawned: (pid, startTime) => started.push({ pid, startTime }),
    verifying: async () => {},
  };
}

/** Waits for a state of the outside world; a test that waits in vain fails by its own limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The system's clock, but for waits of an hour and more: those end when the test says so, as `pass` moves the time. */
export function createHeldClock(): Clock & { readonly strike: () => void; readonly pass: (ms: number) => void } {
  const held = new Set<() => void>();
  let passed = 0;
  return {
    now: () => systemClock.now() + passed,
    after(ms, wake) {
      if (ms < AN_HOUR) return systemClock.after(ms, wake);
      held.add(wake);
      return () => held.delete(wake);
    },
    pass(ms) {
      passed += ms;
    },
    strike() {
      const due = [...held];
      // What is held from now on waits for the next time.
      held.clear();
      for (const wake of due) wake();
    },
  };
}
