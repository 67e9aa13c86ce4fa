/**
 * A value that somebody wrote, checked against the schema: what it says, or what is wrong with it, each fault at its
 * place and with the nearest name that exists. Knows no files and no layers.
 */
import type * as z from 'zod';
import { type Diagnostic, error } from '../core/diagnostic.ts';
import { nearest } from '../core/suggest.ts';
import type { Path, Placed } from './placed.ts';
import { configurationSchema } from './schema.ts';

export type Checked = z.output<typeof configurationSchema>;

export type Check = { readonly checked: Checked } | { readonly faults: readonly Diagnostic[] };

export interface CheckInput {
  readonly placed: Placed;
  /** Where the configuration begins in the value: `['implement']` in a package.json. */
  readonly base: Path;
  /** How a key is called in this source: `jobs`, or `IMPLEMENT_OPT_JOBS`. */
  name(path: Path): string;
  /** Put before each message where there is no text to point into: the file's name and a colon. */
  readonly head: string;
  /** Takes control codes and secrets out of what is shown, before it is cut to length. */
  clean(text: string): string;
}

/** Checks the configuration at `base` of a value. Faults have the codes `config-key` and `config-value`. */
export function checkConfiguration(input: CheckInput): Check {
  const { placed, base } = input;
  const value = base.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key],
    placed.value,
  );
  const result = configurationSchema.safeParse(value);
  const faults = (result.error?.issues ?? []).flatMap((issue) => tell(issue, [], value, input));
  const twice = result.success ? sameNames(result.data, input) : [];
  if (result.success && twice.length === 0) return { checked: result.data };
  const start = ({ at }: Diagnostic): number => at?.span.start ?? -1;
  return { faults: [...faults, ...twice].sort((a, b) => start(a) - start(b)) };
}

type Issue = z.core.$ZodIssue;

/** `above`: where the issue's own path begins. */
function tell(issue: Issue, above: Path, value: unknown, input: CheckInput): Diagnostic[] {
  const path = [...above, ...issue.path];
  const found = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, input));
  if (issue.code === 'invalid_union' && typeof found === 'object' && found !== null && !Array.isArray(found)) {
    // What was meant is the object: the other forms are no objects.
    return (issue.errors.at(-1) ?? []).flatMap((inner) => tell(inner, path, value, input));
  }
  const key = input.name(path);
  const at = input.placed.valueAt([...input.base, ...path]);
  const where = at === null ? input.head : '';
  if (issue.code === 'invalid_key') {
    const place = input.placed.keyAt([...input.base, ...path]);
    const takes = issue.issues[0]?.message ?? issue.message;
    return [error('config-key', `${where}${quoted(path.at(-1), input)} is not ${takes}.`, place)];
  }
  const near = issue.code === 'invalid_value' && typeof found === 'string' ? nearestOf(found, issue.values) : null;
  const subject = path.length === 0 ? 'A configuration is' : `${key} takes`;
  return [
    error('config-value', `${where}${subject} ${issue.message}, not ${shown(found, input)}.`, at, {
      hint: near === null ? null : `Did you mean ${near}?`,
    }),
  ];
}

function nearestOf(word: string, values: readonly unknown[]): string | null {
  return nearest(
    word,
    values.filter((value) => typeof value === 'string'),
  );
}

/** Flags that people look for in a configuration, and why they are not there. */
const FLAGS_ONLY: Readonly<Record<string, string>> = {
  scripts:
    'The commands of a task file run only when you say --scripts yourself: a file of the project cannot allow them.',
  filter: 'Which tasks run is said with each run: --filter=P1',
  only: 'Which tasks run is said with each run: --filter=P1 --only',
  continue: 'Say it with the run: implement --continue',
  resume: 'Say it with the run: implement --continue',
  dryRun: 'Say it with the run: implement --dry-run',
};

function unknownKey(path: Path, key: string, input: CheckInput): Diagnostic {
  const at = input.placed.keyAt([...input.base, ...path, key]);
  const where = at === null ? input.head : '';
  const reason = path.length === 0 ? FLAGS_ONLY[camel(key)] : undefined;
  if (reason !== undefined)
    return error('config-key', `${where}${key} cannot be set in a configuration.`, at, { hint: reason });
  const known = keysAt(path);
  const near = nearest(key, known) ?? (known.includes(camel(key)) ? camel(key) : null);
  const inside = path.length === 0 ? 'A configuration' : input.name(path);
  const message = `${where}${inside} has no key ${quoted(key, input)}.`;
  return error('config-key', message, at, {
    hint: near === null ? `There are: ${known.join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** `fail-fast` and `fail_fast` as `failFast`. */
function camel(key: string): string {
  return key.replace(/[-_]+([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** The keys of the object at a path of the schema. */
function keysAt(path: Path): readonly string[] {
  let keys: Readonly<Record<string, unknown>> = configurationSchema.shape;
  for (const step of path) keys = inner(keys[String(step)] ?? keys['*']);
  return Object.keys(keys).filter((key) => key !== '$schema');
}

/** The members of the object that a schema allows, whatever is laid round it; `*` for those of any name. */
function inner(schema: unknown): Readonly<Record<string, unknown>> {
  const { def, shape } = schema as {
    readonly def?: {
      readonly innerType?: unknown;
      readonly options?: readonly unknown[];
      readonly valueType?: unknown;
    };
    readonly shape?: Readonly<Record<string, unknown>>;
  };
  if (shape !== undefined) return shape;
  if (def?.valueType !== undefined) return { '*': def.valueType };
  if (def?.innerType !== undefined) return inner(def.innerType);
  return def?.options === undefined ? {} : inner(def.options.at(-1));
}

/** Resources whose names differ in case only: their labels would be the same. */
function sameNames(checked: Checked, input: CheckInput): Diagnostic[] {
  const seen = new Map<string, string>();
  const faults: Diagnostic[] = [];
  for (const name of Object.keys(checked.resources ?? {})) {
    const first = seen.get(name.toLowerCase());
    if (first === undefined) seen.set(name.toLowerCase(), name);
    else {
      const at = input.placed.keyAt([...input.base, 'resources', name]);
      const where = at === null ? input.head : '';
      faults.push(
        error('config-key', `${where}the resources ${first} and ${name} differ in case only.`, at, {
          hint: 'Labels are compared without case: give one of them another name.',
        }),
      );
    }
  }
  return faults;
}

function quoted(key: unknown, { clean }: CheckInput): string {
  return `"${short(clean(String(key)))}"`;
}

/** A value for a message: short, on one line. */
function shown(value: unknown, { clean }: CheckInput): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const cleaned = (_key: string, part: unknown): unknown => (typeof part === 'string' ? clean(part) : part);
  try {
    return short(JSON.stringify(value, cleaned) ?? typeof value);
  } catch {
    return typeof value;
  }
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
