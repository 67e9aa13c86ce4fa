/** Files to layers: which file is taken, what it says, and what is wrong with it, with file, line and column. */
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigureInput, configure } from '../../src/config/configure.ts';
import { type Layer, layOver } from '../../src/config/layer.ts';
import { draw } from '../../src/core/caret.ts';
import { cleaner } from '../../src/core/redact.ts';
import { sourceFile } from '../../src/core/source.ts';
import { frontMatterOf } from '../../src/read.ts';

let dir: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-config-')));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
}

interface Asked extends Partial<Pick<ConfigureInput, 'env' | 'named'>> {
  /** Folder of the task file, relative. */
  readonly folder?: string;
  readonly tasks?: string;
  readonly commands?: boolean;
}

function ask({ folder = '.', tasks, commands = false, env = {}, named = null }: Asked = {}) {
  const source = tasks === undefined ? null : sourceFile('tasks.md', tasks);
  return configure({
    folder: join(dir, folder),
    root: dir,
    named: named === null ? null : join(dir, named),
    env,
    front: source === null ? null : { source, value: frontMatterOf(source), commands },
    show: (path) => relative(dir, path),
    clean: cleaner(env),
  });
}

async function layers(asked: Asked = {}): Promise<readonly Layer[]> {
  const found = await ask(asked);
  if (!found.ok) throw new Error(found.diagnostics.map((one) => draw(one, found.source)).join('\n'));
  return found.layers;
}

/** Faults as a person sees them. */
async function faults(asked: Asked = {}): Promise<string[]> {
  const found = await ask(asked);
  return found.ok ? [] : found.diagnostics.map((one) => draw(one, found.source));
}

describe('the file', () => {
  it.each([
    ['implement.config.json', '{ "jobs": 8 }'],
    ['implement.config.yaml', 'jobs: 8\n'],
    ['implement.config.yml', 'jobs: 8 # as many as there are cores\n'],
    ['implement.config.js', 'export default { jobs: 8 };'],
    ['implement.config.mjs', 'export default () => ({ jobs: 8 });'],
    ['implement.config.cjs', 'module.exports = { jobs: 8 };'],
    ['implement.config.ts', 'const jobs: number = 8;\nexport default { jobs };'],
    ['implement.config.mts', 'export default Promise.resolve({ jobs: 8 as const });'],
    ['package.json', '{ "name": "x", "implement": { "jobs": 8 } }'],
  ])('%s', async (name, text) => {
    write(name, text);
    const found = await layers();
    expect(found.map((one) => [one.from, one.values])).toEqual([['project', { jobs: 8 }]]);
    expect(found[0]?.place('jobs')).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')}(?::1)?$`));
  });

  it('that is nearest wins, and nothing above the root counts', async () => {
    write('implement.config.json', '{ "jobs": 2 }');
    write('specs/001/implement.config.yaml', 'jobs: 3');
    expect((await layers({ folder: 'specs/001' }))[0]?.values).toEqual({ jobs: 3 });
    expect((await layers({ folder: 'specs/002' }))[0]?.values).toEqual({ jobs: 2 });
    const above = await configure({
      folder: join(dir, 'specs'),
      root: join(dir, 'specs'),
      named: null,
      env: {},
      front: null,
      show: (path) => path,
      clean: (text) => text,
    });
    expect(above).toEqual({ ok: true, layers: [] });
  });

  it('may not lie beside one of another kind', async () => {
    write('implement.config.json', '{}');
    write('implement.config.ts', 'export default {}');
    expect(await faults()).toEqual([
      `error[config-file]: There are 2 configurations in ${dir}: implement.config.json and implement.config.ts.\n  → Keep one of them: which one counts would be chance.`,
    ]);
    rmSync(join(dir, 'implement.config.ts'));
    write('package.json', '{ "implement": {} }');
    expect((await faults())[0]).toContain('implement.config.json and the key implement of package.json');
    write('package.json', '{ "name": "implement" }');
    expect(await layers()).toHaveLength(1);
  });

  it('of the user lies where XDG says, else below the home', async () => {
    write('home/.config/implement/config.yaml', 'jobs: 5');
    write('xdg/implement/config.json', '{ "jobs": 6 }');
    const home = { HOME: join(dir, 'home') };
    expect((await layers({ env: home }))[0]).toMatchObject({ from: 'user', values: { jobs: 5 } });
    const xdg = { ...home, XDG_CONFIG_HOME: join(dir, 'xdg') };
    expect((await layers({ env: xdg }))[0]).toMatchObject({ from: 'user', values: { jobs: 6 } });
    expect((await layers({ env: { ...home, XDG_CONFIG_HOME: 'relative' } }))[0]?.values).toEqual({ jobs: 5 });
    write('xdg/implement/config.yaml', 'jobs: 7');
    expect((await faults({ env: xdg }))[0]).toContain('config.json and config.yaml');
  });

  it('that is named is taken instead of the one that would be found', async () => {
    write('implement.config.json', '{ "jobs": 2 }');
    write('ci/implement.yaml', 'jobs: 9');
    expect((await layers({ named: 'ci/implement.yaml' })).map((one) => one.values)).toEqual([{ jobs: 9 }]);
    expect((await faults({ named: 'ci/none.yaml' }))[0]).toContain('There is no file ci/none.yaml.');
    expect((await faults({ named: 'ci' }))[0]).toContain('ci is not a file.');
    write('ci/implement.toml', '');
    expect((await faults({ named: 'ci/implement.toml' }))[0]).toContain('It ends in .json, .yaml');
    write('package.json', '{}');
    expect((await faults({ named: 'package.json' }))[0]).toContain('package.json has no key implement.');
  });

  it('may be empty, or begin with a byte order mark', async () => {
    write('implement.config.yaml', '# nothing yet\n');
    expect((await layers())[0]?.values).toEqual({});
    rmSync(join(dir, 'implement.config.yaml'));
    write('implement.config.json', '\uFEFF{\n  "jbs": 1\n}');
    expect((await faults())[0]).toMatch(/^implement\.config\.json:2:3: /);
  });
});

