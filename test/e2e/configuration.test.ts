/** Configurations as the built command meets them: every kind of file, variables, front matter, and what it says of them. */
import { describe, expect, test } from 'vitest';
import { useRig } from '../support/rig.ts';

const rig = useRig();

const TASKS = '- [ ] T001 [P] a\n- [ ] T002 [P] b\n- [ ] T003 [P] c\n';

interface Value {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
  readonly place: string | null;
}

/** What `implement config --json` says, without the defaults: `key` to `[value, from, place]`. */
async function told(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await rig.run(['config', '--json', ...args], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { values } = JSON.parse(stdout) as { readonly values: readonly Value[] };
  return Object.fromEntries(
    values.filter((one) => one.from !== 'default').map(({ key, value, from, place }) => [key, [value, from, place]]),
  );
}

/** Options as the newest run has them. */
const options = () => rig.of('run-started').at(-1)?.options;

describe('a configuration of every kind', () => {
  test.each([
    ['implement.config.json', '{ "jobs": 3, "exec": "true" }'],
    ['implement.config.yaml', 'jobs: 3\nexec: "true"\n'],
    ['implement.config.js', 'module.exports = { jobs: 3, exec: "true" };'],
    [
      'implement.config.mjs',
      'import { cpus } from "node:os";\nexport default { jobs: cpus().length > 0 ? 3 : 1, exec: "true" };',
    ],
    ['implement.config.cjs', 'module.exports = async () => ({ jobs: 3, exec: "true" });'],
    [
      'implement.config.ts',
      'import { type Configuration, defineConfig } from "implement-dag";\nimport { exec } from "./exec.ts";\nconst jobs: number = 3;\nexport default defineConfig({ jobs, exec } satisfies Configuration);',
    ],
    ['implement.config.mts', 'enum Slots { Few = 3 }\nexport default { jobs: Slots.Few, exec: "true" };'],
    ['package.json', '{ "name": "x", "implement": { "jobs": 3, "exec": "true" } }'],
  ])('%s', async (name, text) => {
    rig.write('tasks.md', TASKS);
    rig.write(name, text);
    rig.write('exec.ts', 'export const exec = "true" as const;');
    const planned = await rig.run(['plan']);
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toContain('on 3 slots');
    const { code } = await rig.run(['-q']);
    expect(code).toBe(0);
    expect(options()).toMatchObject({ parallel: true, jobs: 3, exec: 'true' });
    expect(rig.read('tasks.md')).not.toContain('[ ]');
  });
});

describe('who says what', () => {
  test('flag, variable, front matter, project, user, default', async () => {
    rig.write('tasks.md', `---\noverlap: stories\nresources: { db: 2 }\n---\n${TASKS}`);
    rig.write(
      'implement.config.json',
      '{\n  "overlap": "marked",\n  "retries": 1,\n  "timeout": "30m",\n  "resources": { "db": 1, "e2e": 1 }\n}\n',
    );
    rig.write('xdg/implement/config.yaml', 'retries: 7\ntimeout: 1h\ncolor: never\njobs: 6\n');
    const env = { XDG_CONFIG_HOME: rig.path('xdg'), IMPLEMENT_OPT_TIMEOUT: '90s', IMPLEMENT_OPT_GRACE: '1s' };
    expect(await told(['--grace', '2s', '--fail-fast', '-p'], env)).toEqual({
      parallel: [true, 'flag', '--parallel'],
      jobs: [6, 'user', 'xdg/implement/config.yaml:4'],
      overlap: ['stories', 'front matter', 'tasks.md:2'],
      failFast: [true, 'flag', '--fail-fast'],
      retries: [1, 'project', 'implement.config.json:3'],
      timeout: ['90s', 'environment', 'IMPLEMENT_OPT_TIMEOUT'],
      grace: ['2s', 'flag', '--grace'],
      color: ['never', 'user', 'xdg/implement/config.yaml:3'],
      'resources.db': [
        { slots: 2, labels: ['db'], phases: [], paths: [], verify: false },
        'front matter',
        'tasks.md:3',
      ],
      'resources.e2e': [
        { slots: 1, labels: ['e2e'], phases: [], paths: [], verify: false },
        'project',
        'implement.config.json:5',
      ],
    });
    await rig.run(['--exec', 'true', '--retries', '0', '-q'], { env });
    expect(options()).toMatchObject({ parallel: true, jobs: 6, overlap: 'stories', retries: 0, timeoutMs: 90_000 });
  });

  test('--show-origin says it line by line, and without a task file too', async () => {
    rig.write('implement.config.yaml', 'commit:\n  style: conventional\n');
    const { code, stdout } = await rig.run(['config', '--show-origin'], { env: { IMPLEMENT_OPT_JOBS: '8' } });
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s{2,}/));
    expect(lines.slice(0, 3)).toEqual([
      ['parallel = true', 'environment: IMPLEMENT_OPT_JOBS'],
      ['jobs = 8', 'environment: IMPLEMENT_OPT_JOBS'],
      ['overlap = "marked"', 'default'],
    ]);
    expect(lines).toContainEqual(['commit.style = "conventional"', 'project: implement.config.yaml:2']);
    const plain = await rig.run(['config']);
    expect(plain.stdout.split('\n')).toContain('commit.style = "conventional"');
    expect((await rig.run(['config', 'none.md'])).code).toBe(2);
  });

  test('secrets stand nowhere', async () => {
    rig.write('implement.config.json', '{ "exec": "curl -H \\"X: geheim\\\\\\"1\\"" }');
    const env = { API_TOKEN: 'geheim\\"1' };
    for (const args of [['config'], ['config', '--json'], ['config', '--show-origin']]) {
      const { stdout } = await rig.run(args, { env });
      expect(stdout).toContain('X: ***');
      expect(stdout).not.toContain('geheim');
    }
  });

  test('a session keeps its options, and flags go before them', async () => {
    rig.write('tasks.md', '- [ ] T001 a\n');
    rig.write('implement.config.json', '{ "exec": "false", "retries": 0, "jobs": 5 }');
    expect((await rig.run(['-q'])).code).toBe(1);
    rig.write('implement.config.json', '{ "exec": "true", "retries": 4, "jobs": 6 }');
    expect((await rig.run(['--continue', '-q'])).code).toBe(1);
    expect(options()).toMatchObject({ exec: 'false', retries: 0, jobs: 5 });
    expect((await rig.run(['--continue', '-q', '--exec', 'true'])).code).toBe(0);
    expect(options()).toMatchObject({ exec: 'true', retries: 0, jobs: 5 });
  });

  test('the state directory of a configuration is that of every command', async () => {
    rig.write('tasks.md', '- [ ] T001 a\n');
    rig.write('implement.config.json', '{ "stateDir": "state", "exec": "true" }');
    expect((await rig.run(['-q'])).code).toBe(0);
    expect(rig.exists('state/current-session.md')).toBe(true);
    expect(rig.exists('.implement')).toBe(false);
    expect((await rig.run(['status'])).stdout).toContain('is complete');
  });

  test('--config names the file, and commands to type again have it too', async () => {
    rig.write('tasks.md', '- [ ] T001 a\n');
    rig.write('implement.config.json', '{ "exec": "true" }');
    rig.write('ci.yaml', 'exec: "false"\nretries: 0\n');
    const { code, stdout, stderr } = await rig.run(['--config', 'ci.yaml']);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('implement --continue --config=ci.yaml');
    expect((await rig.run(['status', '--config', 'ci.yaml'])).stdout).toContain(
      'implement --continue --config=ci.yaml',
    );
  });

  test('colours and the reporter too', async () => {
    rig.write('tasks.md', '- [ ] T001 a\n');
    rig.write('implement.config.json', '{ "color": "always", "reporter": "json", "exec": "true" }');
    const { stdout } = await rig.run(['plan']);
    expect(stdout).toContain('\u001B[2m');
    expect((await rig.run(['plan', '--color', 'never'])).stdout).not.toContain('\u001B[');
    expect(JSON.parse((await rig.run([])).stdout)).toMatchObject({ status: 'complete' });
  });

  test('explain and graph leave out what deps of a configuration leave out', async () => {
    rig.write('tasks.md', '- [ ] T001 a\n- [ ] T002 b\n');
    expect((await rig.run(['explain', 'T002'])).stdout).toContain('T001 (sequence)');
    rig.write('implement.config.yaml', 'deps: explicit\n');
    expect((await rig.run(['explain', 'T002'])).stdout).toContain('It waits for nothing.');
    expect((await rig.run(['explain', 'T002', '--deps', 'all'])).stdout).toContain('T001 (sequence)');
  });
});

