/** `implement init`: what was chosen for a first configuration, and why. */

import type { Choice } from '../core/proposal.ts';
import { oneLine } from '../core/redact.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface InitView {
  /** As the user would write it. */
  readonly file: string;
  readonly text: string;
  readonly choices: readonly Choice[];
  readonly dryRun: boolean;
  /** What was there before, under its new names. */
  readonly backups: readonly string[];
  readonly json: boolean;
}

export function initCommand({ file, text, choices, dryRun, backups, json }: InitView, io: CommandIo): number {
  if (json) {
    io.output.out(
      printable({
        schemaVersion: 1,
        file,
        written: !dryRun,
        backups,
        choices: choices.map((one) => ({ ...one, value: [one.value].flat() })),
        text,
      }),
    );
    return OK;
  }
  // With --dry-run the text alone is the result.
  const say = dryRun ? io.output.err : io.output.out;
  const word = (one: string): string => oneLine(io.clean(one));
  for (const backup of backups) say(`Kept what was there: ${word(backup)}`);
  if (dryRun) io.output.out(text.replace(/\n$/, ''));
  else say(`Wrote ${word(file)}`);
  for (const { key, value, why } of choices) {
    say(`  ${io.paint.bold(key)}: ${word([value].flat().join(', '))}`);
    say(`    because ${word(why)}`);
  }
  if (choices.length === 0) say('  Nothing was found to verify with or to install: everything in it is a comment.');
  return OK;
}
