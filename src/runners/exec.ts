/** The runner of the user's `--exec` command. Knows that a shell takes it; not what it does. */
import type { Work } from '../core/assignment.ts';
import type { Processes } from './process.ts';
import type { Runner } from './runner.ts';

/**
 * `sh -c COMMAND`, the command unchanged: the task comes to it through the environment and standard input only, so
 * that no text of a task is ever read by a shell.
 */
export function createExecRunner(processes: Pick<Processes, 'run'>): Runner<Extract<Work, { kind: 'exec' }>> {
  return {
    run: (work, assignment, io) => processes.run({ file: 'sh', args: ['-c', '--', work.command] }, assignment, io),
  };
}
