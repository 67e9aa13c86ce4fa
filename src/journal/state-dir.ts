/**
 * The state directory: where it is, what lies where in it, and whether it may be trusted. Knows names, owners and
 * modes; runs nothing and reads no more of a journal than its first line.
 */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { type Diagnostic, error, fail, ok, type Result, warning } from '../core/diagnostic.ts';
import type { RunEvent, StepId } from '../core/event.ts';
import { parseRecord } from './event-log.ts';
import { faultOf, syncFolder } from './files.ts';
import { LOCK } from './lock.ts';
import { isRunId } from './run-id.ts';

const SESSION = 'current-session.md';

export interface StateDir {
  /** Absolute path of the state directory itself. */
  readonly dir: string;
  readonly lockPath: string;
  readonly sessionPath: string;
  readonly runsDir: string;
  /** Absolute path of `.spec-state`, or `null` where there is none. Never a source of options or commands. */
  readonly specState: string | null;
  /** All places of `current-session.md`: ours first, then that in `.spec-state`. */
  readonly sessionPaths: readonly string[];
  runDir(run: string): string;
  journalPath(run: string): string;
  /** Log of one attempt. Different steps have different names, whatever their ids are. */
  logPath(run: string, step: StepId, attempt: number): string;
  /** Evidence record of a task. */
  recordPath(run: string, task: StepId): string;
}

export interface StateOptions {
  /** `--state-dir`: absolute, or relative to the root. Default `.implement`. */
  readonly stateDir?: string;
  /** Paths below `dir` that git tracks; empty where there is no repository. */
  tracked(dir: string): Promise<readonly string[]>;
}

/**
 * The state directory of the project at `root` (absolute), made with mode 0700 if it is not there.
 * Errors: `state-tracked`, `state-foreign`, `state-broken`, `usage` (the folder named would hold the project itself).
 */
export async function openStateDir(root: string, options: StateOptions): Promise<Result<StateDir>> {
  const dir = resolve(root, options.stateDir ?? '.implement');
  const existed = await checkDir(root, dir, options);
  if (!existed.ok) return existed;
  try {
    const made = await mkdir(dir, { recursive: true, mode: 0o700 });
    await mkdir(join(dir, 'runs'), { mode: 0o700 }).catch(unlessThere);
    await writeFile(join(dir, '.gitignore'), '*\n', { flag: 'wx' }).catch(unlessThere);
    if (made !== undefined) await Promise.all([dir, resolve(dir, '..')].map(syncFolder));
  } catch (fault) {
    return fail(error('state-broken', `cannot make the state directory ${dir}: ${faultOf(fault)}`, null));
  }
  return describe(root, dir);
}

/** As `openStateDir`, but makes nothing: `null` if there is no state directory. */
export async function findStateDir(root: string, options: StateOptions): Promise<Result<StateDir | null>> {
  const dir = resolve(root, options.stateDir ?? '.implement');
  const existed = await checkDir(root, dir, options);
  if (!existed.ok) return existed;
  return existed.value ? describe(root, dir) : ok(null);
}

/** The first record of the newest run. */
export interface LatestRun {
  readonly run: string;
  readonly started: Extract<RunEvent, { kind: 'run-started' }>;
}

/**
 * The newest run, or the newest of one task file (relative to the root, as in `run-started`); `null` if there is none.
 * A run whose first record was never finished is passed over; one in another format is found. Errors: `state-foreign`.
 */
export async function latestRun(state: StateDir, file?: string): Promise<Result<LatestRun | null>> {
  const names = await readdir(state.runsDir).catch(() => []);
  for (const run of names.filter(isRunId).sort().reverse()) {
    const path = state.journalPath(run);
    for (const each of [state.runDir(run), path]) {
      const fault = await distrust(each, state.dir, state.dir);
      if (fault !== null) return fail(fault);
    }
    const first = parseRecord(await firstLine(path));
    if (first?.kind === 'run-started' && (file === undefined || first.file === file))
      return ok({ run, started: first });
  }
  return ok(null);
}

