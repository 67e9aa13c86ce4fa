/** Command lines that the user is told to type. Pure; knows the flags by name only. */
import type { RunOptions } from './event.ts';

export interface Place {
  /** The task file as the user would write it; `null` where the command finds it by itself. */
  readonly file: string | null;
  /** `--state-dir` as given, or `null`. */
  readonly stateDir: string | null;
}

/** `implement path/to/tasks.md --continue`, with what the shell needs quoted. */
export function commandLine(flags: readonly string[], place: Place): string {
  return [
    'implement',
    ...(place.file === null ? [] : [shellWord(place.file)]),
    ...flags,
    ...(place.stateDir === null ? [] : [`--state-dir=${shellWord(place.stateDir)}`]),
  ].join(' ');
}

/** Flags that a further run of the same file needs again. */
export function againFlags(options: Pick<RunOptions, 'parallel' | 'scripts' | 'exec'>): string[] {
  return [
    ...(options.parallel ? ['--parallel'] : []),
    ...(options.scripts ? ['--scripts'] : []),
    ...(options.exec === null ? [] : [`--exec ${shellWord(options.exec)}`]),
  ];
}

function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
