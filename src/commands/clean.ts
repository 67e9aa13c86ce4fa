/** `implement clean`: what of the remains of ended runs goes or went, and what stays and why. */
import { shellWord } from '../core/command-line.ts';
import { counted } from '../core/duration.ts';
import { oneLine } from '../core/redact.ts';
import type { Leftover } from '../workspaces/clean.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface CleanView {
  readonly leftovers: readonly Leftover[];
  readonly dryRun: boolean;
  readonly json: boolean;
  /** A path as the user would write it. */
  show(path: string): string;
}

export function cleanCommand(view: CleanView, io: CommandIo): number {
  const going = view.leftovers.filter((one) => one.goes);
  const staying = view.leftovers.filter((one) => !one.goes);
  if (view.json) {
    io.output.out(
      printable({
        schemaVersion: 1,
        dryRun: view.dryRun,
        removed: going.map((one) => plain(one, view)),
        kept: staying.map((one) => plain(one, view)),
      }),
    );
    return OK;
  }
  const { out } = io.output;
  const word = (text: string): string => oneLine(io.clean(text));
  if (view.leftovers.length === 0) {
    out('Ended runs left no worktrees and no branches.');
    return OK;
  }
  const line = (one: Leftover): string => {
    const whose = one.task === null ? '' : ` (${word(one.task)}, attempt ${one.attempt}, run ${word(one.run ?? '')})`;
    return `  ${one.kind} ${word(nameOf(one, view))}${whose}: ${word(one.why)}`;
  };
  if (going.length > 0) out(view.dryRun ? `Would remove ${things(going)}:` : `Removed ${things(going)}:`);
  for (const one of going) out(`${line(one)}${one.commit === null ? '' : ` (was ${one.commit.slice(0, 7)})`}`);
  if (staying.length > 0) out(view.dryRun ? `Would keep ${things(staying)}:` : `Kept ${things(staying)}:`);
  for (const one of staying) {
    out(line(one));
    if (one.look !== null) out(`    to look at it: ${lookAt(one, view)}`);
  }
  if (staying.some((one) => one.discardable)) out('To throw that away as well: implement clean --discard');
  if (view.dryRun) out('Nothing was changed.');
  return OK;
}

function things(all: readonly Leftover[]): string {
  const worktrees = all.filter((one) => one.kind === 'worktree').length;
  const branches = all.length - worktrees;
  return [
    ...(worktrees > 0 ? [counted(worktrees, 'worktree')] : []),
    ...(branches > 0 ? [counted(branches, 'branch', 'branches')] : []),
  ].join(' and ');
}

function nameOf({ kind, name }: Leftover, view: CleanView): string {
  return kind === 'worktree' ? view.show(name) : name.replace(/^refs\/heads\//, '');
}

function lookAt({ look, name }: Leftover, view: CleanView): string {
  return ['git', ...(look ?? []).map((one) => shellWord(one === name ? view.show(name) : one))].join(' ');
}

function plain(one: Leftover, view: CleanView): object {
  return {
    kind: one.kind,
    name: nameOf(one, view),
    commit: one.commit,
    task: one.task,
    attempt: one.attempt,
    run: one.run,
    why: one.why,
    look: one.look === null ? null : lookAt(one, view),
  };
}
