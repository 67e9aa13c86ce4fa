/** The runner of a task's own script block. Knows which program reads which language; not what the script does. */
import type { Work } from '../core/assignment.ts';
import type { Command, Processes } from './process.ts';
import type { Runner } from './runner.ts';

type Script = Extract<Work, { kind: 'script' }>;

/** A script that begins with `-` must not become an option: hence `--` and `=`; Node wants at least a newline. */
const COMMANDS: Readonly<Record<Script['language'], (source: string) => Command>> = {
  sh: (source) => ({ file: 'sh', args: ['-e', '-c', '--', source] }),
  bash: (source) => ({ file: 'bash', args: ['-e', '-o', 'pipefail', '-c', '--', source] }),
  js: (source) => ({ file: process.execPath, args: [`--eval=${source}\n`] }),
};

/** Shell scripts stop at the first command that fails; `js` is Node, as a module where it uses module syntax. */
export function createScriptRunner(processes: Pick<Processes, 'run'>): Runner<Script> {
  return {
    run: (work, assignment, io) => processes.run(COMMANDS[work.language](work.source), assignment, io),
  };
}
