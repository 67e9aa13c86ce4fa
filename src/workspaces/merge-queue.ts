/**
 * Brings changes into the target, one by one, in the order in which they come: merged with the head of that moment,
 * verified again where that is asked for, published by compare-and-swap. Knows commits and trees; what is run in
 * worktrees, and what an ending means, is decided elsewhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import PQueue from 'p-queue';
import type { Change, FileChange, MergeResult } from '../core/change.ts';
import { type Diagnostic, warning } from '../core/diagnostic.ts';
import type { FailureReason, Outcome, StepId } from '../core/event.ts';
import type { AttemptIo } from '../runners/runner.ts';
import type { Follower, Publication } from './checkout.ts';
import { differences, filesOf, withFile } from './commit.ts';
import { type Conflict, conflictOf } from './conflict.ts';
import { GitFault, records, shown } from './git.ts';
import { checkoutsOf, type Repository } from './repository.ts';
import { type Dirty, statusOf } from './status.ts';

export interface Merging {
  readonly step: StepId;
  readonly attempt: number;
  readonly slot: number;
  readonly change: Change;
  readonly io: Pick<AttemptIo, 'stop' | 'kill' | 'verifying'>;
  /** Ticks the box in the user's copy of the task file. */
  tick(): Promise<boolean>;
  publishing(commit: string, onto: string): Promise<void>;
}

interface QueueInput {
  readonly repository: Repository;
  readonly follower: Follower;
  /** Attempts work in the user's own tree: what is uncommitted there is theirs, or the user's. */
  readonly inTree: boolean;
  /** Commits that were published by earlier sessions; if the last of them is gone, the target was rewritten. */
  readonly last: string;
  /** The text of the task file with the boxes of a task ticked; `null`: nothing to tick. */
  tickText(text: Buffer, step: StepId): Buffer | null;
  /** Runs the task's verification at `commit` in the attempt's slot; `null` where none is configured. */
  readonly verify: ((merging: Merging, commit: string) => Promise<Outcome>) | null;
  /** Keeps what an attempt needs to know about the conflict of the one before. */
  writeConflict(step: StepId, attempt: number, conflict: Conflict): void;
  /** Names of the tasks that run now. */
  running(): readonly string[];
  tell(diagnostic: Diagnostic): void;
  readonly clean: (text: string) => string;
  /** A change has joined the target, with these files (one character per byte). */
  published(commit: string): void;
}

export interface MergeQueue {
  /** Never rejects. */
  merge(merging: Merging): Promise<MergeResult>;
  /** Compares the user's checkout with what it was; tells what an attempt wrote there. */
  watch(step: StepId): Promise<void>;
  /** Settles when nothing waits any more. */
  idle(): Promise<void>;
}

/** How often the target may be moved by others while one change is merged. */
const TRIES = 20;

