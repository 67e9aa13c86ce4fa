/**
 * Which agent a run has, and what follows from having one: where it works, and how much it may do there. Looks for
 * programs and for a repository; starts nothing.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Diagnostic, error, fail, info, ok, type Result } from './core/diagnostic.ts';
import type { RunOptions } from './core/event.ts';

interface Around {
  /** Absolute path of the project root. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Somebody said whether there are to be worktrees. */
  readonly isPlaced: boolean;
  /** Somebody said what may overlap. */
  readonly isOverlapSaid: boolean;
}

/**
 * The options with the agent by its name, and with worktrees where agents work side by side in a repository. Notes say
 * what was chosen. Errors: no such agent, or not installed; more freedom than the place allows.
 */
export async function chooseAgent(options: RunOptions, around: Around): Promise<Result<RunOptions>> {
  if (options.agent === null) {
    if (options.yolo === 'off') return ok(options);
    return fail(
      error('usage', '--yolo is about an agent, and this run has none.', null, { hint: 'Add --agent NAME.' }),
    );
  }
  const { findAgent } = await import('./runners/agents/find.ts');
  const found = findAgent(options.agent, around.env['PATH'] ?? '');
  if (!found.ok) return found;
  const { name, capabilities } = found.value;
  const notes: Diagnostic[] = [];
  if (options.agent === 'auto') notes.push(info('agent', `The agent is ${name}: the first that is installed.`, null));
  const isImplied = options.parallel && !options.worktree && !around.isPlaced && isInRepository(around.root);
  if (isImplied) {
    notes.push(
      info('agent', 'Agents side by side work in worktrees of their own, and what is done is committed.', null, {
        hint: 'To have them in one tree: --no-worktree',
      }),
    );
  }
  const worktree = options.worktree || isImplied;
  const overlap = isImplied && !around.isOverlapSaid ? 'stories' : options.overlap;
  const chosen: RunOptions = { ...options, agent: name, worktree, overlap };
  const fault = tooFree(chosen) ?? (capabilities.approval === 'none' && chosen.yolo === 'off' ? tooBound(name) : null);
  return fault === null ? ok(chosen, notes) : fail(fault);
}

function tooFree({ yolo, worktree, agent }: RunOptions): Diagnostic | null {
  if (yolo !== 'worktree' || worktree) return null;
  return error('usage', `With --yolo ${agent} may do everything, and here it would do it in your own tree.`, null, {
    hint: 'Give it a worktree: --worktree. Or confirm that this tree is meant: --yolo --yolo-in-place',
  });
}

function tooBound(name: string): Diagnostic {
  return error('usage', `${name} cannot be allowed to edit files without being allowed everything.`, null, {
    hint: 'To allow it: --worktree --yolo',
  });
}

function isInRepository(root: string): boolean {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return true;
    if (dirname(folder) === folder) return false;
  }
}
