/**
 * Messages with a code and a place, and the result type that carries them. Knows no wording of its own:
 * whoever finds a fault words it; `caret.ts` draws it.
 */
import type { Location } from './source.ts';

export type Severity = 'error' | 'warning' | 'info';

/** Stable names of everything that can be said about the input. */
export type DiagnosticCode =
  // the file itself
  | 'file-missing'
  | 'file-unreadable'
  | 'file-is-directory'
  | 'file-not-utf8'
  | 'file-empty'
  | 'no-tasks'
  | 'file-ambiguous'
  | 'front-matter'
  // reading
  | 'tasks-in-fences'
  | 'unknown-box'
  | 'not-a-list-item'
  | 'duplicate-task'
  | 'duplicate-id'
  | 'read-as-checklist'
  | 'nul-character'
  // edges
  | 'unknown-id'
  | 'ambiguous-id'
  | 'empty-range'
  | 'self-dependency'
  | 'cycle'
  | 'contradicts-cut'
  | 'not-understood'
  | 'hint'
  | 'moved'
  | 'suggest-explicit'
  // usage and configuration
  | 'usage'
  | 'config-file'
  | 'config-syntax'
  | 'config-key'
  | 'config-value'
  | 'filter-empty'
  | 'filter-syntax'
  | 'nothing-to-run'
  | 'agent'
  | 'resource-rule'
  | 'script-not-allowed'
  | 'script-too-long'
  | 'prompt-template'
  // git
  | 'git'
  | 'dirty-tree'
  | 'target-moved'
  | 'escaped'
  | 'forecast'
  | 'set-aside'
  | 'worktree'
  | 'builds-on'
  | 'undo-conflict'
  // evidence lines of tasks
  | 'evidence'
  // state directory
  | 'state-version'
  | 'state-tracked'
  | 'state-foreign'
  | 'state-broken'
  | 'locked'
  | 'no-session'
  | 'unfinished-run'
  | 'stored-command'
  | 'task-changed'
  | 'unknown-task';

export interface Related {
  readonly message: string;
  readonly at: Location;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** What happened, in one sentence, without the place. */
  readonly message: string;
  readonly at: Location | null;
  readonly related: readonly Related[];
  /** What to do next, or `null`. */
  readonly hint: string | null;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

interface Extra {
  readonly related?: readonly Related[];
  readonly hint?: string | null;
}

function make(severity: Severity) {
  return (code: DiagnosticCode, message: string, at: Location | null, extra: Extra = {}): Diagnostic => ({
    code,
    severity,
    message,
    at,
    related: extra.related ?? [],
    hint: extra.hint ?? null,
  });
}

export const error = make('error');
export const warning = make('warning');
export const info = make('info');

export function ok<T>(value: T, warnings: readonly Diagnostic[] = []): Result<T> {
  return { ok: true, value, warnings };
}

export function fail<T>(...diagnostics: readonly Diagnostic[]): Result<T> {
  return { ok: false, diagnostics };
}
