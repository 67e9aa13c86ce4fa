/**
 * One attempt as it is handed to whoever performs it, on this machine or another: plain data, JSON-safe.
 */
import type { StepId } from './event.ts';

/** What an attempt has to do. Each kind belongs to one runner of the table in `builtins.ts`. */
export type Work =
  /** The user's `--exec` command, given unchanged to `sh -c`. */
  | { readonly kind: 'exec'; readonly command: string }
  /** The prompt, given to a coding agent. */
  | {
      readonly kind: 'agent';
      /** Name of a built-in agent. */
      readonly agent: string;
      readonly model: string | null;
      readonly args: readonly string[];
      readonly yolo: boolean;
    }
  /** A script block of the task's own body. */
  | { readonly kind: 'script'; readonly language: 'sh' | 'bash' | 'js'; readonly source: string };

export interface Assignment {
  /** Global id of the attempt: `<run>-<step>-<attempt>`. */
  readonly id: string;
  readonly run: string;
  readonly step: StepId;
  /** From 1, counted over all sessions of the run. */
  readonly attempt: number;
  /** From 1. */
  readonly slot: number;
  /** What to do, in order: each only if the one before succeeded. */
  readonly work: readonly Work[];
  /** Command for `sh -c` after the work; its failure is the reason `verification`. `null`: none. */
  readonly verify: string | null;
  /** The commit that a success becomes: its message, and the full name of the branch that keeps it; `null`: none. */
  readonly commit: { readonly message: string; readonly ref: string } | null;
  /** Absolute directory in which everything runs. */
  readonly dir: string;
  /** The task's variables (`IMPLEMENT_*`), to be laid over the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly prompt: string;
  /** Absolute path of the attempt's log. */
  readonly log: string;
  /** Wall-clock limit for work and verification together, in ms; `null`: none. */
  readonly timeoutMs: number | null;
  /** After so long without output a piece of work is ended, in ms; 0: never; `null`: the usual limit of its kind. */
  readonly silenceMs: number | null;
  /** Time between TERM and KILL, in ms. */
  readonly graceMs: number;
}