describe('layers', () => {
  it('come strongest first: variables, front matter, project, user', async () => {
    write('implement.config.json', '{ "overlap": "marked", "resources": { "e2e": 1 } }');
    write('xdg/implement/config.yaml', 'color: never');
    const found = await layers({
      env: { XDG_CONFIG_HOME: join(dir, 'xdg'), IMPLEMENT_OPT_JOBS: '3' },
      tasks: '---\noverlap: stories\nverify: npm test\nresources:\n  DB:\n    slots: 2\n---\n- [ ] T001 a\n',
      commands: true,
    });
    expect(found.map((one) => one.from)).toEqual(['environment', 'front matter', 'project', 'user']);
    expect(found[1]?.values).toEqual({ overlap: 'stories', verify: 'npm test' });
    expect(found[1]?.place('resources.DB')).toBe('tasks.md:5');
    expect(found[1]?.place('overlap')).toBe('tasks.md:2');
    expect(layOver(found).values.overlap).toBe('stories');
    expect(layOver(found).resources.map((one) => one.name)).toEqual(['DB', 'e2e']);
  });

  it('take short forms and long ones', async () => {
    write(
      'implement.config.yaml',
      'commit: { style: conventional }\nworktree: true\ntimeout: 1h30m\nverify: null\nresources:\n  e2e: 2\n  db: { paths: ["migrations/**"] }\n  gpu: { labels: [CUDA, GPU], verify: true }\n',
    );
    const [only] = await layers();
    expect(only?.values).toEqual({ 'commit.style': 'conventional', worktree: true, timeout: 5_400_000, verify: null });
    expect(only?.resources).toEqual([
      { name: 'e2e', slots: 2, labels: ['e2e'], phases: [], paths: [], verify: false },
      { name: 'db', slots: 1, labels: ['db'], phases: [], paths: ['migrations/**'], verify: false },
      { name: 'gpu', slots: 1, labels: ['CUDA', 'GPU'], phases: [], paths: [], verify: true },
    ]);
  });

  it('have commands of the front matter only where they are allowed', async () => {
    const tasks = '---\nverify-end: make\n---\n- [ ] T001 a\n';
    expect(await layers({ tasks })).toEqual([]);
    expect((await layers({ tasks, commands: true }))[0]?.values).toEqual({ verifyEnd: 'make' });
  });
});

