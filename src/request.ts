/** What a run is asked for, and by whom it is surrounded. Types and defaults; runs nothing. */
import type { RunOptions } from './core/event.ts';
import type { Settings } from './core/settings.ts';
import type { Engine } from './engine.ts';
import type { TaskFile } from './project.ts';
import type { Reporter } from './reporters/reporter.ts';
import type { Clock } from './util/clock.ts';

export interface RunRequest {
  readonly file: TaskFile;
  /** Go on with the last run of this file. */
  readonly resume: boolean;
  /** Options that the user gave; on a resume they override those of the session. */
  readonly given: Partial<RunOptions>;
  /** Options of the environment and the configuration: they stand behind those of a session. */
  readonly configured: Partial<RunOptions>;
  readonly settings: Settings;
  readonly stateDir: string | null;
  /** Flags that name places, as the user gave them: for command lines that are suggested. */
  readonly said: { readonly stateDir: string | null; readonly cwd: string | null; readonly config: string | null };
  readonly graceMs: number;
  readonly version: string;
}

export interface RunEnvironment {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Told once the engine exists, so that signals reach it. */
  readonly onEngine: (engine: Pick<Engine, 'interrupt'>) => void;
}

export const DEFAULTS: RunOptions = {
  parallel: false,
  jobs: 1,
  overlap: 'marked',
  deps: 'all',
  filter: [],
  only: false,
  failFast: false,
  maxFailures: null,
  retries: 2,
  timeoutMs: null,
  scripts: false,
  exec: null,
  agent: null,
  model: null,
  agentArgs: null,
  silenceMs: null,
  yolo: 'off',
  verify: null,
  verifyPhase: null,
  verifyEnd: null,
  worktree: false,
  commit: false,
  branch: null,
  allowDirty: false,
  conflictRetries: 2,
  commitStyle: 'plain',
};

/** What was said, the strongest last, over the defaults. Worktrees make it safe that whole stories overlap. */
export function optionsFrom(...said: readonly Partial<RunOptions>[]): RunOptions {
  const all: RunOptions = Object.assign({ ...DEFAULTS }, ...said.map(oneWork));
  const isOpen = said.every((one) => one.overlap === undefined);
  return isOpen && all.worktree ? { ...all, overlap: 'stories' } : all;
}

/** Who says a command wants no agent that was said below, and the other way round. */
function oneWork(said: Partial<RunOptions>): Partial<RunOptions> {
  if (typeof said.agent === 'string' && said.exec === undefined) return { ...said, exec: null };
  if (typeof said.exec === 'string' && said.agent === undefined) return { ...said, agent: null };
  return said;
}

/** Options that are commands. */
export const COMMANDS = ['exec', 'agentArgs', 'verify', 'verifyPhase', 'verifyEnd'] as const;
export const FLAG = {
  exec: '--exec',
  agentArgs: '--agent-args',
  verify: '--verify',
  verifyPhase: '--verify-phase',
  verifyEnd: '--verify-end',
} as const;

/** Options as they are kept: a value of a secret variable that stands in a command is masked. */
export function kept(options: RunOptions, redact: (text: string) => string): RunOptions {
  const masked: Record<string, string> = {};
  for (const name of COMMANDS) if (options[name] !== null) masked[name] = redact(options[name]);
  return { ...options, ...masked };
}
