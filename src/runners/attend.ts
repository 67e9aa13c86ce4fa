/**
 * Watching one process until it and its group are gone. Knows the limit of time and the signals of the outside, and
 * which came first; not how the process was started or what its exit code means.
 */
import { setMaxListeners } from 'node:events';
import type { Assignment } from '../core/assignment.ts';
import type { Clock } from '../util/clock.ts';
import { markerOf } from './environment.ts';
import { signal, startTimeOf } from './family.ts';
import type { Ending, Reaper } from './reaper.ts';
import type { AttemptIo } from './runner.ts';

/** What an attempt left behind could have ended with it. */
const LEFTOVER_GRACE_MS = 500;
/** How often it is looked within the time that a silence may last. */
const LOOKS = 10;
/** A timer for longer goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The part of a child process that is needed here. */
interface Watched {
  once(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  unref(): void;
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How a process and its group came to their end. */
export interface End {
  /** `null`: it does not react even to KILL. */
  readonly exit: Exit | null;
  /** The first reason for which we ended it; `null`: it ended by itself. */
  readonly cause: 'timeout' | 'silent' | 'cancelled' | null;
  /** Processes that could not be ended. */
  readonly left: number;
}

/** How long nothing may be heard of a process, and how much it has written so far, in bytes. */
export interface Silence {
  readonly ms: number;
  written(): number;
}

interface Attending {
  readonly reaper: Reaper;
  readonly clock: Clock;
  readonly silence: Silence | null;
}

/** Watches a process until it and its group are gone, and ends them when time is over or somebody says so. */
export async function attend(
  child: Watched,
  pid: number,
  assignment: Assignment,
  io: AttemptIo,
  { reaper, clock, silence }: Attending,
): Promise<End> {
  const state: { cause: End['cause']; ending: Ending | null; exited: boolean } = {
    cause: null,
    ending: null,
    exited: false,
  };
  let abandon = (): void => undefined;
  const exited = new Promise<Exit | null>((resolve) => {
    child.once('exit', (code, name) => {
      state.exited = true;
      resolve({ code, signal: name });
    });
    abandon = () => resolve(null);
  });
  const end = (cause: Exclude<End['cause'], null>): void => {
    if (!state.exited) state.cause ??= cause;
    if (state.ending !== null) return;
    state.ending = reaper.end({ marker: markerOf(assignment), groups: [pid] }, assignment.graceMs);
    void state.ending.over.then(({ left }) => (left > 0 ? abandon() : undefined));
  };
  const onStop = (): void => end('cancelled');
  const onKill = (): void => {
    end('cancelled');
    state.ending?.kill();
  };
  listen(io.stop, onStop);
  listen(io.kill, onKill);
  const timer = assignment.timeoutMs === null ? null : limit(clock, assignment.timeoutMs, () => end('timeout'));
  const unwatch = silence === null ? null : listenFor(silence, clock, () => end('silent'));
  try {
    io.spawned(pid, startTimeOf(pid));
    const exit = await exited;
    timer?.();
    unwatch?.();
    if (state.ending === null && signal(-pid, 0) === 'sent') {
      state.ending = reaper.end({ marker: null, groups: [pid] }, leftoverGrace(assignment));
    }
    const left = state.ending === null ? 0 : (await state.ending.over).left;
    if (exit === null) child.unref();
    return { exit, cause: state.cause, left };
  } catch (error) {
    onKill();
    await state.ending?.over;
    throw error;
  } finally {
    timer?.();
    unwatch?.();
    io.stop.removeEventListener('abort', onStop);
    io.kill.removeEventListener('abort', onKill);
  }
}

/** Many attempts may share one signal: that is no leak. */
function listen(signal: AbortSignal, react: () => void): void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', react);
}

/** Calls `wake` after `ms`, however long that is; the returned function takes it back. */
function limit(clock: Clock, ms: number, wake: () => void): () => void {
  let takeBack = (): void => undefined;
  const wait = (rest: number): void => {
    const step = Math.min(rest, LONGEST_TIMER_MS);
    takeBack = clock.after(step, () => (rest > step ? wait(rest - step) : wake()));
  };
  wait(ms);
  return () => takeBack();
}

/** Looks now and then whether something was written; calls `tell` once nothing was for long enough. */
function listenFor({ ms, written }: Silence, clock: Clock, tell: () => void): () => void {
  let known = written();
  let heard = clock.now();
  let takeBack = (): void => undefined;
  const wait = (rest: number): void => {
    takeBack = limit(clock, rest, () => {
      const now = written();
      if (now !== known) {
        known = now;
        heard = clock.now();
      }
      const left = ms - (clock.now() - heard);
      if (left > 0) wait(Math.min(left, Math.max(ms / LOOKS, 1)));
      else tell();
    });
  };
  wait(ms / LOOKS);
  return () => takeBack();
}

/** For what is left when an attempt, or its leading process, is over; in ms. */
export function leftoverGrace(assignment: Assignment): number {
  return Math.min(assignment.graceMs, LEFTOVER_GRACE_MS);
}
