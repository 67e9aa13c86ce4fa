/**
 * One live run per state directory: a lock file that names its owner, and the takeover from an owner that is gone.
 * Knows processes of this machine as far as signal 0 and /proc tell; knows nothing of runs beyond their name.
 */
import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Diagnostic, error, fail, info, ok, type Result, warning } from '../core/diagnostic.ts';
import { plainText } from '../core/redact.ts';
import { faultOf } from './files.ts';

/** Name of the lock file in the state directory. */
export const LOCK = 'lock';

/** A process as another one can recognise it later. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** The kernel's start time of the process; `null` where there is none to be had. */
  readonly startTime: string | null;
  /** Changes with each start of the machine; `null` where there is none to be had. */
  readonly bootId: string | null;
}

export interface Owner extends ProcessIdentity {
  readonly run: string;
  /** Since when, in ms since the epoch. */
  readonly since: number;
  /** Differs for each lock ever taken. */
  readonly token: string;
}

export interface LockInfo {
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Who takes it; this process unless a test says otherwise. */
  readonly as?: ProcessIdentity;
}

export interface Lock {
  /** The dead owner it was taken over from, else `null`. */
  readonly takenFrom: Owner | null;
  /** Removes the lock file if it is still ours. Never rejects; a second call does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the lock of the state directory `dir`, from a dead owner too; of several that race exactly one wins.
 * A takeover is told in the warnings. Errors: `locked` (a live owner, or one on another host), `state-broken`.
 */
export async function acquireLock(dir: string, lock: LockInfo): Promise<Result<Lock>> {
  const path = join(dir, LOCK);
  const as = lock.as ?? (await processIdentity());
  const self: Owner = { ...as, run: lock.run, since: lock.since, token: randomUUID() };
  try {
    const claim = await take(path, self, 0);
    if (claim.kind === 'held') return fail(refusal(path, claim.by, claim.liveness));
    if (claim.kind === 'stuck') {
      const hint = `If no run is alive, delete the files ${path}*`;
      return fail(error('state-broken', `the lock ${path} cannot be taken over`, null, { hint }));
    }
    return ok({ takenFrom: claim.from, release: () => release(path, self.token) }, notices(path, claim));
  } catch (fault) {
    const code = faultOf(fault);
    const links = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code);
    const hint = links ? 'This file system may have no hard links: name another folder with --state-dir.' : null;
    return fail(error('state-broken', `cannot write the lock ${path}: ${code}`, null, { hint }));
  }
}

/** Who holds the lock of `dir`, for display: `null` if nobody does or the file cannot be understood. */
export async function lockOwner(dir: string): Promise<{ readonly owner: Owner; readonly liveness: Liveness } | null> {
  const text = await readFile(join(dir, LOCK), 'utf8').catch(() => null);
  const owner = text === null ? null : parseOwner(text);
  return owner === null ? null : { owner, liveness: await livenessOf(owner, await processIdentity()) };
}

type Claim =
  | { readonly kind: 'won'; readonly from: Owner | null; readonly garbage: boolean }
  | { readonly kind: 'held'; readonly by: Owner; readonly liveness: Liveness }
  | { readonly kind: 'stuck' };

const MAX_DEPTH = 4;
const MAX_TRIES = 200;

/**
 * Makes `path` ours. A dead owner's file is replaced only while holding a second lock whose name follows from that
 * very file, and after looking again whether it is still there: so two takers cannot both replace it, and neither
 * can replace the winner's. The second lock is taken in the same way, for its owner may die too.
 */
