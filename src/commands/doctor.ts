/** `implement doctor`: what runs need and whether it is there, line by line, with what to do. */
import { oneLine } from '../core/redact.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface Finding {
  /** What was looked at. */
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was found, as a sentence without its full stop. */
  readonly message: string;
  /** What to do, or `null`. */
  readonly hint: string | null;
}

export interface DoctorView {
  readonly findings: readonly Finding[];
  readonly agents: readonly {
    readonly name: string;
    readonly path: string | null;
    readonly version: string | null;
    readonly fault: string | null;
  }[];
  readonly json: boolean;
}

/** Exit code where something is a problem. */
const PROBLEM = 1;

export function doctorCommand({ findings, agents, json }: DoctorView, io: CommandIo): number {
  const code = findings.some((one) => one.state === 'problem') ? PROBLEM : OK;
  const word = (text: string): string => oneLine(io.clean(text));
  const clean = findings.map((one) => ({
    ...one,
    message: word(one.message),
    hint: one.hint === null ? null : word(one.hint),
  }));
  if (json) {
    io.output.out(printable({ schemaVersion: 1, exitCode: code, findings: clean, agents }));
    return code;
  }
  const paint = { ok: io.paint.info, warning: io.paint.warning, problem: io.paint.error };
  const width = Math.max(...clean.map((one) => one.name.length));
  for (const { name, state, message, hint } of clean) {
    io.output.out(`${paint[state](state.padEnd(7))}  ${name.padEnd(width)}  ${message}`);
    if (hint !== null) io.output.out(`${' '.repeat(9 + width)}  → ${hint}`);
  }
  return code;
}
