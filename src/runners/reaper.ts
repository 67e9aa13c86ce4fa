/**
 * Ends process families: TERM, a time of grace, KILL, and looking until nothing of them is left. Knows markers and
 * groups; not which attempt they belong to or how it came out.
 *
 * Looking at all processes is dear, so everything that is to be ended shares one look, and what attempts left behind
 * waits for the next one. A process that cleared its environment and left the session is out of reach; so is, where
 * there is no `/proc`, every process that left the session.
 */
import { type Clock, systemClock } from '../util/clock.ts';
import { ancestors, type Found, groupLedBy, type Marker, markerName, signal, survey } from './family.ts';

/** Processes that belong together: those with the marker and those in one of the groups. */
interface Target {
  readonly marker: Marker | null;
  readonly groups: readonly number[];
}

interface Ended {
  /** How many processes were found in all. */
  readonly seen: number;
  /** How many of them could not be ended: not ours to signal, or stuck in the kernel. */
  readonly left: number;
}

export interface Ending {
  /** Settles when nothing of the target runs, or some seconds after a KILL that did not help; never rejects. */
  readonly over: Promise<Ended>;
  /** Does not wait for the grace any longer. */
  kill(): void;
}

export interface Reaper {
  /** TERM now, KILL after `graceMs`. */
  end(target: Target, graceMs: number): Ending;
  /** The same with the next look, at most 250 ms from now. */
  sweep(target: Target, graceMs: number): void;
  /** Looks now; settles when everything given to `sweep` so far is over. */
  flush(): Promise<void>;
}

const BATCH_MS = 250;
const FIRST_LOOK_MS = 8;
const SLOWEST_LOOK_MS = 200;
/** How long a KILL may take before a process counts as impossible to end. */
const KILL_LIMIT_MS = 5000;

interface Entry {
  readonly target: Target;
  readonly graceMs: number;
  readonly swept: boolean;
  readonly over: Promise<Ended>;
  readonly settle: (ended: Ended) => void;
  /** When KILL is due (ms since the epoch); `null` before the TERM. */
  killAt: number | null;
  giveUpAt: number;
  /** The last look found nothing. */
  empty: boolean;
  /** Pids, and groups as negative numbers, that had their TERM. */
  readonly told: Set<number>;
  readonly seen: Set<number>;
  readonly denied: Set<number>;
}

/** @param spare pids that are never signalled. */
export function createReaper(clock: Clock, spare: ReadonlySet<number> = new Set()): Reaper {
  const entries = new Set<Entry>();
  let due = Number.POSITIVE_INFINITY;
  let takeBack = (): void => undefined;
  let pause = FIRST_LOOK_MS;

  function add(target: Target, graceMs: number, swept: boolean): Entry {
    const { promise: over, settle } = deferred<Ended>();
    const entry: Entry = {
      target,
      graceMs,
      swept,
      over,
      settle,
      killAt: null,
      giveUpAt: Number.POSITIVE_INFINITY,
      empty: false,
      told: new Set(),
      seen: new Set(),
      denied: new Set(),
    };
    entries.add(entry);
    schedule(swept ? BATCH_MS : 0);
    return entry;
  }

  function schedule(ms: number): void {
    const at = clock.now() + ms;
    if (at >= due) return;
    takeBack();
    due = at;
    takeBack = clock.after(ms, look);
  }

  function look(): void {
    due = Number.POSITIVE_INFINITY;
    const now = clock.now();
    const found = surveyFor(entries);
    let next = Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      const members = membersOf(entry, found, spare);
      const groups = groupsOf(entry.target, found, members);
      const left = Math.max(members.length, groups.length);
      if (isOver(entry, left, now)) {
        entries.delete(entry);
        entry.settle({ seen: entry.seen.size, left: entry.denied.size + left });
        continue;
      }
      if (strike(entry, members, groups, now)) pause = FIRST_LOOK_MS;
      next = Math.min(next, now + pause, dueKill(entry, now));
    }
    pause = Math.min(pause * 2, SLOWEST_LOOK_MS);
    if (entries.size > 0) schedule(next - now);
  }

  return {
    end(target, graceMs) {
      const entry = add(target, graceMs, false);
      return {
        over: entry.over,
        kill() {
          entry.killAt = Number.NEGATIVE_INFINITY;
          schedule(0);
        },
      };
    },
    sweep(target, graceMs) {
      add(target, graceMs, true);
    },
    async flush() {
      const swept = [...entries].filter((entry) => entry.swept);
      if (swept.length > 0) schedule(0);
      await Promise.all(swept.map((entry) => entry.over));
    },
  };
}

