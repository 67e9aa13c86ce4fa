/**
 * `implement verify`: holds every ticked task against the project, and opens the boxes of those that are not done.
 * Puts the rooms together; what counts as missing is decided in `core/`.
 */
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Diagnostic, ok, type Result, warning } from './core/diagnostic.ts';
import { type Evidence, evidenceOf, insidePath, lacking, mayRemove } from './core/evidence.ts';
import { isGenerated } from './core/history.ts';
import { type Claim, commitOf, type Missing, type Phantom, type Proof } from './core/phantom.ts';
import type { Plan } from './core/plan.ts';
import { createRecorder, type EvidenceRecord } from './core/record.ts';
import type { Task, TaskId } from './core/task.ts';
import { entriesOfFile, standing, type TrailEntry } from './core/trail.ts';
import type { Answer, EvidenceHook } from './evidence-hook.ts';
import { readRecords } from './journal/records.ts';
import type { StateDir } from './journal/state-dir.ts';
import { type PastRun, pastRuns } from './past.ts';
import { boxesOf, relocate } from './prepare.ts';
import { projectOf, type TaskFile } from './project.ts';
import { isoTime } from './recording.ts';
import { createTicker } from './taskfile/ticker.ts';
import { lookInside } from './util/inside.ts';
import type { Located } from './workspaces/locate.ts';
import { readTrail } from './workspaces/trail.ts';

export interface ProveRequest {
  readonly file: TaskFile;
  readonly plan: Plan;
  readonly located: Located | null;
  readonly state: StateDir | null;
  /** Full name of the branch that is looked at, or an object id; `null`: there is no commit. */
  readonly revision: string | null;
  /** As people call it. */
  readonly branch: string;
  readonly hook: EvidenceHook | null;
  /** Told of each answer of the hook, as it comes. */
  onAnswer(task: Task, answer: Answer): void;
}

/** Looks at every ticked task. Errors: `evidence`. Throws `GitFault`. */
export async function prove(request: ProveRequest): Promise<Result<Proof>> {
  const { plan } = request;
  const { root } = projectOf(request.file);
  const ticked = plan.tasks.filter((task) => task.status === 'done');
  const claimed = new Map<TaskId, readonly Evidence[]>();
  const faults: Diagnostic[] = [];
  for (const task of plan.tasks) {
    const { evidence, diagnostics } = evidenceOf(task, plan.source);
    claimed.set(task.id, evidence);
    faults.push(...diagnostics);
  }
  if (faults.some((one) => one.severity === 'error')) return { ok: false, diagnostics: faults };
  const commits = await commitsOf(request);
  const names = fileNames(root, request.state?.dir ?? join(root, '.implement'));
  const removed = new Set(ticked.filter((task) => mayRemove(task.title)).flatMap((task) => task.paths));
  for (const one of standing(commits.entries))
    for (const file of one.files) if (file.how === 'deleted') removed.add(file.path);

  const held: TaskId[] = [];
  const unchecked: TaskId[] = [];
  const phantoms: Phantom[] = [];
  for (const task of ticked) {
    const found: ('there' | Missing | null)[] = [
      targetOf(task, root, dirname(request.file.path), names, removed),
      ...(claimed.get(task.id) ?? []).map((one) => evidenceIn(one, root)),
    ];
    const commit = await commits.of(task);
    found.push(commit === null || commit === 'there' ? commit : { kind: 'commit', at: task.at, ...commit });
    if (request.hook !== null && request.hook.signal === null) {
      const answer = await request.hook.ask(task);
      request.onAnswer(task, answer);
      const what = `the evidence hook says no (${answer.message})`;
      found.push(
        answer.holds ? 'there' : { kind: 'hook', what, why: 'the hook is asked about each ticked task', at: task.at },
      );
    }
    const missing = found.filter((one) => one !== null && one !== 'there');
    if (missing.length > 0) phantoms.push({ task: task.id, title: task.title, at: task.at, missing, opened: false });
    else if (found.includes('there')) held.push(task.id);
    else unchecked.push(task.id);
  }
  return ok({ ticked: ticked.length, held, unchecked, phantoms }, faults);
}

