/** What npm would publish: its files, a command that runs without anything beside it, a library with its types. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtCommand } from '../support/built.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Record<string, string>;
};

let dir: string;
let files: string[];
/** The package as it would be installed. */
let installed: string;

function call(file: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

beforeAll(async () => {
  await builtCommand();
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-package-')));
  // Its scripts would build anew, under the eyes of the other tests.
  const packed = call(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', dir],
    ROOT,
  );
  const [found] = JSON.parse(packed) as [{ readonly filename: string; readonly files: { readonly path: string }[] }];
  files = found.files.map((file) => file.path);
  const modules = join(dir, 'node_modules');
  mkdirSync(modules);
  call('tar', ['-xzf', join(dir, found.filename), '-C', modules], dir);
  call('mv', ['package', 'implement-dag'], modules);
  installed = join(modules, 'implement-dag');
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the package', () => {
  it('holds what is needed', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'dist/cli.cjs',
        'dist/index.mjs',
        'dist/index.d.mts',
        'dist/THIRD-PARTY.txt',
        'dist/implement.schema.json',
        'docs/configuration.md',
        'docs/commands.md',
        'docs/run.svg',
      ]),
    );
  });

  it('holds nothing else', () => {
    expect(files.filter((path) => !/^(?:dist|docs)\/|^[A-Z]+\.md$|^LICENSE$|^package\.json$/.test(path))).toEqual([]);
    expect(files.filter((path) => /\.(?:map|log|tgz)$|(?:^|\/)\.|\.test\./.test(path))).toEqual([]);
  });

  it('has a command that needs no other package', () => {
    const cli = join(installed, 'dist', 'cli.cjs');
    writeFileSync(join(dir, 'tasks.md'), '- [ ] T001 a\n- [ ] T002 b (depends on T001)\n');
    expect(call(process.execPath, [cli, '--version'], dir)).toBe(`${manifest.version}\n`);
    expect(call(process.execPath, [cli, 'plan'], dir)).toContain('2 tasks');
    call(process.execPath, [cli, '--exec', 'true', '-q'], dir);
    expect(readFileSync(join(dir, 'tasks.md'), 'utf8')).toBe('- [x] T001 a\n- [x] T002 b (depends on T001)\n');
    expect(call(process.execPath, [cli, 'graph', '--format', 'svg'], dir)).toMatch(/^<svg /);
  });

  it('reads configurations of every kind without another package', () => {
    const cli = join(installed, 'dist', 'cli.cjs');
    const place = join(dir, 'configured');
    mkdirSync(place);
    const texts = {
      'c.yaml': 'jobs: 3',
      'c.json': '{ "jobs": 3 }',
      'c.mjs': 'export default { jobs: 3 };',
      'c.ts': "import { defineConfig } from 'implement-dag';\nexport default defineConfig({ jobs: 3 as number });",
    };
    for (const [name, text] of Object.entries(texts)) {
      writeFileSync(join(place, name), text);
      expect(call(process.execPath, [cli, 'config', '--config', name], place)).toContain('jobs = 3\n');
    }
  });

  it('has a JSON Schema of configurations', () => {
    writeFileSync(
      join(dir, 'schema.mjs'),
      "import { createRequire } from 'node:module';\nconst schema = createRequire(import.meta.url)('implement-dag/schema.json');\nconsole.log(schema.properties.jobs.description);\n",
    );
    expect(call(process.execPath, ['schema.mjs'], dir)).toBe('Number of slots; above 1 it implies parallel.\n');
  });

  it('names the licences of all that is inside', () => {
    const text = readFileSync(join(installed, 'dist', 'THIRD-PARTY.txt'), 'utf8');
    for (const name of Object.keys(manifest.dependencies))
      expect(text).toMatch(new RegExp(`^${name} ${manifest.dependencies[name]} \\(`, 'm'));
    expect(text).toMatch(/^micromark 4\.0\.2 \(MIT\)$/m);
    expect(text).toMatch(/^zod 4\.6\.7 \(MIT\)$/m);
    expect(text).toMatch(/^jiti 2\.7\.0 \(MIT\)$/m);
  });

  it('is a library with types', () => {
    for (const name of Object.keys(manifest.dependencies)) {
      symlinkSync(join(ROOT, 'node_modules', name), join(dir, 'node_modules', name));
    }
    const source =
      "import { type Configuration, defineConfig, type Plan, read } from 'implement-dag';\nexport const set: Configuration = defineConfig({ jobs: 8, worktree: { copy: ['.env'] } });\nconst plan: Plan = read('tasks.md', '- [ ] T001 a', { deps: 'all' });\nconsole.log(plan.tasks[0]?.id);\n";
    writeFileSync(join(dir, 'use.mts'), source);
    writeFileSync(join(dir, 'use.mjs'), source.replace(/\btype \w+, /g, '').replace(/: (?:Plan|Configuration)\b/g, ''));
    expect(call(process.execPath, ['use.mjs'], dir)).toBe('T001\n');
    const options = {
      noEmit: true,
      strict: true,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: [],
    };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.mts'] }));
    call(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'lib', 'tsc.js'), '-p', '.'], dir);
  });
});
