/**
 * The shape of a configuration as people write it: a file of the project or of the user. Types only, for those who
 * write it in TypeScript; `schema.ts` is what a written one is checked against.
 */

/** A named thing of which only so many tasks may use at the same time. */
export interface ResourceConfiguration {
  /** How many may use it at the same time, from 1 (default 1). */
  readonly slots?: number;
  /** Tasks with one of these labels use it, in any case; default: the resource's own name. */
  readonly labels?: readonly string[];
  /** Tasks of these phases use it: `Phase 4`, or the whole heading. */
  readonly phases?: readonly string[];
  /** Tasks that name a file matching one of these globs use it. */
  readonly paths?: readonly string[];
  /** Verifications use it. */
  readonly verify?: boolean;
}

export interface WorktreeConfiguration {
  /** Each attempt in a git worktree of its own. */
  readonly enabled?: boolean;
  /** Directory that holds the worktrees: absolute, or relative to the project root; `null`: in the state directory. */
  readonly dir?: string | null;
  /** Globs of ignored or untracked files that are copied into each worktree. */
  readonly copy?: readonly string[];
  /** Command for `sh -c` in a fresh worktree, and again when a lock file has changed; `null`: none. */
  readonly setup?: string | null;
  /** Limit for `setup`: a duration (default `10m`). */
  readonly setupTimeout?: string;
  /** Slot N gets the `count` ports from `base + (N - 1) * count`. */
  readonly ports?: { readonly base?: number; readonly count?: number };
}

export interface CommitConfiguration {
  /** One commit per done task. */
  readonly enabled?: boolean;
  /** `plain`: `T012: Title`; `conventional`: `feat(us1): title (T012)`. */
  readonly style?: 'plain' | 'conventional';
}

/** Everything that a configuration may set. Durations are text: `90s`, `30m`, `1h30m`. */
export interface Configuration {
  readonly $schema?: string;
  /** Run what may overlap side by side. */
  readonly parallel?: boolean;
  /** Number of slots; above 1 it implies `parallel`. */
  readonly jobs?: number;
  /** What may overlap: tasks marked `[P]`, or whole stories. */
  readonly overlap?: 'marked' | 'stories';
  /** `explicit`: leave out the order that is only inferred from the list. */
  readonly deps?: 'all' | 'explicit';
  /** Start nothing new after the first failure. */
  readonly failFast?: boolean;
  /** Start nothing new after so many failures; `null`: no limit. */
  readonly maxFailures?: number | null;
  /** Further attempts of a failed task. */
  readonly retries?: number;
  /** Further attempts after a merge conflict. */
  readonly conflictRetries?: number;
  /** Limit for one attempt: a duration; `null`: none. */
  readonly timeout?: string | null;
  /** Time between TERM and KILL: a duration. */
  readonly grace?: string;
  /** What every task without an allowed script runs, through `sh -c`; `null`: nothing. */
  readonly exec?: string | null;
  /** The coding agent that does every task without an allowed script, or `auto`; `null`: none. */
  readonly agent?: string | null;
  /** The model that the agent is to use; `null`: its own choice. */
  readonly model?: string | null;
  /** Further arguments for the agent, as on a command line; `null`: none. */
  readonly agentArgs?: string | null;
  /** An attempt without output for so long is ended: a duration, `0s` for never; `null`: the usual. */
  readonly silence?: string | null;
  /** Command that verifies after each task; `null`: none. */
  readonly verify?: string | null;
  /** Command that verifies behind each phase; `null`: none. */
  readonly verifyPhase?: string | null;
  /** Command that verifies at the end; `null`: none. */
  readonly verifyEnd?: string | null;
  /** Where runs are kept: absolute, or relative to the project root. */
  readonly stateDir?: string;
  /** How a run is shown. */
  readonly reporter?: 'plain' | 'live' | 'json';
  /** Colours on the terminal. */
  readonly color?: 'auto' | 'always' | 'never';
  /** One commit per done task. */
  readonly commit?: boolean | CommitConfiguration;
  /** Commit to this branch; `null`: the one that is checked out. */
  readonly branch?: string | null;
  /** Accept uncommitted changes: they stay where they are, tasks do not see them. */
  readonly allowDirty?: boolean;
  /** Each attempt in a git worktree of its own. */
  readonly worktree?: boolean | WorktreeConfiguration;
  /** The most tokens that the prompt of a task may have, at four characters a token. */
  readonly promptBudget?: number;
  /** What only so many tasks may use at the same time, by name: a number of slots, or who uses it. */
  readonly resources?: Readonly<Record<string, number | ResourceConfiguration>>;
}

/** What a configuration in TypeScript or JavaScript may export: the object, a promise of it, or a function that gives one. */
export type ConfigurationExport =
  | Configuration
  | Promise<Configuration>
  | (() => Configuration | Promise<Configuration>);

/** Gives the configuration back as it is, with its types checked: `export default defineConfig({ jobs: 8 })`. */
export function defineConfig<Export extends ConfigurationExport>(configuration: Export): Export {
  return configuration;
}