/** Opens the boxes of phantoms; gives the proof with what came of it, and warnings about boxes that could not be opened. */
export async function openBoxes(
  { file, plan }: Pick<ProveRequest, 'file' | 'plan'>,
  proof: Proof,
): Promise<{ readonly proof: Proof; readonly warnings: readonly Diagnostic[] }> {
  const ticker = createTicker({
    path: file.path,
    text: file.text,
    boxes: boxesOf(plan),
    locate: (text) => relocate(plan, file.name, text, 'all'),
  });
  const warnings: Diagnostic[] = [];
  const phantoms: Phantom[] = [];
  for (const phantom of proof.phantoms) {
    const result = await ticker.restore(phantom.task);
    if (!result.ok)
      warnings.push(...result.diagnostics.map((one) => ({ ...one, severity: 'warning' as const, hint: null })));
    else if (result.value === 'gone')
      warnings.push(
        warning('unknown-task', `${phantom.task} is no longer in ${file.name}: there is no box to open.`, null),
      );
    phantoms.push({ ...phantom, opened: result.ok && result.value !== 'gone' });
  }
  return { proof: { ...proof, phantoms }, warnings };
}

function targetOf(
  task: Task,
  root: string,
  folder: string,
  names: () => ReadonlyMap<string, readonly string[]>,
  removed: ReadonlySet<string>,
): 'there' | Missing | null {
  const path = task.target === null ? null : insidePath(task.target);
  if (path === null || mayRemove(task.title)) return null;
  const beside = relative(root, join(folder, path)).split(sep).join('/');
  const found = [lookInside(root, path), lookInside(root, beside)];
  if (found.some((one) => one.kind !== 'missing' && one.kind !== 'outside')) return 'there';
  if (removed.has(path) || removed.has(beside)) return null;
  const why = 'the task names the file as the one that it changes';
  if (found[0]?.kind === 'outside')
    return { kind: 'file', what: `${path} leads out of the project, where nothing is looked at`, why, at: task.at };
  const base = path.slice(path.lastIndexOf('/') + 1);
  const alike = names().get(base) ?? [];
  // A bare name says nothing about its folder.
  if (!path.includes('/') && alike.length > 0) return 'there';
  const near = alike.find((one) => one.endsWith(`/${path}`)) ?? alike[0];
  const other = near === undefined ? '' : ` (there is ${near})`;
  return { kind: 'file', what: `${path} does not exist${other}`, why, at: task.at };
}

/** Larger files are not looked into, in bytes. */
const LARGEST = 16 * 1024 * 1024;