/**
 * Ends what a dead run left: every process with the run's marker, and the groups of the recorded processes that are
 * still the recorded ones. This process and those above it are never touched.
 *
 * @param known from the run's journal; without a start time a number says nothing and is passed over.
 * @returns how many processes were ended.
 */
export async function endOrphans(
  run: string,
  known: readonly { readonly pid: number; readonly startTime: string | null }[],
  graceMs = 5000,
  clock: Clock = systemClock,
): Promise<number> {
  const spare = ancestors();
  const groups = known.flatMap(({ pid, startTime }) => {
    const group = startTime === null || spare.has(pid) ? null : groupLedBy(pid, startTime);
    return group === null ? [] : [group];
  });
  const reaper = createReaper(clock, spare);
  const { seen, left } = await reaper.end({ marker: { name: markerName(run), value: null }, groups }, graceMs).over;
  return seen - left;
}

function surveyFor(entries: ReadonlySet<Entry>): readonly Found[] | null {
  const names = new Set<string>();
  let everyone = false;
  for (const { target } of entries) {
    if (target.marker !== null) names.add(target.marker.name);
    everyone ||= target.groups.length > 0;
  }
  return survey(names, everyone);
}

function membersOf(entry: Entry, found: readonly Found[] | null, spare: ReadonlySet<number>): readonly Found[] {
  const { marker, groups } = entry.target;
  const members = (found ?? []).filter(
    (one) =>
      !spare.has(one.pid) &&
      !entry.denied.has(one.pid) &&
      (groups.includes(one.group) || (marker !== null && carries(one, marker))),
  );
  for (const { pid } of members) entry.seen.add(pid);
  return members;
}

function carries(found: Found, marker: Marker): boolean {
  const value = found.marks.get(marker.name);
  return value !== undefined && (marker.value === null || marker.value === value);
}

/** The target's groups that still have a member; where members cannot be seen, a group is asked itself. */
function groupsOf(target: Target, found: readonly Found[] | null, members: readonly Found[]): readonly number[] {
  return target.groups.filter((group) =>
    found === null ? signal(-group, 0) === 'sent' : members.some((member) => member.group === group),
  );
}

/** A family that was there once is gone only at the second look: a fork in the middle of the first escapes it. */
function isOver(entry: Entry, left: number, now: number): boolean {
  const gone = left === 0 && (entry.empty || entry.seen.size + entry.told.size === 0);
  entry.empty = left === 0;
  return gone || now >= entry.giveUpAt;
}

function dueKill(entry: Entry, now: number): number {
  return entry.killAt !== null && entry.killAt > now ? entry.killAt : Number.POSITIVE_INFINITY;
}

/** TERM to whom had none, or KILL to all once the grace is over; returns whether there was news for anybody. */
function strike(entry: Entry, members: readonly Found[], groups: readonly number[], now: number): boolean {
  if (entry.empty) return false;
  entry.killAt ??= now + entry.graceMs;
  const kill = now >= entry.killAt;
  let news = kill && entry.giveUpAt === Number.POSITIVE_INFINITY;
  if (news) entry.giveUpAt = now + KILL_LIMIT_MS;
  const isDue = (id: number): boolean => kill || !entry.told.has(id);
  const name = kill ? 'SIGKILL' : 'SIGTERM';
  const reached = new Set<number>();
  for (const group of groups.filter((id) => isDue(-id))) {
    news ||= !entry.told.has(-group);
    entry.told.add(-group);
    if (signal(-group, name) === 'sent') reached.add(group);
  }
  for (const { pid, group } of members.filter((member) => isDue(member.pid))) {
    news ||= !entry.told.has(pid);
    entry.told.add(pid);
    // One TERM each: to many programs a second one means "at once".
    if (!reached.has(group) && signal(pid, name) === 'denied') entry.denied.add(pid);
  }
  return news;
}

function deferred<T>(): { promise: Promise<T>; settle: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}
