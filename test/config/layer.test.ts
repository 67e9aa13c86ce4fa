/** Layers over one another: which one a value comes from, and what `parallel` and `jobs` make of each other. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_VALUES,
  type From,
  KEYS,
  type Key,
  type Layer,
  layOver,
  runOptionsOf,
  settingsOf,
  type Values,
} from '../../src/config/layer.ts';
import { DEFAULT_SETTINGS, type Resource } from '../../src/core/settings.ts';
import { DEFAULTS } from '../../src/request.ts';

const ORDER: readonly From[] = ['flag', 'environment', 'front matter', 'project', 'user'];

function layer(from: From, values: Partial<Values>, resources: readonly Resource[] = []): Layer {
  return { from, values, resources, place: (key) => `${from} ${key}` };
}

const resource = (name: string, slots: number): Resource => ({
  name,
  slots,
  labels: [name],
  phases: [],
  paths: [],
  verify: false,
});

const text = fc.constantFrom('a', 'b', 'c');
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { nil: null });
const ANY: { readonly [Name in Key]: fc.Arbitrary<Values[Name]> } = {
  parallel: fc.boolean(),
  jobs: fc.integer({ min: 1, max: 9 }),
  overlap: fc.constantFrom('marked', 'stories'),
  deps: fc.constantFrom('all', 'explicit'),
  failFast: fc.boolean(),
  maxFailures: maybe(fc.integer({ min: 1, max: 9 })),
  retries: fc.nat(9),
  conflictRetries: fc.nat(9),
  timeout: maybe(fc.integer({ min: 1, max: 9 })),
  grace: fc.integer({ min: 1, max: 9 }),
  exec: maybe(text),
  agent: maybe(text),
  model: maybe(text),
  agentArgs: maybe(text),
  silence: maybe(fc.integer({ min: 1, max: 9 })),
  verify: maybe(text),
  verifyPhase: maybe(text),
  verifyEnd: maybe(text),
  stateDir: maybe(text),
  reporter: maybe(text),
  color: fc.constantFrom('auto', 'always', 'never'),
  commit: fc.boolean(),
  'commit.style': fc.constantFrom('plain', 'conventional'),
  branch: maybe(text),
  allowDirty: fc.boolean(),
  worktree: fc.boolean(),
  promptBudget: fc.integer({ min: 500, max: 509 }),
  'worktree.dir': maybe(text),
  'worktree.copy': fc.array(text, { maxLength: 2 }),
  'worktree.setup': maybe(text),
  'worktree.setupTimeout': fc.integer({ min: 1, max: 9 }),
  'worktree.ports.base': fc.integer({ min: 1, max: 9 }),
  'worktree.ports.count': fc.integer({ min: 1, max: 9 }),
};
const anyLayer = (from: From): fc.Arbitrary<Layer> =>
  fc.record(ANY, { requiredKeys: [] }).map((values) => layer(from, values as Partial<Values>));
const anyLayers = fc
  .tuple(...ORDER.map((from) => fc.option(anyLayer(from), { nil: undefined })))
  .map((all) => all.filter((one) => one !== undefined));

/** Keys that another key can decide. */
const COUPLED: readonly Key[] = ['parallel', 'jobs', 'overlap', 'commit'];

