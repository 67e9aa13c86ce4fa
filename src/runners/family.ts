/**
 * The system's processes: which exist, whose they are, and signals to them. Knows `/proc` and process groups; not
 * why something is to be ended, nor when. Where there is no `/proc` (macOS), only groups can be seen.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** A variable that all processes of an attempt inherit, also those that left its session. */
export interface Marker {
  readonly name: string;
  /** `null`: whatever its value. */
  readonly value: string | null;
}

/** A process that runs, as it was a moment ago. */
export interface Found {
  readonly pid: number;
  readonly group: number;
  /** The markers that were asked for and are in its environment: name to value. */
  readonly marks: ReadonlyMap<string, string>;
}

interface Stat {
  /** Gone but for its exit code, which nobody has taken yet. */
  readonly zombie: boolean;
  readonly parent: number;
  readonly group: number;
  /** Ticks since the machine started. */
  readonly startTime: string;
}

/** The variable that marks the processes of a run: an attempt inside an attempt of another run keeps both. */
export function markerName(run: string): string {
  return `IMPLEMENT_MARK_${run.replace(/[^A-Za-z0-9]/g, '_')}`;
}

/**
 * The kernel's start time of a process (clock ticks since the machine started), which tells it from a later process
 * with the same number; `null` if there is no such process or the system does not say.
 */
export function startTimeOf(pid: number): string | null {
  return statOf(pid)?.startTime ?? null;
}

/** Whether the process runs. With a start time: whether it is still the same one. A zombie does not run. */
export function isAlive(pid: number, startTime: string | null): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const stat = statOf(pid);
  // No `/proc`, or one that hides what belongs to others.
  if (stat === null) return signal(pid, 0) !== 'gone';
  return !stat.zombie && (startTime === null || startTime === stat.startTime);
}

/**
 * Sends a signal to a process, or with a negative number to a group; 0 only asks.
 *
 * @returns `gone`: there is none; `denied`: there is one, but it is not ours to signal.
 */
export function signal(target: number, name: NodeJS.Signals | 0): 'sent' | 'gone' | 'denied' {
  // 0 and 1 would mean our own group and, as a negative number, every process.
  if (target === 0 || target === -1) return 'gone';
  try {
    process.kill(target, name);
    return 'sent';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'denied' : 'gone';
  }
}

/**
 * One look at all processes but this one and zombies.
 *
 * @param names the variables to look for.
 * @param everyone also those without any of the variables; costs another read for each process.
 * @returns `null` where the system does not show its processes.
 */
export function survey(names: ReadonlySet<string>, everyone: boolean): readonly Found[] | null {
  const found: Found[] = [];
  for (const entry of listProcesses()) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const marks = names.size === 0 ? NO_MARKS : marksOf(pid, names);
    if (marks.size === 0 && !everyone) continue;
    const stat = statOf(pid);
    if (stat !== null && !stat.zombie) found.push({ pid, group: stat.group, marks });
  }
  // Even alone on the machine there is this process itself: an empty list means that nothing is shown.
  return found.length === 0 && statOf(process.pid) === null ? null : found;
}

/** This process, its parent, and so on. */
export function ancestors(): ReadonlySet<number> {
  const line = new Set<number>();
  for (let pid = process.pid; pid > 0 && !line.has(pid); pid = statOf(pid)?.parent ?? 0) line.add(pid);
  return line;
}

/** The group that a process leads, if it is still the one that started then; also when it is a zombie by now. */
export function groupLedBy(pid: number, startTime: string): number | null {
  const stat = statOf(pid);
  return stat !== null && stat.startTime === startTime && stat.group === pid ? pid : null;
}

const NO_MARKS: ReadonlyMap<string, string> = new Map();

function marksOf(pid: number, names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const environment = readProcess(pid, 'environ');
  if (environment === null || environment === '') return NO_MARKS;
  const bounded = `\0${environment}`;
  let marks: Map<string, string> | null = null;
  for (const name of names) {
    const at = bounded.indexOf(`\0${name}=`);
    if (at === -1) continue;
    const from = at + name.length + 2;
    const to = bounded.indexOf('\0', from);
    marks ??= new Map();
    marks.set(name, bounded.slice(from, to === -1 ? undefined : to));
  }
  return marks ?? NO_MARKS;
}

function statOf(pid: number): Stat | null {
  const text = readProcess(pid, 'stat');
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, startTime] = [fields?.[0], fields?.[1], fields?.[2], fields?.[19]];
  if (state === undefined || startTime === undefined) return null;
  return { zombie: state === 'Z' || state === 'X', parent: Number(parent), group: Number(group), startTime };
}

function listProcesses(): readonly string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** `null` if the process is gone or not ours to look into. */
function readProcess(pid: number, file: 'environ' | 'stat'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
