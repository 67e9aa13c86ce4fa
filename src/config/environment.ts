/**
 * Options as variables: `IMPLEMENT_OPT_JOBS=8`. The list of names is closed; each is made from its key. Knows how a
 * variable is written, not what its value means: that is checked like a file.
 */
import { type Diagnostic, error } from '../core/diagnostic.ts';
import { nearest } from '../core/suggest.ts';
import { PREFIX } from './names.ts';
import type { Path } from './placed.ts';

type Form = 'toggle' | 'number' | 'text' | 'list';

/** Paths of a configuration that have a variable, and how its value is written. */
const FORMS: Readonly<Record<string, Form>> = {
  parallel: 'toggle',
  jobs: 'number',
  overlap: 'text',
  deps: 'text',
  failFast: 'toggle',
  maxFailures: 'number',
  retries: 'number',
  conflictRetries: 'number',
  timeout: 'text',
  grace: 'text',
  exec: 'text',
  agent: 'text',
  model: 'text',
  agentArgs: 'text',
  silence: 'text',
  verify: 'text',
  verifyPhase: 'text',
  verifyEnd: 'text',
  stateDir: 'text',
  reporter: 'text',
  color: 'text',
  commit: 'toggle',
  'commit.style': 'text',
  branch: 'text',
  allowDirty: 'toggle',
  worktree: 'toggle',
  'worktree.dir': 'text',
  'worktree.copy': 'list',
  'worktree.setup': 'text',
  'worktree.setupTimeout': 'text',
  'worktree.ports.base': 'number',
  'worktree.ports.count': 'number',
  promptBudget: 'number',
};

/** `worktree.setupTimeout` as `IMPLEMENT_OPT_WORKTREE_SETUP_TIMEOUT`; `enabled` is the thing itself. */
export function variableOf(path: Path): string {
  const words = path.filter((step) => step !== 'enabled').map(String);
  return PREFIX + words.map((word) => word.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_');
}

/** All variables there are, by name. */
export const VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.keys(FORMS).map((key) => [variableOf(key.split('.')), key]),
);

export interface FromEnvironment {
  /** The shape of a configuration. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly faults: readonly Diagnostic[];
}

/** Reads the variables; an empty one says nothing. Values of unknown ones are not looked at, nor shown. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): FromEnvironment {
  const value: Record<string, unknown> = {};
  const faults: Diagnostic[] = [];
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(PREFIX) || text === undefined) continue;
    const key = VARIABLES.get(name);
    if (key === undefined) faults.push(unknownVariable(name));
    else if (text.trim() !== '') put(value, key, read(FORMS[key] as Form, text.trim()));
  }
  return { value, faults };
}

function unknownVariable(name: string): Diagnostic {
  if (name === `${PREFIX}SCRIPTS`) {
    return error('config-key', `${name} does not exist.`, null, {
      hint: 'The commands of a task file run only when you say --scripts yourself.',
    });
  }
  const near = nearest(
    name.slice(PREFIX.length),
    [...VARIABLES.keys()].map((known) => known.slice(PREFIX.length)),
  );
  return error('config-key', `There is no variable ${name}.`, null, {
    hint:
      near === null
        ? `There are: ${[...VARIABLES.keys()].join(', ')}.`
        : `Did you mean ${PREFIX}${near}? The variables that tasks get have other names: IMPLEMENT_TASK_ID and so on.`,
  });
}

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['0', 'false', 'no', 'off'];

/** What cannot be read stays text, and the check says what is taken. */
function read(form: Form, text: string): unknown {
  const word = text.toLowerCase();
  switch (form) {
    case 'toggle':
      return YES.includes(word) ? true : NO.includes(word) ? false : text;
    case 'number':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'list':
      return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
    case 'text':
      return text;
  }
}

/** A toggle of an object that has further members is its `enabled`. */
function put(value: Record<string, unknown>, key: string, read: unknown): void {
  const path = key === 'worktree' || key === 'commit' ? [key, 'enabled'] : key.split('.');
  let inner = value;
  for (const step of path.slice(0, -1)) {
    inner[step] ??= {};
    inner = inner[step] as Record<string, unknown>;
  }
  inner[path.at(-1) as string] = read;
}
