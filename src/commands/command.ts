/** What every command that only looks is handed. They read and print, and never start a task. */
import { draw, type Paint, plainDiagnostic } from '../core/caret.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import type { Output } from '../reporters/reporter.ts';

export interface CommandIo {
  readonly output: Output;
  readonly paint: Paint;
  readonly cwd: string;
  /** Takes control codes and secrets out of text that comes from outside. */
  readonly clean: (text: string) => string;
}

/** Exit codes of the commands: all is well, something is not as it should be, bad input. */
export const OK = 0;
export const BAD_INPUT = 2;

/** Prints diagnostics to standard error, errors last: what is read first in a terminal is the end. */
export function printDiagnostics(io: CommandIo, diagnostics: readonly Diagnostic[], source: SourceFile | null): void {
  const rank = { info: 0, warning: 1, error: 2 } as const;
  for (const one of [...diagnostics].sort((a, b) => rank[a.severity] - rank[b.severity]))
    io.output.err(draw(one, source, io.paint));
}

/** The object that `--json` prints when nothing could be done. */
export function refusal(diagnostics: readonly Diagnostic[], source: SourceFile | null): string {
  return JSON.stringify(
    { schemaVersion: 1, exitCode: BAD_INPUT, diagnostics: diagnostics.map((one) => plainDiagnostic(one, source)) },
    null,
    2,
  );
}

/** JSON for a terminal too: what would turn its writing direction or be obeyed by it stands there as an escape. */
export function printable(value: object): string {
  return JSON.stringify(value, null, 2).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (code) => `\\u${code.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