async function describe(root: string, dir: string): Promise<Result<StateDir>> {
  const beside = join(root, '.spec-state');
  const there = await stat(beside).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const inside = there && (await staysWithin(beside, root));
  const specState = inside ? beside : null;
  const runsDir = join(dir, 'runs');
  const sessionPath = join(dir, SESSION);
  const runDir = (run: string) => join(runsDir, run);
  const state: StateDir = {
    dir,
    lockPath: join(dir, LOCK),
    sessionPath,
    runsDir,
    specState,
    sessionPaths: specState === null ? [sessionPath] : [sessionPath, join(specState, SESSION)],
    runDir,
    journalPath: (run) => join(runDir(run), 'journal.ndjson'),
    logPath: (run, step, attempt) => join(runDir(run), `${stepName(step)}.${attempt}.log`),
    recordPath: (run, task) => join(runDir(run), `${stepName(task)}.json`),
  };
  const left = there && !inside;
  return ok(
    state,
    left ? [warning('state-foreign', `${beside} leads out of the project and is not written to`, null)] : [],
  );
}

/**
 * A step id as the start of a file name. Ids of capitals, digits and `.`, `_`, `-` stand for themselves, `#` becomes
 * `@`; of any other id what is readable is kept and a digest of the whole id added. Case alone never tells two apart.
 */
function stepName(step: StepId): string {
  if (/^[A-Z0-9#][A-Z0-9#._-]{0,99}$/.test(step)) return step.replaceAll('#', '@');
  const readable = step
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 60);
  return `${readable}~${createHash('sha256').update(JSON.stringify(step)).digest('hex').slice(0, 24)}`;
}

/** Whether the directory exists; an error if it or what lies in it must not be believed. */
async function checkDir(root: string, dir: string, options: StateOptions): Promise<Result<boolean>> {
  if (leadsInto(dir, root)) {
    const hint = 'The whole of it is kept out of git, so it needs a folder of its own.';
    return fail(error('usage', `${dir} holds the project and cannot be its state directory`, null, { hint }));
  }
  // A folder that the user named may lie anywhere; a link in the project may not lead out of it.
  const within = options.stateDir === undefined ? root : null;
  for (const path of [dir, join(dir, 'runs'), join(dir, LOCK), join(dir, SESSION)]) {
    const fault = await distrust(path, path === dir ? within : (within ?? dir), dir);
    if (fault !== null) return fail(fault);
  }
  const found = await stat(dir).catch(() => null);
  if (found !== null && !found.isDirectory()) return fail(error('state-broken', `${dir} is not a directory`, null));
  const tracked = await options.tracked(dir);
  if (tracked.length === 0) return ok(found !== null);
  const hint = `Its contents could bring commands along. If it is yours: git rm -r --cached -- ${relative(root, dir) || dir}`;
  return fail(error('state-tracked', `git tracks files in the state directory ${dir}`, null, { hint }));
}

/** Why `path` must not be believed, or `null`: also if it does not exist. `within` null: links may lead anywhere. */
async function distrust(path: string, within: string | null, dir: string): Promise<Diagnostic | null> {
  let entry: Stats;
  try {
    entry = await lstat(path);
  } catch (fault) {
    const code = faultOf(fault);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    return error('state-broken', `cannot look at ${path}: ${code}`, null);
  }
  const hint = `Remove it if you do not need it, or name another folder with --state-dir instead of ${dir}`;
  const foreign = (why: string) => error('state-foreign', `${path} ${why}: it is not believed`, null, { hint });
  let target = entry;
  if (entry.isSymbolicLink()) {
    const end = await stat(path).catch(() => null);
    if (end === null) return foreign('is a link that leads nowhere');
    if (within !== null && !(await staysWithin(path, within)))
      return foreign('is a link that leads out of the project');
    target = end;
  }
  // Windows has neither owners nor modes of this kind.
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  if (entry.uid !== uid || target.uid !== uid) return foreign('belongs to another user');
  return (target.mode & 0o002) !== 0 ? foreign('can be written by everybody') : null;
}

async function staysWithin(path: string, folder: string): Promise<boolean> {
  const [real, base] = await Promise.all([path, folder].map((each) => realpath(each).catch(() => null)));
  if (real == null || base == null) return false;
  return leadsInto(base, real);
}

/** Whether `path` is `folder` or lies in it; both absolute. */
function leadsInto(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith('../') && !way.startsWith('..\\') && !isAbsolute(way);
}

/** First line of a file, without its end; empty if the file has no whole line in its first MiB. */
async function firstLine(path: string): Promise<string> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    for (let size = 4096; size <= 1 << 20; size *= 16) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
      const end = buffer.subarray(0, bytesRead).indexOf(10);
      if (end >= 0) return buffer.toString('utf8', 0, end);
      if (bytesRead < size) return '';
    }
    return '';
  } catch {
    return '';
  } finally {
    await handle.close();
  }
}

function unlessThere(fault: unknown): void {
  if (faultOf(fault) !== 'EEXIST') throw fault;
}
