/** Words for a command line that cannot be understood. */
import type { Output } from '../reporters/reporter.ts';
import { BAD_INPUT } from './command.ts';

export function usageError(message: string, argv: readonly string[], output: Output): void {
  const [first, ...rest] = message.split('\n');
  const hint = [...rest.map((line) => line.replace(/^\(|\)$/g, '')), 'implement --help lists the flags.'].join(' ');
  if (argv.includes('--json')) {
    const diagnostic = { severity: 'error', code: 'usage', message: first, line: null, column: null, hint };
    output.out(JSON.stringify({ schemaVersion: 1, exitCode: BAD_INPUT, diagnostics: [diagnostic] }, null, 2));
  } else output.err(`error[usage]: ${first}\n  → ${hint}`);
}