async function take(path: string, self: Owner, depth: number): Promise<Claim> {
  if (depth > MAX_DEPTH) return { kind: 'stuck' };
  // Written under another name and linked, so that nobody ever sees a lock without its owner.
  const draft = `${path}.${self.token}-${depth}`;
  await writeFile(draft, `${JSON.stringify(self)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    let held: Claim = { kind: 'stuck' };
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      if (await linked(draft, path)) return { kind: 'won', from: null, garbage: false };
      const found = await readIfThere(path);
      if (found === null) continue;
      const owner = parseOwner(found);
      const liveness = owner === null ? 'dead' : await livenessOf(owner, self);
      if (owner !== null && liveness !== 'dead') return { kind: 'held', by: owner, liveness };
      const guard = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 12)}`;
      const claim = await take(guard, self, depth + 1);
      if (claim.kind !== 'won') {
        // Somebody else is taking over at this moment, and soon holds the lock itself.
        held = claim;
        await sleep(5);
        continue;
      }
      const same = (await readIfThere(path)) === found;
      if (same) await rename(draft, path);
      await rm(guard, { force: true });
      if (same) return { kind: 'won', from: owner, garbage: owner === null };
    }
    return held;
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (fault) {
    if (faultOf(fault) === 'EEXIST') return false;
    throw fault;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    if (faultOf(fault) === 'ENOENT') return null;
    throw fault;
  }
}

async function release(path: string, token: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null && parseOwner(text)?.token === token) await rm(path, { force: true }).catch(() => {});
}

function parseOwner(text: string): Owner | null {
  try {
    const { pid, host, startTime, bootId, run, since, token } = JSON.parse(text) as Partial<Owner>;
    const valid =
      Number.isInteger(pid) &&
      Number(pid) > 0 &&
      typeof host === 'string' &&
      typeof run === 'string' &&
      typeof since === 'number' &&
      typeof token === 'string';
    if (!valid) return null;
    const textOr = (value: unknown) => (typeof value === 'string' ? value : null);
    return { pid: Number(pid), host, startTime: textOr(startTime), bootId: textOr(bootId), run, since, token };
  } catch {
    return null;
  }
}

function refusal(path: string, by: Owner, liveness: Liveness): Diagnostic {
  const who = `process ${by.pid} on ${plain(by.host)}, run ${plain(by.run)}, since ${timeOf(by.since)}`;
  if (liveness === 'elsewhere') {
    const hint = `If that machine is gone or nothing runs there any more, delete ${path}`;
    return error('locked', `another machine holds the lock of this project: ${who}`, null, { hint });
  }
  const hint = 'Wait for it to end, or stop it; `implement status` shows where it stands.';
  return error('locked', `another run is alive in this project: ${who}`, null, { hint });
}

function notices(path: string, claim: { readonly from: Owner | null; readonly garbage: boolean }): Diagnostic[] {
  if (claim.garbage) return [warning('state-broken', `the lock ${path} named no owner and was taken over`, null)];
  if (claim.from === null) return [];
  const { pid, host, run, since } = claim.from;
  const who = `process ${pid} on ${plain(host)}, run ${plain(run)}, since ${timeOf(since)}`;
  return [info('locked', `took over the lock of a process that is gone: ${who}`, null)];
}

function plain(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').slice(0, 200);
}

function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString();
}

export type Liveness = 'alive' | 'dead' | 'elsewhere';

/** Whether the owner still lives, seen from `here`. A process that only waits to be reaped is dead. */
async function livenessOf(owner: Owner, here: ProcessIdentity): Promise<Liveness> {
  if (owner.host !== here.host) return 'elsewhere';
  if (owner.bootId !== null && here.bootId !== null && owner.bootId !== here.bootId) return 'dead';
  try {
    process.kill(owner.pid, 0);
  } catch (fault) {
    if (faultOf(fault) === 'ESRCH') return 'dead';
  }
  const seen = await processStat(owner.pid);
  if (seen === null) return 'alive';
  if (seen.state === 'Z' || seen.state === 'X') return 'dead';
  return owner.startTime !== null && seen.startTime !== owner.startTime ? 'dead' : 'alive';
}

/** This process. */
export async function processIdentity(): Promise<ProcessIdentity> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  const startTime = (await processStat(process.pid))?.startTime ?? null;
  return { pid: process.pid, host: hostname(), startTime, bootId: bootId?.trim() ?? null };
}

/** State letter and start time of a process, or `null` where /proc does not tell. */
async function processStat(pid: number): Promise<{ readonly state: string; readonly startTime: string } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The second field is the name in brackets and may hold anything, so count from its end.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields?.[0], fields?.[19]];
  return state === undefined || startTime === undefined ? null : { state, startTime };
}
