/** A checked configuration as a layer: nested objects to keys, durations to milliseconds, short forms to long ones. Pure. */
import { parseDuration } from '../core/duration.ts';
import type { Resource } from '../core/settings.ts';
import type { Checked } from './check.ts';
import type { From, Layer, Values } from './layer.ts';
import type { Path } from './placed.ts';

type Written<T> = { -readonly [Name in keyof T]?: T[Name] | undefined };

/** Keys that mean the same in a file and in a layer. */
const SAME = [
  ...(['parallel', 'jobs', 'overlap', 'deps', 'failFast', 'maxFailures', 'retries', 'conflictRetries'] as const),
  ...(['exec', 'agent', 'model', 'agentArgs', 'verify', 'verifyPhase', 'verifyEnd', 'branch', 'allowDirty'] as const),
  ...(['stateDir', 'reporter', 'color', 'promptBudget'] as const),
];

/**
 * @param place where the value at a path is said, for people; `null` if that is not known.
 */
export function layerOf(from: From, checked: Checked, place: (path: Path) => string | null): Layer {
  const said: Written<Values> = {};
  for (const key of SAME) (said as Record<string, unknown>)[key] = checked[key];
  if (checked.timeout !== undefined) said.timeout = checked.timeout === null ? null : milliseconds(checked.timeout);
  if (checked.silence !== undefined) said.silence = checked.silence === null ? null : milliseconds(checked.silence);
  if (checked.grace !== undefined) said.grace = milliseconds(checked.grace);
  const { commit, worktree } = checked;
  if (typeof commit === 'boolean') said.commit = commit;
  else if (commit !== undefined) {
    said.commit = commit.enabled;
    said['commit.style'] = commit.style;
  }
  if (typeof worktree === 'boolean') said.worktree = worktree;
  else if (worktree !== undefined) {
    said.worktree = worktree.enabled;
    said['worktree.dir'] = worktree.dir;
    said['worktree.copy'] = worktree.copy;
    said['worktree.setup'] = worktree.setup;
    if (worktree.setupTimeout !== undefined) said['worktree.setupTimeout'] = milliseconds(worktree.setupTimeout);
    said['worktree.ports.base'] = worktree.ports?.base;
    said['worktree.ports.count'] = worktree.ports?.count;
  }
  const values = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const resources = Object.entries(checked.resources ?? {}).map(([name, one]) => resourceOf(name, one));
  return { from, values, resources, place: (key) => place(pathOf(key, checked)) };
}

type WrittenResource = NonNullable<Checked['resources']>[string];

/** A bare number is that many slots for the tasks with the label of the resource's name. */
function resourceOf(name: string, written: WrittenResource): Resource {
  const { slots, labels, phases, paths, verify } = typeof written === 'number' ? { slots: written } : written;
  return {
    name,
    slots: slots ?? 1,
    labels: labels ?? [name],
    phases: phases ?? [],
    paths: paths ?? [],
    verify: verify ?? false,
  };
}

/** Where a key of a layer stands in a file: `worktree` may be the value itself or its member `enabled`. */
function pathOf(key: string, checked: Checked): Path {
  const dot = key.indexOf('.');
  if (key.startsWith('resources.')) return ['resources', key.slice(dot + 1)];
  if ((key === 'worktree' || key === 'commit') && typeof checked[key] === 'object') return [key, 'enabled'];
  return key.split('.');
}

function milliseconds(text: string): number {
  return parseDuration(text) as number;
}
