/**
 * Layers of values and what comes of laying them over one another. A layer is what one source says: flags, variables,
 * a file. Pure; knows neither files nor how a value was written.
 */
import type { RunOptions } from '../core/event.ts';
import { DEFAULT_SETTINGS, type Resource, type Settings } from '../core/settings.ts';

/** Everything that can be set, by key; keys below another are joined by dots. Times are milliseconds. */
export interface Values {
  readonly parallel: boolean;
  readonly jobs: number;
  readonly overlap: RunOptions['overlap'];
  readonly deps: RunOptions['deps'];
  readonly failFast: boolean;
  readonly maxFailures: number | null;
  readonly retries: number;
  readonly conflictRetries: number;
  readonly timeout: number | null;
  readonly grace: number;
  readonly exec: string | null;
  readonly agent: string | null;
  readonly model: string | null;
  readonly agentArgs: string | null;
  readonly silence: number | null;
  readonly verify: string | null;
  readonly verifyPhase: string | null;
  readonly verifyEnd: string | null;
  /** Absolute, or relative to the project root; `null`: the usual place. */
  readonly stateDir: string | null;
  /** `null`: the one that fits. */
  readonly reporter: string | null;
  readonly color: 'auto' | 'always' | 'never';
  readonly commit: boolean;
  readonly 'commit.style': RunOptions['commitStyle'];
  readonly branch: string | null;
  readonly allowDirty: boolean;
  readonly worktree: boolean;
  readonly 'worktree.dir': string | null;
  readonly 'worktree.copy': readonly string[];
  readonly 'worktree.setup': string | null;
  readonly 'worktree.setupTimeout': number;
  readonly 'worktree.ports.base': number;
  readonly 'worktree.ports.count': number;
  readonly promptBudget: number;
}

export type Key = keyof Values;

/** Who says something, the strongest first. */
export type From = 'flag' | 'environment' | 'front matter' | 'project' | 'user' | 'default';

export interface Layer {
  readonly from: From;
  readonly values: Partial<Values>;
  readonly resources: readonly Resource[];
  /** Where a key (or `resources.NAME`) is said, for people: `implement.config.json:3`, `IMPLEMENT_OPT_JOBS`; `null`: nowhere. */
  place(key: string): string | null;
}

/** Slots of `--parallel` where nobody says how many. */
const USUAL_SLOTS = 4;

export const DEFAULT_VALUES: Values = {
  parallel: false,
  jobs: 1,
  overlap: 'marked',
  deps: 'all',
  failFast: false,
  maxFailures: null,
  retries: 2,
  conflictRetries: 2,
  timeout: null,
  grace: 5_000,
  exec: null,
  agent: null,
  model: null,
  agentArgs: null,
  silence: null,
  verify: null,
  verifyPhase: null,
  verifyEnd: null,
  stateDir: null,
  reporter: null,
  color: 'auto',
  commit: false,
  'commit.style': 'plain',
  branch: null,
  allowDirty: false,
  worktree: false,
  'worktree.dir': DEFAULT_SETTINGS.worktree.dir,
  'worktree.copy': DEFAULT_SETTINGS.worktree.copy,
  'worktree.setup': DEFAULT_SETTINGS.worktree.setup,
  'worktree.setupTimeout': DEFAULT_SETTINGS.worktree.setupTimeoutMs,
  'worktree.ports.base': DEFAULT_SETTINGS.worktree.ports.base,
  'worktree.ports.count': DEFAULT_SETTINGS.worktree.ports.count,
  promptBudget: DEFAULT_SETTINGS.prompt.budget,
};

export const KEYS = Object.keys(DEFAULT_VALUES) as readonly Key[];

/** Values without a gap, and the layer that each comes from; `null`: no layer, the default. */
export interface Effective {
  readonly values: Values;
  readonly origins: ReadonlyMap<string, Layer | null>;
  readonly resources: readonly Resource[];
  /** Slots of a `--parallel` above these layers that does not say how many. */
  readonly slots: number;
}

/**
 * Lays layers over one another, the strongest first. Each key is that of the first layer that says it, but for two:
 * the first layer that says `parallel` or `jobs` decides whether the run is parallel (`jobs` above 1 implies it), and
 * a parallel run takes its slots from there or from the next layer that says more than one. Resources go by name.
 */
