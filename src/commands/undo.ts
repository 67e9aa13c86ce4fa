/** `implement undo`: what was taken back. */
import { filesLine } from '../core/change.ts';
import { counted } from '../core/duration.ts';
import { oneLine } from '../core/redact.ts';
import type { UndoReport } from '../undoing.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface UndoView {
  readonly report: UndoReport;
  readonly json: boolean;
  /** The task file as the user would write it. */
  readonly file: string;
  readonly continueCommand: string;
}

export function undoCommand({ report, json, file, continueCommand }: UndoView, io: CommandIo): number {
  const { kind, target, tasks, before } = report;
  if (json) {
    io.output.out(
      printable({
        schemaVersion: 1,
        status: kind,
        branch: target,
        tasks: tasks.map((one) => ({ ...one, by: kind === 'planned' ? null : one.by })),
        before,
      }),
    );
    return OK;
  }
  const { out } = io.output;
  const word = (text: string): string => oneLine(io.clean(text));
  if (before !== null) {
    out(`${word(before.task)} is undone already: ${before.by.slice(0, 7)} takes back ${before.commit.slice(0, 7)}.`);
    return OK;
  }
  const isPlanned = kind === 'planned';
  out(
    `${isPlanned ? 'Would undo' : 'Undone'} on ${io.paint.bold(word(target))}, with ${counted(tasks.length, 'commit')}:`,
  );
  for (const one of tasks) {
    const what = isPlanned
      ? `takes back ${one.commit.slice(0, 7)}`
      : `${one.by.slice(0, 7)} takes back ${one.commit.slice(0, 7)}`;
    out(`  ${word(one.task)} ${one.title} ${io.paint.dim(`[${what}]`)}`);
    const files = one.files.map((each) => ({ ...each, path: word(each.path) }));
    if (files.length > 0) out(`      ${filesLine(files, 10)}`);
  }
  if (isPlanned) out('Nothing was changed.');
  else {
    const opened = tasks.filter((one) => one.opened);
    if (opened.length > 0)
      out(`Open again in ${word(file)}: ${[...new Set(opened.map((one) => word(one.task)))].join(', ')}`);
    out(`To do ${tasks.length === 1 ? 'it' : 'them'} again: ${continueCommand}`);
  }
  return OK;
}
