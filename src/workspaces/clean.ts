/**
 * What ended runs left in a repository: worktrees, branches of attempts, git's registrations of both. Knows what can go
 * without a loss and takes it away; journals and logs are not its business.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { records, shown } from './git.ts';
import type { Located } from './locate.ts';
import { worktreesOf } from './repository.ts';
import { createSlots, type SlotNote } from './slots.ts';
import { type Surveyed, strayDirectories, surveySlots } from './survey.ts';
import { readTips, readTrail } from './trail.ts';

/** A worktree or a branch that a run left. */
export interface Leftover {
  readonly kind: 'worktree' | 'branch';
  /** Absolute path of a worktree, full name of a branch. */
  readonly name: string;
  /** Object id of the head of a branch. */
  readonly commit: string | null;
  readonly task: string | null;
  readonly attempt: number | null;
  readonly run: string | null;
  readonly goes: boolean;
  /** Why it goes or stays, as the end of a sentence. */
  readonly why: string;
  /** Git arguments that show what is in it; `null` where there is nothing to see. */
  readonly look: readonly string[] | null;
  /** `--discard` would take it. */
  readonly discardable: boolean;
}

export interface CleanInput {
  readonly located: Located;
  /** Absolute path of the directory that holds the slots. */
  readonly folder: string;
  /** Whether a text is the name of a run. */
  isRun(text: string): boolean;
  /** Full name of the branch to which a run committed, as far as its journal tells. */
  targetOf(run: string): string | null;
  /** Takes what is not merged as well. */
  readonly discard: boolean;
}

/** Everything that is there, and what becomes of it. Changes nothing. Throws `GitFault`. */
export async function survey(input: CleanInput): Promise<Leftover[]> {
  const folder = realFolder(input.folder);
  const slots = createSlots(input.located, folder);
  const surveyed = await surveySlots(input.located, slots, folder);
  const strays = strayDirectories(
    folder,
    surveyed.map((one) => one.slot),
  );
  const branches = await surveyBranches(input, folder);
  return [
    ...surveyed.map((one) => worktreeOf(one, input.discard)),
    ...strays.map((dir) => strayOf(dir, input.discard)),
    ...branches,
  ];
}

