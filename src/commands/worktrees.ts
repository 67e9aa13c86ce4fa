/** `implement worktrees`: the slots of a project, whose they are, and what lies in them. */
import { counted } from '../core/duration.ts';
import { oneLine } from '../core/redact.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface WorktreeView {
  readonly number: number;
  /** Relative to the project root. */
  readonly dir: string;
  /** As the user would write it. */
  readonly shown: string;
  /** `running`: an attempt works in it; `kept`: as a failed attempt left it; `free`; `gone`: its directory is not there. */
  readonly state: 'running' | 'kept' | 'free' | 'gone';
  /** Whose it is, or was last. */
  readonly task: string | null;
  readonly attempt: number | null;
  readonly run: string | null;
  /** That run is alive. */
  readonly live: boolean;
  /** Files with uncommitted work. */
  readonly changes: readonly string[];
  /** Commits were made in it that are on no branch. */
  readonly ownCommits: boolean;
  /** Why it cannot be looked at, or `null`. */
  readonly fault: string | null;
}

export function worktreesCommand(worktrees: readonly WorktreeView[], json: boolean, io: CommandIo): number {
  if (json) {
    const plain = worktrees.map(({ shown, ...one }) => one);
    io.output.out(printable({ schemaVersion: 1, worktrees: plain }));
    return OK;
  }
  const { out } = io.output;
  const word = (text: string): string => oneLine(io.clean(text));
  if (worktrees.length === 0) {
    out('There are no worktrees of runs here.');
    return OK;
  }
  const width = Math.max(...worktrees.map((one) => one.shown.length));
  for (const one of worktrees) {
    const whose = one.task === null ? '' : `${word(one.task)}, attempt ${one.attempt}, run ${word(one.run ?? '')}`;
    const alive = one.live ? ' (alive)' : '';
    const state = {
      running: `in use by ${whose}${alive}`,
      kept: `kept for ${whose}${alive}`,
      free: whose === '' ? 'free' : `free; last used by ${whose}${alive}`,
      gone: 'its directory is gone',
    }[one.state];
    out(`${io.paint.bold(`slot ${one.number}`)}  ${word(one.shown).padEnd(width)}  ${state}`);
    if (one.fault !== null) out(`        cannot be looked at: ${word(one.fault)}`);
    if (one.changes.length > 0) {
      const some = one.changes.slice(0, 6).map(word);
      const rest = one.changes.length > some.length ? `, … and ${one.changes.length - some.length} more` : '';
      out(`        uncommitted: ${counted(one.changes.length, 'file')} (${some.join(', ')}${rest})`);
    }
    if (one.ownCommits) out('        holds commits that are on no branch');
  }
  return OK;
}