describe('what is wrong', () => {
  it('is shown at its place in JSON', async () => {
    write(
      'implement.config.json',
      '{\n  "jobs": "four",\n  "overlp": "stories",\n  "worktree": { "ports": { "bass": 1 } }\n}\n',
    );
    expect(await faults()).toEqual([
      'implement.config.json:2:11: error[config-value]: jobs takes a whole number from 1 to 10000, not "four".\n  2 |   "jobs": "four",\n    |           ^^^^^^',
      'implement.config.json:3:3: error[config-key]: A configuration has no key "overlp".\n  3 |   "overlp": "stories",\n    |   ^^^^^^^^\n  → Did you mean overlap?',
      'implement.config.json:4:28: error[config-key]: worktree.ports has no key "bass".\n  4 |   "worktree": { "ports": { "bass": 1 } }\n    |                            ^^^^^^\n  → Did you mean base?',
    ]);
  });

  it('is shown at its place in YAML and in package.json', async () => {
    write('implement.config.yaml', 'resources:\n  db:\n    slot: 1\n  e2e: 0\n');
    expect(await faults()).toEqual([
      'implement.config.yaml:3:5: error[config-key]: resources.db has no key "slot".\n  3 |     slot: 1\n    |     ^^^^\n  → Did you mean slots?',
      'implement.config.yaml:4:8: error[config-value]: resources.e2e takes a whole number from 1 to 10000, not 0.\n  4 |   e2e: 0\n    |        ^',
    ]);
    rmSync(join(dir, 'implement.config.yaml'));
    write('package.json', '{\n  "name": "x",\n  "implement": {\n    "timeout": 30\n  }\n}\n');
    expect((await faults())[0]).toMatch(
      /^package\.json:4:16: error\[config-value\]: timeout takes a duration as text, .*, not 30\.\n {2}4 \|/,
    );
  });

  it('is shown in programs where the key is found', async () => {
    write('implement.config.ts', 'export default {\n  worktree: {\n    setup: 5,\n  },\n};\n');
    expect(await faults()).toEqual([
      'implement.config.ts:3:5: error[config-value]: worktree.setup takes a command, as text, not 5.\n  3 |     setup: 5,\n    |     ^^^^^',
    ]);
    write('implement.config.ts', 'const key = "jo" + "bs";\nexport default { [key]: 0 };\n');
    expect(await faults()).toEqual([
      'error[config-value]: implement.config.ts: jobs takes a whole number from 1 to 10000, not 0.',
    ]);
  });

  it('is shown in the front matter', async () => {
    const tasks = '---\ntitle: x\noverlap: story\nresources: { db: many }\n---\n- [ ] T001 a\n';
    expect(await faults({ tasks })).toEqual([
      'tasks.md:3:10: error[config-value]: overlap takes marked or stories, not "story".\n  3 | overlap: story\n    |          ^^^^^',
      'tasks.md:4:18: error[config-value]: resources.db takes a number of slots from 1, or an object, not "many".\n  4 | resources: { db: many }\n    |                  ^^^^',
    ]);
  });

  it.each([
    [
      'implement.config.json',
      '{\n  "jobs": 3,\n}\n',
      'implement.config.json:2:12: error[config-syntax]: This is not JSON: this comma',
    ],
    [
      'implement.config.json',
      "{ 'jobs': 3 }",
      'implement.config.json:1:3: error[config-syntax]: This is not JSON: a key',
    ],
    [
      'implement.config.json',
      '{ "jobs": 3',
      'implement.config.json:1:11: error[config-syntax]: This is not JSON: it ends too early',
    ],
    [
      'implement.config.json',
      '{ "jobs": 3,\n  "jobs": 4 }',
      'implement.config.json:2:3: error[config-syntax]: Map keys must be unique',
    ],
    ['implement.config.yaml', 'jobs: 3\n  retries: 1\n', 'implement.config.yaml:'],
    ['package.json', '{ "implement": { "jobs": 3 ', 'package.json:1:27: error[config-syntax]: This is not JSON'],
    [
      'implement.config.json',
      '[]',
      'implement.config.json:1:1: error[config-value]: A configuration is an object, not [].',
    ],
    ['implement.config.ts', 'export default {\n  jobs: 3,,\n};\n', 'implement.config.ts:2:'],
    [
      'implement.config.mjs',
      '\nthrow new Error("no");\n',
      'implement.config.mjs:2:7: error[config-file]: implement.config.mjs cannot be loaded: no',
    ],
    [
      'implement.config.mjs',
      'export const jobs = 3;',
      'error[config-file]: implement.config.mjs has no configuration as its default export.',
    ],
    ['implement.config.mjs', 'export default async () => { throw new Error("later") };', 'implement.config.mjs:1:'],
  ])('%s %j', async (name, text, begin) => {
    write(name, text);
    const [first = ''] = await faults();
    expect(first.slice(0, begin.length)).toBe(begin);
    expect(first).toMatch(/error\[config-/);
  });

  it('is said of flags that no file may set', async () => {
    write('implement.config.json', '{ "scripts": true, "filter": "P1", "fail-fast": true }');
    const [scripts, filter, dashed] = await faults();
    expect(scripts).toContain('scripts cannot be set in a configuration.');
    expect(scripts).toContain('run only when you say --scripts yourself');
    expect(filter).toContain('filter cannot be set in a configuration.');
    expect(dashed).toContain('Did you mean failFast?');
  });

  it('is said of resources that differ in case only, and of names that need quoting', async () => {
    write('implement.config.json', '{ "resources": { "db": 1, "DB": 2 } }');
    expect((await faults())[0]).toContain('the resources db and DB differ in case only');
    write('implement.config.json', '{ "resources": { "the db": 1 } }');
    expect((await faults())[0]).toMatch(/^implement\.config\.json:1:18: error\[config-key\]: "the db" is not a name/);
  });

  it('of a variable is said by its name', async () => {
    expect(
      await faults({
        env: { IMPLEMENT_OPT_JOBS: 'many', IMPLEMENT_OPT_WORKTREE_SETUP_TIMEOUT: '5', IMPLEMENT_OPT_WORKTREE: 'si' },
      }),
    ).toEqual([
      'error[config-value]: IMPLEMENT_OPT_JOBS takes a whole number from 1 to 10000, not "many".',
      'error[config-value]: IMPLEMENT_OPT_WORKTREE takes true or false, not "si".',
      expect.stringMatching(/^error\[config-value\]: IMPLEMENT_OPT_WORKTREE_SETUP_TIMEOUT takes a duration/),
    ]);
  });

  it.runIf(process.getuid?.() === 0)('is said of a file that somebody else put there', async () => {
    write('implement.config.json', '{ "exec": "true" }');
    chownSync(join(dir, 'implement.config.json'), 65_534, 65_534);
    const [first] = await faults();
    expect(first).toContain('implement.config.json belongs to another user: what it says is not done.');
    // Whoever owns the folder may say what is done in it.
    chownSync(dir, 65_534, 65_534);
    expect(await layers()).toHaveLength(1);
  });

  it('never shows a secret, not even the beginning of one', async () => {
    const API_TOKEN = `geheim${'x'.repeat(80)}`;
    const shown = await faults({ env: { API_TOKEN, IMPLEMENT_OPT_JOBS: API_TOKEN } });
    expect(shown).toEqual(['error[config-value]: IMPLEMENT_OPT_JOBS takes a whole number from 1 to 10000, not "***".']);
  });
});
