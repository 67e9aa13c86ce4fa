/** Command lines that the user is told to type. Pure; knows the flags by name only. */
import type { RunOptions } from './event.ts';

export interface Place {
  /** The task file as the user would write it; `null` where the command finds it by itself. */
  readonly file: string | null;
  /** `--state-dir` as given, or `null`. */
  readonly stateDir: string | null;
  /** `-C` as given, or `null`. */
  readonly cwd: string | null;
  /** `--config` as given, or `null`. */
  readonly config: string | null;
}

/** `implement path/to/tasks.md --continue`, with what the shell needs quoted. */
export function commandLine(flags: readonly string[], place: Place): string {
  return [
    'implement',
    ...(place.file === null ? [] : [shellWord(place.file)]),
    ...(place.cwd === null ? [] : ['-C', shellWord(place.cwd)]),
    ...flags,
    ...(place.stateDir === null ? [] : [`--state-dir=${shellWord(place.stateDir)}`]),
    ...(place.config === null ? [] : [`--config=${shellWord(place.config)}`]),
  ].join(' ');
}

/** Flags that a further run of the same file needs again, the filter aside. */
export function againFlags(options: RunOptions): string[] {
  const command = (flag: string, value: string | null): string[] =>
    value === null ? [] : [`${flag} ${shellWord(value)}`];
  return [
    ...(options.parallel ? [options.jobs === 4 ? '--parallel' : `-j ${options.jobs}`] : []),
    ...(options.worktree ? ['--worktree'] : options.commit ? ['--commit'] : []),
    ...(options.overlap === (options.worktree ? 'stories' : 'marked') ? [] : [`--overlap=${options.overlap}`]),
    ...(options.branch === null ? [] : [`--branch=${shellWord(options.branch)}`]),
    ...(options.allowDirty ? ['--allow-dirty'] : []),
    ...(options.commitStyle === 'plain' ? [] : [`--commit-style=${options.commitStyle}`]),
    ...(options.deps === 'all' ? [] : [`--deps=${options.deps}`]),
    ...(options.scripts ? ['--scripts'] : []),
    ...command('--exec', options.exec),
    ...(options.agent === null ? [] : [`--agent=${shellWord(options.agent)}`]),
    ...(options.model === null ? [] : [`--model=${shellWord(options.model)}`]),
    ...command('--agent-args', options.agentArgs),
    ...(options.silenceMs === null ? [] : [`--silence=${options.silenceMs / 1000}s`]),
    ...(options.yolo === 'off' ? [] : options.yolo === 'worktree' ? ['--yolo'] : ['--yolo', '--yolo-in-place']),
    ...command('--verify', options.verify),
    ...command('--verify-phase', options.verifyPhase),
    ...command('--verify-end', options.verifyEnd),
    ...(options.retries === 2 ? [] : [`--retries=${options.retries}`]),
    ...(options.conflictRetries === 2 ? [] : [`--conflict-retries=${options.conflictRetries}`]),
    ...(options.timeoutMs === null ? [] : [`--timeout=${options.timeoutMs / 1000}s`]),
  ];
}

/** A word as a shell takes it, in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