export async function createMergeQueue(input: QueueInput): Promise<MergeQueue> {
  const { repository, clean, tell } = input;
  const { git, main, target, taskFile } = repository;
  const queue = new PQueue({ concurrency: 1 });
  let last = input.last;
  let rewritten: string | null = null;
  let config = configOf(repository);
  let before = new Map((await statusOf(repository)).map((one) => [one.path, one.signature]));
  /** The task file in the last published commit: mostly the head is still that commit. */
  let known: { readonly commit: string; readonly blob: string; readonly mode: string; readonly text: Buffer } | null =
    null;

  async function merge(merging: Merging): Promise<MergeResult> {
    const dirty = input.inTree ? [] : await look(merging.step);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const result = await mergeOnto(merging, await headNow(), dirty);
      if (result !== 'moved') return result;
    }
    return held('somebody else moves the target all the time', merging);
  }

  async function headNow(): Promise<string> {
    const head = await git.line(main, ['rev-parse', '--verify', `${target}^{commit}`]);
    if (head !== last && rewritten === null) {
      const kept = await git.ask(main, ['merge-base', '--is-ancestor', last, head]);
      if (kept.code === 0) last = head;
      else
        rewritten = `${shortName(target)} was rewritten while the run went on: ${last.slice(0, 10)} is no longer in it`;
    }
    return head;
  }

  async function mergeOnto(merging: Merging, head: string, dirty: readonly Dirty[]): Promise<MergeResult | 'moved'> {
    const { change, step } = merging;
    if (rewritten !== null) return held(rewritten, merging);
    const tree = await mergedTree(merging, head);
    if (typeof tree !== 'string') return tree;
    const ticked = await tickedFile(head, step);
    const sealed = ticked === null ? tree : await withFile(git, main, tree, taskFile, ticked);
    const entries = (await differences(git, main, head, sealed)).filter((one) => one.path !== taskFile);
    const inTheWay = await checkoutsInTheWay(
      entries.map((one) => one.path),
      dirty,
    );
    if (inTheWay.length > 0) return held(`uncommitted changes stand in the way: ${list(inTheWay)}`, merging, inTheWay);
    const commit = await git.line(main, ['commit-tree', sealed, '-p', head, '-F', '-'], change.message);
    if (head !== change.base && input.verify !== null) {
      const outcome = await input.verify(merging, commit);
      if (outcome.kind === 'failure') return { kind: 'failure', failure: outcome.failure, held: false, clashes: [] };
      if ((await headNow()) !== head) return 'moved';
    }
    const publication: Publication = { onto: head, commit, tree, ticked, entries };
    const done = await publish(merging, publication, filesOf(entries, taskFile));
    if (done !== 'moved' && done.kind === 'merged') {
      if (ticked !== null) known = { commit, blob: ticked.blob, mode: ticked.mode, text: ticked.text };
      input.published(commit);
    }
    return done;
  }

  /** The tree of the change on top of `head`, or how it contradicts it. */
  async function mergedTree({ change, step, attempt }: Merging, head: string): Promise<string | MergeResult> {
    if (head === change.base) return git.line(main, ['rev-parse', `${change.commit}^{tree}`]);
    const merged = await git.ask(main, [
      'merge-tree',
      '--write-tree',
      '-z',
      '--name-only',
      '--no-messages',
      head,
      change.commit,
    ]);
    const [tree, ...paths] = records(merged.stdout);
    if (merged.code === 0 && tree !== undefined) return tree;
    if (merged.code !== 1 || tree === undefined) throw new GitFault(['merge-tree'], merged.code, merged.stderr.trim());
    const conflict = await conflictOf(git, main, {
      base: change.base,
      head,
      commit: change.commit,
      tree,
      paths: paths.filter((path) => path !== ''),
    });
    input.writeConflict(step, attempt, conflict);
    const { tasks } = conflict;
    const names = list(conflict.paths.map((one) => one.path));
    const whom = tasks.length > 0 ? ` with ${list(tasks)}` : '';
    const message = clean(`its change contradicts what was merged meanwhile${whom}: ${names}`);
    const hint = `To finish by hand: git cherry-pick ${shortName(change.ref)} on ${shortName(target)}, resolve, commit, tick its box.`;
    return lost('merge-conflict', message, { tail: clean(hint), clashes: tasks });
  }

  /** The task file at `head` with the box of the task ticked, or `null` where it is not tracked or needs no tick. */
  async function tickedFile(
    head: string,
    step: StepId,
  ): Promise<(NonNullable<Publication['ticked']> & { text: Buffer }) | null> {
    const file = known?.commit === head ? known : await taskFileAt(head);
    if (file === null) return null;
    const text = input.tickText(file.text, step);
    if (text === null) return null;
    const blob = await git.line(main, ['hash-object', '-w', '--stdin', '--no-filters'], text);
    return { mode: file.mode, before: file.blob, blob, text };
  }

  async function taskFileAt(head: string) {
    if (taskFile.startsWith('../')) return null;
    const listed = await git.run(main, ['ls-tree', '-z', head, '--', `:(top,literal)${shown(taskFile)}`]);
    const [mode, type, blob] = records(listed)[0]?.split(/[ \t]/) ?? [];
    if (mode === undefined || blob === undefined || type !== 'blob' || !mode.startsWith('100')) return null;
    return { commit: head, mode, blob, text: await git.run(main, ['cat-file', 'blob', blob]) };
  }

  /** Names of dirty files of the user that the change would touch, where the user's checkout is on the target. */
  async function checkoutsInTheWay(paths: readonly string[], dirty: readonly Dirty[]): Promise<string[]> {
    if (!checkoutsOf(repository, target).some((one) => one.gitDir === main.gitDir)) return [];
    const touched = new Set(paths);
    return dirty.flatMap((one) => (touched.has(one.path) ? [one.shown] : []));
  }

  async function publish(
    merging: Merging,
    publication: Publication,
    files: readonly FileChange[],
  ): Promise<MergeResult | 'moved'> {
    const { change, step } = merging;
    const { onto, commit } = publication;
    await merging.publishing(commit, onto);
    const checkouts = checkoutsOf(repository, target);
    const followed: typeof checkouts = [];
    const back = async (): Promise<void> => {
      for (const one of followed) await input.follower.back(one, publication);
    };
    for (const checkout of checkouts) {
      const { held: names } = await input.follower.follow(checkout, publication);
      if (names.length > 0) {
        await back();
        // Somebody who has just moved the target has brought their files along.
        if ((await headNow()) !== onto) return 'moved';
        return held(`uncommitted changes stand in the way: ${list(names)}`, merging, names);
      }
      followed.push(checkout);
    }
    const ticked = await merging.tick();
    const superseded = merging.attempt > 1 ? await refsOf(change.ref) : [change.ref];
    const commands = [`update ${target} ${commit} ${onto}`, ...superseded.map((ref) => `delete ${ref}`)];
    const moved = await git.ask(
      main,
      ['update-ref', '-m', `implement: ${clean(step)}`, '--stdin'],
      `${commands.join('\n')}\n`,
    );
    if (moved.code !== 0) {
      await back();
      const now = await git.line(main, ['rev-parse', '--verify', `${target}^{commit}`]);
      if (now !== onto) return 'moved';
      throw new GitFault(['update-ref'], moved.code, moved.stderr.trim());
    }
    last = commit;
    return { kind: 'merged', commit, files, ticked };
  }

  /** Branches of all attempts of the task: with this one merged nobody needs them. */
  async function refsOf(ref: string): Promise<string[]> {
    const folder = ref.slice(0, ref.lastIndexOf('/') + 1);
    const listed = await git.line(main, ['for-each-ref', '--format=%(refname)', folder]);
    return listed.split('\n').filter((name) => name !== '');
  }

  function held(why: string, { change }: Merging, names: readonly string[] = []): MergeResult {
    const how =
      names.length > 0
        ? `Commit, stash or remove ${names.length === 1 ? 'it' : 'them'}, then: implement --continue`
        : `Its work is safe on ${shortName(change.ref)}.`;
    const message = clean(`done, but not merged: ${why}. It waits on ${shortName(change.ref)}`);
    return lost('held-back', message, { tail: clean(how), held: true });
  }

  /** Worktrees share the repository's configuration: what an attempt sets there, all of the user's work has. */
  function watchConfig(step: StepId): void {
    const now = configOf(repository);
    if (now === config) return;
    config = now;
    tell(
      warning(
        'escaped',
        clean(`The configuration of the repository changed while ${step} ran: ${repository.commonDir}/config.`),
        null,
        {
          hint: clean('By it, by a task beside it, or by you. Look at it: git config --local --list'),
        },
      ),
    );
  }

  /** What is dirty in the user's checkout now, and what of it was not a moment ago. */
  async function look(step: StepId): Promise<Dirty[]> {
    watchConfig(step);
    const now = await statusOf(repository);
    const fresh = now.filter((one) => one.path !== taskFile && before.get(one.path) !== one.signature);
    before = new Map(now.map((one) => [one.path, one.signature]));
    if (fresh.length > 0) {
      const others = input.running().filter((name) => name !== step);
      const who = others.length > 0 ? `${step} or ${list(others)}` : step;
      tell(
        warning(
          'escaped',
          clean(
            `Your checkout changed while ${step} ran, outside its worktree: ${list(fresh.map((one) => one.shown))}.`,
          ),
          null,
          {
            hint: clean(`Written by ${who}, or by you; it is not part of any commit.`),
          },
        ),
      );
    }
    return now.filter((one) => one.path !== taskFile);
  }

  const safely = async (merging: Merging): Promise<MergeResult> => {
    try {
      return await merge(merging);
    } catch (fault) {
      const reason: FailureReason = fault instanceof GitFault ? 'workspace' : 'unexpected';
      const message = fault instanceof Error ? fault.message : String(fault);
      const tail = fault instanceof GitFault ? clean(fault.said) : '';
      return lost(reason, clean(message), { tail });
    }
  };

  return {
    merge: (merging) => queue.add(() => safely(merging)),
    watch: (step) =>
      queue.add(async () => {
        if (!input.inTree) await look(step).catch(() => []);
      }),
    idle: () => queue.onIdle(),
  };
}

function configOf({ commonDir }: Repository): string {
  try {
    return readFileSync(join(commonDir, 'config'), 'utf8');
  } catch {
    return '';
  }
}

function lost(
  reason: FailureReason,
  message: string,
  { tail, held = false, clashes = [] }: { tail: string; held?: boolean; clashes?: readonly string[] },
): MergeResult {
  return { kind: 'failure', failure: { reason, message, exitCode: null, signal: null, tail }, held, clashes };
}

export function shortName(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}

function list(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
}
