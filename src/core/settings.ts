/**
 * What a project sets once and no run remembers: how worktrees are made ready, which resources tasks share.
 * Types and defaults; reads no file.
 */
import type { Template } from './prompt/template.ts';

/** A named thing of which only so many tasks may use at the same time. */
export interface Resource {
  readonly name: string;
  /** How many may use it at the same time, from 1. */
  readonly slots: number;
  /** Tasks with one of these labels use it; case does not matter. */
  readonly labels: readonly string[];
  /** Tasks of these phases use it: as in `--filter` (`Phase 4`), or the whole heading. */
  readonly phases: readonly string[];
  /** Tasks that name a file matching one of these globs use it. */
  readonly paths: readonly string[];
  /** Verifications use it. */
  readonly verify: boolean;
}

export interface WorktreeSettings {
  /** Directory that holds the worktrees: absolute, or relative to the project root; `null`: in the state directory. */
  readonly dir: string | null;
  /** Globs of ignored or untracked files that are copied into each worktree; `.worktreeinclude` adds to them. */
  readonly copy: readonly string[];
  /** Command for `sh -c` in a fresh worktree, and again when a lock file has changed; `null`: none. */
  readonly setup: string | null;
  readonly setupTimeoutMs: number;
  /** Slot N gets the `count` ports from `base + (N - 1) * count`. */
  readonly ports: { readonly base: number; readonly count: number };
}

export interface PromptSettings {
  /** The most tokens that the prompt of an attempt may have, estimated at four characters each. */
  readonly budget: number;
  /** The project's own layout; `null`: the usual one. */
  readonly template: Template | null;
}

export interface Settings {
  readonly worktree: WorktreeSettings;
  readonly prompt: PromptSettings;
  readonly resources: readonly Resource[];
}

export const DEFAULT_SETTINGS: Settings = {
  worktree: { dir: null, copy: [], setup: null, setupTimeoutMs: 600_000, ports: { base: 20_000, count: 20 } },
  prompt: { budget: 8_000, template: null },
  resources: [],
};