/** Takes away what goes. Throws `GitFault`, or what the system says where a directory cannot be removed. */
export async function remove({ located, folder }: CleanInput, leftovers: readonly Leftover[]): Promise<void> {
  const real = realFolder(folder);
  const slots = createSlots(located, real);
  const going = leftovers.filter((one) => one.goes);
  const dirs = new Set(going.filter((one) => one.kind === 'worktree').map((one) => one.name));
  for (const dir of dirs) if (lstatSync(dir, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(dir);
  for (const slot of slots.list()) if (dirs.delete(slot.dir)) await slots.remove(slot);
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  if (existsSync(real) && readdirSync(real).length === 0) rmdirSync(real);
  const refs = going.filter((one) => one.kind === 'branch').map((one) => `delete ${one.name}\0${one.commit}\0`);
  if (refs.length > 0)
    await located.git.run(
      located.main,
      ['update-ref', '-z', '-m', 'implement: clean', '--stdin'],
      Buffer.from(refs.join(''), 'utf8'),
    );
}

function realFolder(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

function worktreeOf({ slot, note, exists, changes, ownCommits, locked, fault }: Surveyed, discard: boolean): Leftover {
  const base = {
    kind: 'worktree' as const,
    name: slot.dir,
    commit: null,
    task: note?.step ?? null,
    attempt: note?.attempt ?? null,
    run: note?.run ?? null,
  };
  const stays = (why: string, look: readonly string[] | null, discardable = true): Leftover => ({
    ...base,
    goes: discard && discardable,
    why,
    look,
    discardable,
  });
  if (!exists) return { ...base, goes: true, why: 'its directory is gone', look: null, discardable: true };
  if (locked !== null) return stays(`it is locked${locked === '' ? '' : `: ${locked}`}`, null, false);
  if (fault !== null) return stays(`it cannot be looked at: ${fault}`, null);
  if (changes.length > 0) {
    const files = changes.length === 1 ? '1 file' : `${changes.length} files`;
    return stays(`it holds ${files} of uncommitted work`, ['-C', slot.dir, 'status']);
  }
  if (ownCommits !== null)
    return stays('it holds commits that are on no branch', ['log', '-p', `${note?.base ?? 'HEAD'}..${ownCommits}`]);
  return { ...base, goes: true, why: 'nothing in it is uncommitted', look: null, discardable: true };
}

function strayOf(dir: string, discard: boolean): Leftover {
  const isEmpty = !lstatSync(dir).isDirectory() || readdirSync(dir).length === 0;
  return {
    kind: 'worktree',
    name: dir,
    commit: null,
    task: null,
    attempt: null,
    run: null,
    goes: isEmpty || discard,
    why: isEmpty ? 'it is empty' : 'git does not know it any more, so nobody can tell what is work in it',
    look: null,
    discardable: true,
  };
}

async function surveyBranches(input: CleanInput, folder: string): Promise<Leftover[]> {
  const { located, isRun, targetOf, discard } = input;
  const { git, main } = located;
  const format = '--format=%(refname)%00%(objectname)%00%(worktreepath)%00';
  const fields = records(await git.run(main, ['for-each-ref', format, 'refs/heads/implement/'])).map(shown);
  const branches: { ref: string; commit: string; checkout: string; run: string }[] = [];
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const ref = (fields[i] ?? '').trim();
    const run = /^refs\/heads\/implement\/([^/]+)\/[^/]+\/\d+$/.exec(ref)?.[1];
    if (run !== undefined && isRun(run))
      branches.push({ ref, commit: fields[i + 1] ?? '', checkout: fields[i + 2] ?? '', run });
  }
  if (branches.length === 0) return [];
  const elsewhere = runsElsewhere(located, folder);
  const tips = new Map(
    (
      await readTips(
        git,
        main,
        branches.map((one) => one.commit),
      )
    ).map((one) => [one.commit, one]),
  );
  const merged = new Map<string, Awaited<ReturnType<typeof mergedInto>>>();
  const found: Leftover[] = [];
  for (const { ref, commit, checkout, run } of branches) {
    const target = (await existing(located, targetOf(run))) ?? 'HEAD';
    const into = merged.get(target) ?? (await mergedInto(located, target));
    merged.set(target, into);
    const tip = tips.get(commit);
    const task = tip?.task ?? ref.split('/').at(-2) ?? null;
    const attempt = Number(ref.slice(ref.lastIndexOf('/') + 1));
    const base = { kind: 'branch' as const, name: ref, commit, task, attempt, run };
    const short = ref.replace(/^refs\/heads\//, '');
    const look = ['log', '-p', `${shortOf(target)}..${short}`];
    if (checkout !== '') {
      found.push({ ...base, goes: false, why: `it is checked out in ${checkout}`, look, discardable: false });
    } else if (elsewhere.has(run)) {
      const why = `its run belongs to ${elsewhere.get(run)}`;
      found.push({ ...base, goes: false, why, look, discardable: false });
    } else if (into.refs.has(ref) || into.keys.has(`${run} ${task} ${attempt}`)) {
      found.push({ ...base, goes: true, why: `its work is in ${shortOf(target)}`, look: null, discardable: true });
    } else {
      const why = `its work is not in ${shortOf(target)}`;
      found.push({ ...base, goes: discard, why, look, discardable: true });
    }
  }
  return found;
}

function shortOf(target: string): string {
  return target.replace(/^refs\/heads\//, '');
}

async function existing({ git, main }: Located, ref: string | null): Promise<string | null> {
  if (ref === null) return null;
  return (await git.ask(main, ['rev-parse', '-q', '--verify', `${ref}^{commit}`])).code === 0 ? ref : null;
}

/** What has joined a target: branches whose commit is in it, and attempts whose work came there as another commit. */
async function mergedInto({ git, main, head }: Located, target: string) {
  if (target === 'HEAD' && head === null) return { refs: new Set<string>(), keys: new Set<string>() };
  const listed = await git.run(main, [
    'for-each-ref',
    `--merged=${target}`,
    '--format=%(refname)',
    'refs/heads/implement/',
  ]);
  const trail = await readTrail(git, main, target);
  return {
    refs: new Set(listed.toString('utf8').split('\n')),
    keys: new Set(trail.filter((one) => one.kind === 'task').map((one) => `${one.run} ${one.task} ${one.attempt}`)),
  };
}

/** Runs whose worktrees lie in another directory: that of another checkout, or another state directory. */
function runsElsewhere({ commonDir }: Located, folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { dir, admin } of worktreesOf(commonDir)) {
    if (dirname(dir) === folder || !existsSync(dir)) continue;
    try {
      const { run } = JSON.parse(readFileSync(join(admin, 'implement.json'), 'utf8')) as Partial<SlotNote>;
      if (typeof run === 'string') found.set(run, dirname(dir));
    } catch {
      // No worktree of a run.
    }
  }
  return found;
}