describe('front matter', () => {
  test('its commands stand above those of the project, where they may run', async () => {
    rig.write('tasks.md', '---\nverify: touch front\n---\n- [ ] T001 a\n');
    rig.write('implement.config.json', '{ "verify": "touch project", "exec": "true" }');
    expect((await rig.run(['--scripts', '-q'])).code).toBe(0);
    expect([rig.exists('front'), rig.exists('project')]).toEqual([true, false]);
    expect((await told(['--scripts']))['verify']).toEqual(['touch front', 'front matter', 'tasks.md']);
    rig.write('tasks.md', '---\nverify: touch front2\n---\n- [ ] T001 a\n- [ ] T002 b\n');
    expect((await rig.run(['-q'])).code).toBe(0);
    expect([rig.exists('front2'), rig.exists('project')]).toEqual([false, true]);
  });

  test('overlap and resources need no permission and are no reason to warn', async () => {
    rig.write('tasks.md', '---\noverlap: stories\nresources:\n  db: 1\n---\n- [ ] T001 [US1] a\n- [ ] T002 [US2] b\n');
    const { code, stderr } = await rig.run(['-p', '--exec', 'true']);
    expect(code).toBe(0);
    expect(stderr).not.toContain('front matter');
    expect(options()?.overlap).toBe('stories');
  });

  test('a wrong value ends it before anything runs', async () => {
    rig.write('tasks.md', '---\nresources:\n  db: none\n---\n- [ ] T001 a\n');
    const { code, stderr } = await rig.run(['--exec', 'touch ran']);
    expect(code).toBe(2);
    expect(stderr).toContain('tasks.md:3:7: error[config-value]: resources.db takes a number of slots from 1');
    expect(rig.exists('ran')).toBe(false);
  });
});