function evidenceIn(evidence: Evidence, root: string): 'there' | Missing {
  const { path, symbol, contains } = evidence;
  const lack = (what: string): Missing => ({
    kind: 'evidence',
    what,
    why: 'an evidence line of the task says so',
    at: evidence.at,
  });
  const found = lookInside(root, path);
  if (found.kind === 'missing') return lack(`${path} does not exist`);
  if (found.kind === 'outside') return lack(`${path} leads out of the project, where nothing is looked at`);
  if (symbol === null && contains === null) return 'there';
  if (found.kind !== 'file') return lack(`${path} is no file that could be read`);
  if (found.size > LARGEST) return lack(`${path} is larger than 16 MiB and was not looked into`);
  let text: string;
  try {
    text = readFileSync(found.path, 'utf8');
  } catch (cause) {
    return lack(`${path} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
  const what = lacking(evidence, text);
  return what === null ? 'there' : lack(what);
}

interface Commits {
  readonly entries: readonly TrailEntry[];
  of(task: Task): Promise<ReturnType<typeof commitOf>>;
}

async function commitsOf({ file, plan, located, state, revision, branch }: ProveRequest): Promise<Commits> {
  const runs = state === null ? [] : await pastRuns(state);
  const own = projectOf(file).file;
  const records = state === null ? [] : await readRecords(state);
  const fileOf = (run: string): string | null =>
    runs.find((one) => one.run === run)?.file ?? records.find((one) => one.run === run)?.file ?? null;
  const context = { file: own, fileOf, titles: new Map(plan.tasks.map((task) => [task.id, task.title])) };
  const claims = claimsOf(
    plan,
    [...records, ...fromJournals(runs)].filter((one) => one.file === own),
  );
  async function trailOf(name: string): Promise<readonly TrailEntry[]> {
    if (located === null) return [];
    const there = await located.git.ask(located.main, ['rev-parse', '-q', '--verify', `${name}^{commit}`]);
    return there.code === 0 ? entriesOfFile(await readTrail(located.git, located.main, name), context) : [];
  }
  const targets = new Map<string, Promise<ReadonlySet<TaskId>>>();
  /** Tasks whose commits stand on a branch. */
  function standingOn(name: string): Promise<ReadonlySet<TaskId>> {
    const known = targets.get(name) ?? trailOf(name).then((all) => new Set(standing(all).map((one) => one.task)));
    targets.set(name, known);
    return known;
  }
  const entries = revision === null ? [] : await trailOf(revision);
  const byTask = new Map<TaskId, TrailEntry[]>();
  for (const one of entries) byTask.set(one.task, [...(byTask.get(one.task) ?? []), one]);
  const targetOfRun = new Map(runs.map((one) => [one.run, one.target]));
  const shallow =
    located === null ? 'false' : await located.git.line(located.main, ['rev-parse', '--is-shallow-repository']);
  return {
    entries,
    async of(task) {
      if (located === null) return null;
      const claim = claims.get(task.id) ?? null;
      const target = claim === null ? null : (targetOfRun.get(claim.run) ?? null);
      return commitOf({
        own: byTask.get(task.id) ?? [],
        claim,
        branch,
        isOnTarget: target !== null && (await standingOn(target)).has(task.id),
        isShallow: shallow === 'true',
        timeOf: (entry) => Date.parse(entry.date),
      });
    },
  };
}

/** What journals tell, for runs whose records were never written or are gone. */
function fromJournals(runs: readonly PastRun[]): EvidenceRecord[] {
  return runs.flatMap(({ events }) => {
    const recorder = createRecorder({ front: null, isoTime });
    return events.flatMap((event) => recorder(event) ?? []);
  });
}

/** The newest account of each task; tasks without an id are found again by their title. */
function claimsOf(plan: Plan, records: readonly EvidenceRecord[]): Map<TaskId, Claim> {
  const byTitle = new Map<string, TaskId | null>();
  for (const task of plan.tasks)
    if (isGenerated(task.id)) byTitle.set(task.title, byTitle.has(task.title) ? null : task.id);
  const claims = new Map<TaskId, Claim>();
  for (const { task, title, run, commit, end } of records) {
    const id = isGenerated(task) ? (byTitle.get(title) ?? null) : task;
    const time = Date.parse(end);
    if (id === null || (claims.get(id)?.end ?? Number.NEGATIVE_INFINITY) > time) continue;
    claims.set(id, { run, commit, end: time });
  }
  return claims;
}

/** Folders that hold nothing a task names by a bare word. */
const PASSED = new Set(['.git', 'node_modules', '.venv', 'target', '__pycache__']);
/** Names that are looked at, at most. */
const MOST = 200_000;

/** All files below the root by their last name; read at the first question. */
function fileNames(root: string, stateDir: string): () => ReadonlyMap<string, readonly string[]> {
  let known: Map<string, string[]> | null = null;
  return () => {
    if (known !== null) return known;
    known = new Map();
    const open = [root];
    let count = 0;
    for (let dir = open.pop(); dir !== undefined && count < MOST; dir = open.pop()) {
      let entries: Dirent[];
      try {
        entries = readdirSync(dir, { withFileTypes: true });
      } catch {
        continue;
      }
      for (const entry of entries) {
        count += 1;
        const path = join(dir, entry.name);
        if (entry.isDirectory()) {
          if (!PASSED.has(entry.name) && path !== stateDir) open.push(path);
        } else if (entry.isFile()) {
          const shown = relative(root, path).split(sep).join('/');
          known.set(entry.name, [...(known.get(entry.name) ?? []), shown]);
        }
      }
    }
    return known;
  };
}
