/**
 * Attempts in the user's own tree whose result becomes a commit: what a task changed is what the tree is after it and
 * was not before. Files that were uncommitted when the run began are the user's, and never committed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Assignment } from '../core/assignment.ts';
import type { Change } from '../core/change.ts';
import { type Diagnostic, warning } from '../core/diagnostic.ts';
import type { Outcome, StepId } from '../core/event.ts';
import { failed } from '../core/outcome.ts';
import { indexLine } from './checkout.ts';
import { differences, filesOf, type RunHook, runMessageHooks, runPreCommit, stageAll } from './commit.ts';
import { copyIndex, GitFault, shown } from './git.ts';
import type { Repository } from './repository.ts';
import type { Workspace } from './workspace.ts';
import type { Shell } from './worktree.ts';

interface InTreeInput {
  readonly repository: Repository;
  readonly shell: Pick<Shell, 'hook'>;
  /** Absolute path of the project root. */
  readonly root: string;
  readonly clean: (text: string) => string;
  tell(diagnostic: Diagnostic): void;
  /** What the user had not committed when the run began; one character per byte. */
  readonly users: ReadonlySet<string>;
  /** The tree of the moment before a task's first attempt, kept over sessions. */
  readonly snapshots: { get(step: StepId): string | null; set(step: StepId, tree: string): void };
}

export function createInTree(input: InTreeInput): Workspace {
  const { repository, shell, users, snapshots, clean, tell } = input;
  const { git, main } = repository;
  const treeIndex = { ...main, index: `${main.gitDir}/implement-tree-index` };
  const commitIndex = { ...main, index: `${main.gitDir}/implement-commit-index` };

  /** The tree as the work of each step left it. */
  const taken = new Map<StepId, string>();

  async function treeNow(): Promise<string> {
    // What is known about files that did not change need not be found out again.
    if (!existsSync(treeIndex.index) && existsSync(join(main.gitDir, 'index')))
      copyIndex(join(main.gitDir, 'index'), treeIndex.index);
    await stageAll(repository, treeIndex);
    return git.line(treeIndex, ['write-tree']);
  }

  async function changeOf(assignment: Assignment, hook: RunHook): Promise<Change | Outcome> {
    const { commit, step } = assignment;
    if (commit === null) throw new Error(`${assignment.id} is not to be committed`);
    const base = await git.line(main, ['rev-parse', '--verify', `${repository.target}^{commit}`]);
    const entries = await differences(git, main, snapshots.get(step) ?? base, taken.get(step) ?? base);
    const left = entries.filter((one) => users.has(one.path));
    const own = entries.filter((one) => !users.has(one.path));
    if (left.length > 0) {
      const names = left.map((one) => shown(one.path)).join(', ');
      tell(
        warning(
          'dirty-tree',
          clean(`${step} changed files that were uncommitted before the run: ${names}. They stay uncommitted.`),
          null,
        ),
      );
    }
    await git.run(commitIndex, ['read-tree', base]);
    const lines = own.map(({ path, after }) => indexLine(path, after));
    await git.run(commitIndex, ['update-index', '-z', '--index-info'], Buffer.from(lines.join(''), 'latin1'));
    const hooked = await runPreCommit(repository, commitIndex, hook);
    if (hooked !== null) return hooked;
    let tree = await git.line(commitIndex, ['write-tree']);
    // A hook may have taken the task file in: it stays as it was.
    const found = await differences(git, commitIndex, base, tree);
    const aside = found.filter((one) => one.path === repository.taskFile);
    if (aside.length > 0) {
      const entries = aside.map(({ path, before }) => indexLine(path, before)).join('');
      await git.run(commitIndex, ['update-index', '-z', '--index-info'], Buffer.from(entries, 'latin1'));
      tree = await git.line(commitIndex, ['write-tree']);
    }
    const message = await runMessageHooks(repository, commitIndex, commit.message, hook);
    if (typeof message !== 'string') return message;
    const oid = await git.line(main, ['commit-tree', tree, '-p', base, '-F', '-'], message);
    await git.run(main, ['update-ref', '-m', 'implement: attempt', commit.ref, oid]);
    const files = filesOf(await differences(git, main, base, oid), repository.taskFile);
    return { commit: oid, base, ref: commit.ref, message, files };
  }

  const asOutcome = (fault: unknown): Outcome => {
    if (!(fault instanceof GitFault)) throw fault;
    return failed('workspace', clean(fault.message), { exitCode: fault.code, tail: clean(fault.said) });
  };

  return {
    async open(assignment) {
      try {
        const { step, commit } = assignment;
        if (commit !== null && snapshots.get(step) === null) snapshots.set(step, await treeNow());
        return { kind: 'ready', place: { dir: input.root, env: {} } };
      } catch (fault) {
        return { kind: 'failure', outcome: asOutcome(fault) };
      }
    },
    async take({ step }) {
      try {
        taken.set(step, await treeNow());
        return null;
      } catch (fault) {
        return asOutcome(fault);
      }
    },
    async commit(assignment, io, verified) {
      const hook: RunHook = (args, env) => shell.hook(args, { ...assignment, env: { ...assignment.env, ...env } }, io);
      try {
        const made = await changeOf(assignment, hook);
        return 'kind' in made ? made : { kind: 'success', verified, change: made };
      } catch (fault) {
        return asOutcome(fault);
      }
    },
    close() {},
  };
}