describe('layers', () => {
  it('give each key the value of the strongest one that says it', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const { values, origins } = layOver(layers);
        for (const key of KEYS.filter((name) => !COUPLED.includes(name))) {
          // The strongest last, each overwriting the one before it.
          const naive = [...layers].reverse().reduce<unknown>((found, one) => {
            return Object.hasOwn(one.values, key) ? one.values[key] : found;
          }, DEFAULT_VALUES[key]);
          expect(values[key]).toEqual(naive);
          const from = origins.get(key);
          if (from === null) expect(layers.every((one) => one.values[key] === undefined)).toBe(true);
          else expect(from?.values[key]).toEqual(naive);
        }
      }),
    );
  });

  it('say of the options what a run needs, and nothing that nobody said', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const said = runOptionsOf(layers);
        const { values } = layOver(layers);
        const options = { ...DEFAULTS, overlap: values.overlap, ...said };
        expect(options.parallel).toBe(values.parallel);
        expect(options.jobs).toBe(values.jobs);
        expect(options.timeoutMs).toBe(values.timeout);
        // What tasks do is said by one of the two: the stronger.
        const isBoth = values.exec !== null && values.agent !== null;
        if (!isBoth) expect([options.exec, options.agent]).toEqual([values.exec, values.agent]);
        else
          expect([options.exec ?? options.agent, null]).toContain(options.exec === null ? values.agent : values.exec);
        expect(options.exec === null || options.agent === null).toBe(true);
        expect(options.silenceMs).toBe(values.silence);
        expect(options.commitStyle).toBe(values['commit.style']);
        if (layers.length === 0) expect(said).toEqual({});
      }),
    );
  });

  it('are parallel as the strongest that speaks of it says', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const speaker = layers.find((one) => one.values.parallel !== undefined || one.values.jobs !== undefined);
        const expected = speaker?.values.parallel ?? (speaker?.values.jobs ?? 1) > 1;
        const { values } = layOver(layers);
        expect(values.parallel).toBe(expected);
        if (!expected) expect(values.jobs).toBe(1);
      }),
    );
  });

  it.each<readonly [string, readonly Partial<Values>[], boolean, number]>([
    ['nobody', [], false, 1],
    ['jobs above 1 imply parallel', [{ jobs: 8 }], true, 8],
    ['jobs 1 are serial', [{ jobs: 1 }], false, 1],
    ['a bare parallel has four', [{ parallel: true }], true, 4],
    ['a bare parallel takes the number of the next', [{ parallel: true }, { jobs: 8 }], true, 8],
    ['… and passes over one that was serial', [{ parallel: true }, { jobs: 1 }, { jobs: 6 }], true, 6],
    ['a number above goes before one below', [{ jobs: 2 }, { jobs: 8, parallel: true }], true, 2],
    ['one slot above is serial', [{ jobs: 1 }, { jobs: 8 }], false, 1],
    ['not parallel above is serial', [{ parallel: false }, { jobs: 8 }], false, 1],
    ['a number that waits for --parallel', [{ parallel: false, jobs: 8 }], false, 1],
    ['… and then counts', [{ parallel: true }, { parallel: false, jobs: 8 }], true, 8],
    ['one slot, and parallel all the same', [{ parallel: true, jobs: 1 }], true, 1],
  ])('%s', (_what, said, parallel, jobs) => {
    const { values } = layOver(said.map((one, i) => layer(ORDER[i] as From, one)));
    expect([values.parallel, values.jobs]).toEqual([parallel, jobs]);
  });

  it('tell who implied what', () => {
    const { origins, values } = layOver([
      layer('environment', { jobs: 8 }),
      layer('project', { worktree: true, commit: false }),
    ]);
    expect(origins.get('parallel')?.place('parallel')).toBe('environment jobs');
    expect(values.commit).toBe(true);
    expect(origins.get('commit')?.place('commit')).toBe('project worktree');
    expect(values.overlap).toBe('stories');
    expect(origins.get('overlap')).toBeNull();
  });

  it('do not say a commit that worktrees only imply', () => {
    expect(runOptionsOf([layer('project', { worktree: true })])).toEqual({ worktree: true });
    expect(runOptionsOf([layer('project', { worktree: true }), layer('user', { commit: false })])).toEqual({
      worktree: true,
      commit: false,
    });
  });

  it('lay resources over one another by name', () => {
    const { resources, origins } = layOver([
      layer('front matter', {}, [resource('db', 2)]),
      layer('project', {}, [resource('e2e', 1), resource('db', 1)]),
    ]);
    expect(resources).toEqual([resource('db', 2), resource('e2e', 1)]);
    expect(origins.get('resources.db')?.from).toBe('front matter');
    expect(origins.get('resources.e2e')?.from).toBe('project');
  });

  it('leave commands of the front matter to the file, and what stands below them too', () => {
    const project = layer('project', { verify: 'npm test', verifyEnd: 'npm run e2e' });
    const front = layer('front matter', { verify: 'make test' });
    expect(runOptionsOf([front, project])).toEqual({ verify: null, verifyEnd: 'npm run e2e' });
    expect(runOptionsOf([layer('environment', { verify: 'true' }), front, project]).verify).toBe('true');
    expect(layOver([front, project]).values.verify).toBe('make test');
  });
});

it('the defaults are those of a run', () => {
  expect(layOver([]).values).toMatchObject({
    parallel: DEFAULTS.parallel,
    jobs: DEFAULTS.jobs,
    overlap: DEFAULTS.overlap,
    deps: DEFAULTS.deps,
    failFast: DEFAULTS.failFast,
    maxFailures: DEFAULTS.maxFailures,
    retries: DEFAULTS.retries,
    conflictRetries: DEFAULTS.conflictRetries,
    timeout: DEFAULTS.timeoutMs,
    exec: DEFAULTS.exec,
    agent: DEFAULTS.agent,
    model: DEFAULTS.model,
    agentArgs: DEFAULTS.agentArgs,
    silence: DEFAULTS.silenceMs,
    verify: DEFAULTS.verify,
    verifyPhase: DEFAULTS.verifyPhase,
    verifyEnd: DEFAULTS.verifyEnd,
    commit: DEFAULTS.commit,
    'commit.style': DEFAULTS.commitStyle,
    branch: DEFAULTS.branch,
    allowDirty: DEFAULTS.allowDirty,
    worktree: DEFAULTS.worktree,
  });
  expect(settingsOf(layOver([]))).toEqual(DEFAULT_SETTINGS);
  expect(layOver([]).slots).toBe(4);
});

it.each<readonly [string, readonly Partial<Values>[], string | null, string | null]>([
  ['an agent above a command', [{ agent: 'a' }, { exec: 'c' }], 'a', null],
  ['a command above an agent', [{ exec: 'c' }, { agent: 'a' }], null, 'c'],
  ['both in one place', [{ agent: 'a', exec: 'c' }], 'a', null],
  ['an agent taken away', [{ agent: null }, { agent: 'a', exec: 'c' }], null, 'c'],
])('what tasks do: %s', (_what, all, agent, exec) => {
  const layers = all.map((values, index) => layer(ORDER[index] as From, values));
  expect({ agent: null, exec: null, ...runOptionsOf(layers) }).toMatchObject({ agent, exec });
});