describe('what is wrong ends it with 2, before anything runs', () => {
  test('a file', async () => {
    rig.write('tasks.md', TASKS);
    rig.write('implement.config.json', '{\n  "exec": "touch ran",\n  "jobz": 3,\n  "scripts": true\n}\n');
    for (const args of [[], ['plan'], ['status'], ['graph'], ['config'], ['--continue']]) {
      const { code, stdout, stderr } = await rig.run(args);
      expect({ code, stdout }, args.join(' ')).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('implement.config.json:3:3: error[config-key]: A configuration has no key "jobz".');
      expect(stderr).toContain('3 |   "jobz": 3,\n    |   ^^^^^^\n  → Did you mean jobs?');
      expect(stderr).toContain(
        'implement.config.json:4:3: error[config-key]: scripts cannot be set in a configuration.',
      );
    }
    expect([rig.exists('ran'), rig.exists('.implement')]).toEqual([false, false]);
    const { stdout } = await rig.run(['plan', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 2,
      diagnostics: [
        { code: 'config-key', line: 3, column: 3, hint: 'Did you mean jobs?' },
        { code: 'config-key', line: 4 },
      ],
    });
  });

  test('a program that fails', async () => {
    rig.write('tasks.md', TASKS);
    rig.write('implement.config.ts', 'const jobs: number = 3;\nthrow new Error("no " + jobs);\n');
    const { code, stderr } = await rig.run(['plan']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^implement\.config\.ts:2:\d+: error\[config-file\]: implement\.config\.ts cannot be loaded: no 3/,
    );
    expect(stderr).toContain('2 | throw new Error(');
  });

  test('two files', async () => {
    rig.write('tasks.md', TASKS);
    rig.write('implement.config.json', '{}');
    rig.write('implement.config.yaml', '');
    const { code, stderr } = await rig.run(['plan']);
    expect(code).toBe(2);
    expect(stderr).toContain('implement.config.json and implement.config.yaml.');
  });

  test('variables', async () => {
    rig.write('tasks.md', TASKS);
    const env = { IMPLEMENT_OPT_JOB: '3', IMPLEMENT_OPT_OVERLAP: 'story', IMPLEMENT_OPT_SCRIPTS: '1' };
    const { code, stderr } = await rig.run(['plan'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('There is no variable IMPLEMENT_OPT_JOB.\n  → Did you mean IMPLEMENT_OPT_JOBS?');
    expect(stderr).toContain('IMPLEMENT_OPT_OVERLAP takes marked or stories, not "story".');
    expect(stderr).toContain('only when you say --scripts yourself');
    expect((await rig.run(['plan'], { env: { IMPLEMENT_TASK_ID: 'T001' } })).code).toBe(0);
  });
});
