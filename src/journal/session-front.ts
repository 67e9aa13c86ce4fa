/**
 * The front matter of `current-session.md`, each field with its type. Knows what may be left out and where a fault
 * stands; believes no name of a run that is not one; knows nothing of the lists below it.
 */
import type { DiagnosticCode } from '../core/diagnostic.ts';
import type { RunOptions, RunStatus } from '../core/event.ts';
import type { SessionVerification } from '../core/session.ts';
import { isRunId } from './run-id.ts';
import { SESSION_FORMAT } from './session-render.ts';

/** Thrown while reading; `parseSession` turns it into a value. */
export class SessionFault extends Error {
  readonly line: number;
  readonly code: DiagnosticCode;
  readonly hint: string | null;
  constructor(line: number, message: string, code: DiagnosticCode = 'state-broken', hint: string | null = null) {
    super(message);
    this.line = line;
    this.code = code;
    this.hint = hint;
  }
}

/** Typed access to the front matter; `first` is the line number of its first line. */
export async function frontMatter(lines: readonly string[], first: number) {
  // Only here, because a resume mostly needs the journal alone.
  const yaml = await import('yaml');
  let value: unknown;
  try {
    value = yaml.parse(lines.join('\n'), { prettyErrors: true, logLevel: 'error' });
  } catch (fault) {
    const line = (fault as { linePos?: readonly { readonly line: number }[] }).linePos?.[0]?.line ?? 1;
    throw new SessionFault(first + line - 1, 'the front matter is no YAML');
  }
  if (!isRecord(value)) throw new SessionFault(first, 'the front matter is no table');
  const fields = value;
  const faultAt = (key: string, message: string) =>
    new SessionFault(
      first +
        Math.max(
          lines.findIndex((line) => line.startsWith(`${key}:`)),
          0,
        ),
      message,
    );
  const missing = (key: string) => faultAt(key, `${key} is missing or not what it should be`);

  function text(key: string, otherwise?: string): string {
    const found = fields[key] ?? otherwise;
    if (typeof found === 'string') return found;
    if (typeof found === 'number') return String(found);
    throw missing(key);
  }
  function count(key: string, otherwise: number): number {
    const found = fields[key] ?? otherwise;
    if (typeof found === 'number' && found >= 0) return found;
    throw missing(key);
  }

  const format = fields['implement'];
  if (format !== SESSION_FORMAT) {
    const hint =
      'Use the version that wrote it, or start anew with `implement`: what is ticked in the task file stays done.';
    const line = faultAt('implement', '').line;
    if (typeof format !== 'number') throw new SessionFault(line, 'no session of implement', 'state-broken', hint);
    throw new SessionFault(
      line,
      `format ${format}; this version reads format ${SESSION_FORMAT}`,
      'state-version',
      hint,
    );
  }
  return {
    text,
    count,
    run(): string {
      const run = text('run');
      if (!isRunId(run)) throw missing('run');
      return run;
    },
    status(): RunStatus {
      const found = fields['status'] ?? 'interrupted';
      if (found === 'running' || found === 'complete' || found === 'partial' || found === 'interrupted') return found;
      throw missing('status');
    },
    time(key: string): number {
      const found = Date.parse(text(key, '1970-01-01T00:00:00Z'));
      if (Number.isNaN(found)) throw missing(key);
      return found;
    },
    options(): RunOptions {
      const found = fields['options'];
      if (!isRecord(found)) throw missing('options');
      const wrong = Object.entries(OPTIONS).find(([key, valid]) => !valid(found[key]));
      if (wrong !== undefined) throw faultAt('options', `the option ${wrong[0]} is missing or not what it should be`);
      const known = Object.keys(OPTIONS).filter((key) => found[key] !== undefined);
      return Object.fromEntries(known.map((key) => [key, found[key]])) as unknown as RunOptions;
    },
    verifications(): SessionVerification[] {
      const found = fields['verifications'] ?? [];
      if (!Array.isArray(found) || !found.every(isVerification)) throw missing('verifications');
      return found.map(({ id, label, status, error }) => ({ id, label, status, error: error ?? null }));
    },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown) => typeof value === 'string';
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isFlag = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown) => typeof value === 'number' && value >= 0;
const isCountOrNull = (value: unknown) => value === null || isCount(value);

const OPTIONS: Readonly<Record<keyof RunOptions, (value: unknown) => boolean>> = {
  parallel: isFlag,
  jobs: isCount,
  overlap: (value) => value === 'marked' || value === 'stories',
  deps: (value) => value === 'all' || value === 'explicit',
  filter: (value) => Array.isArray(value) && value.every(isText),
  only: isFlag,
  failFast: isFlag,
  maxFailures: isCountOrNull,
  retries: isCount,
  timeoutMs: isCountOrNull,
  scripts: isFlag,
  exec: isTextOrNull,
  // Sessions of older versions know nothing of agents.
  agent: (value) => isTextOrNull(value ?? null),
  model: (value) => isTextOrNull(value ?? null),
  agentArgs: (value) => isTextOrNull(value ?? null),
  silenceMs: (value) => isCountOrNull(value ?? null),
  yolo: (value) => ['off', 'worktree', 'anywhere'].includes((value ?? 'off') as string),
  verify: isTextOrNull,
  verifyPhase: isTextOrNull,
  verifyEnd: isTextOrNull,
  worktree: isFlag,
  commit: isFlag,
  branch: isTextOrNull,
  allowDirty: isFlag,
  conflictRetries: isCount,
  commitStyle: (value) => value === 'plain' || value === 'conventional',
};

function isVerification(value: unknown): value is SessionVerification {
  if (!isRecord(value) || !isText(value['id']) || !isText(value['label'])) return false;
  const { status, error } = value;
  return ['pending', 'running', 'done', 'failed'].includes(status as string) && isTextOrNull(error ?? null);
}