export function layOver(layers: readonly Layer[]): Effective {
  const origins = new Map<string, Layer | null>();
  const values: Record<string, unknown> = {};
  for (const key of KEYS) {
    const layer = layers.find((one) => one.values[key] !== undefined) ?? null;
    origins.set(key, layer);
    values[key] = layer === null ? DEFAULT_VALUES[key] : layer.values[key];
  }
  const width = widthOf(layers);
  values['parallel'] = width.parallel;
  values['jobs'] = width.jobs;
  origins.set('parallel', width.decider);
  origins.set('jobs', width.counter);
  if (values['worktree'] === true) {
    // Isolation is what makes whole stories safe side by side, and it ends in commits.
    if (origins.get('overlap') === null) values['overlap'] = 'stories';
    values['commit'] = true;
    if (origins.get('commit')?.values.commit !== true)
      origins.set('commit', impliedBy('worktree', origins.get('worktree') as Layer));
  }
  const resources = new Map<string, Resource>();
  for (const layer of layers) {
    for (const resource of layer.resources) {
      if (resources.has(resource.name)) continue;
      resources.set(resource.name, resource);
      origins.set(`resources.${resource.name}`, layer);
    }
  }
  return {
    values: values as unknown as Values,
    origins,
    resources: [...resources.values()],
    slots: (slotsBelow(layers)?.values.jobs as number | undefined) ?? USUAL_SLOTS,
  };
}

/** The layer, where what it says about another key counts for this one. */
function impliedBy(key: Key, layer: Layer): Layer {
  return { ...layer, place: () => layer.place(key) };
}

interface Width {
  readonly parallel: boolean;
  readonly jobs: number;
  readonly decider: Layer | null;
  readonly counter: Layer | null;
}

function widthOf(layers: readonly Layer[]): Width {
  const at = layers.findIndex(({ values }) => values.parallel !== undefined || values.jobs !== undefined);
  const decider = layers[at];
  if (decider === undefined) return { parallel: false, jobs: 1, decider: null, counter: null };
  const { parallel, jobs } = decider.values;
  const teller = parallel === undefined ? impliedBy('jobs', decider) : decider;
  if (!(parallel ?? (jobs as number) > 1)) {
    const counter = jobs === 1 ? decider : impliedBy('parallel', decider);
    return { parallel: false, jobs: 1, decider: teller, counter };
  }
  if (jobs !== undefined) return { parallel: true, jobs, decider: teller, counter: decider };
  const counter = slotsBelow(layers.slice(at + 1));
  return { parallel: true, jobs: counter?.values.jobs ?? USUAL_SLOTS, decider: teller, counter };
}

function slotsBelow(layers: readonly Layer[]): Layer | null {
  return layers.find(({ values }) => (values.jobs ?? 1) > 1) ?? null;
}

const COMMANDS: ReadonlySet<string> = new Set(['verify', 'verifyPhase', 'verifyEnd']);

/**
 * The run options that the layers say; what nobody says stays open. A command of the front matter is left out
 * together with what it stands above: the run takes it from the file itself, and pins it.
 */
export function runOptionsOf(layers: readonly Layer[]): Partial<RunOptions> {
  const { values, origins } = layOver(layers);
  const said: Record<string, unknown> = {};
  const take = (key: Key, name: keyof RunOptions): void => {
    const layer = origins.get(key) ?? null;
    if (layer === null) return;
    said[name] = layer.from === 'front matter' && COMMANDS.has(key) ? null : values[key];
  };
  for (const key of SAME) take(key, key);
  // Of two that say what tasks do, the stronger is meant.
  if (typeof said['agent'] === 'string' && typeof said['exec'] === 'string') {
    const at = (key: Key): number => layers.indexOf(origins.get(key) as Layer);
    said[at('exec') < at('agent') ? 'agent' : 'exec'] = null;
  }
  // Said, not only implied: without its worktrees the run would commit all the same.
  const committer = layers.find((layer) => layer.values.commit !== undefined);
  if (committer !== undefined) said['commit'] = committer.values.commit;
  take('timeout', 'timeoutMs');
  take('silence', 'silenceMs');
  take('commit.style', 'commitStyle');
  if (said['parallel'] !== undefined) said['jobs'] = values.jobs;
  return said as Partial<RunOptions>;
}

/** Keys that run options have by the same name. */
const SAME = [
  ...(['parallel', 'jobs', 'overlap', 'deps', 'failFast', 'maxFailures', 'retries', 'conflictRetries'] as const),
  ...([
    'exec',
    'agent',
    'model',
    'agentArgs',
    'verify',
    'verifyPhase',
    'verifyEnd',
    'branch',
    'allowDirty',
    'worktree',
  ] as const),
];

/** The settings of the project that the layers say. */
export function settingsOf({ values, resources }: Effective): Settings {
  return {
    worktree: {
      dir: values['worktree.dir'],
      copy: values['worktree.copy'],
      setup: values['worktree.setup'],
      setupTimeoutMs: values['worktree.setupTimeout'],
      ports: { base: values['worktree.ports.base'], count: values['worktree.ports.count'] },
    },
    prompt: { budget: values.promptBudget, template: null },
    resources,
  };
}
