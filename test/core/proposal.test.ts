/** First configurations: what is chosen for which project, and that each of them is valid whatever was found. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { configure } from '../../src/config/configure.ts';
import { choicesFor, configurationText, type Facts } from '../../src/core/proposal.ts';

const dir = mkdtempSync(join(tmpdir(), 'implement-proposal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const facts = (
  more: Partial<Record<'names' | 'scripts' | 'targets' | 'ignored', readonly string[]>>,
  usesPytest = false,
): Facts => ({
  names: new Set(more.names),
  scripts: new Set(more.scripts),
  targets: new Set(more.targets),
  ignored: more.ignored ?? [],
  hasRepository: true,
  usesPytest,
});
const chosen = (one: Facts) => Object.fromEntries(choicesFor(one).map(({ key, value }) => [key, value]));

it.each([
  [
    facts({
      names: ['package-lock.json'],
      scripts: ['test', 'lint', 'typecheck', 'build'],
      ignored: ['.env', '.env.local'],
    }),
    {
      verify: 'npm run typecheck && npm run lint',
      verifyPhase: 'npm run test',
      verifyEnd: 'npm run build && npm run test',
      'worktree.setup': 'npm ci',
      'worktree.copy': ['.env', '.env.local'],
    },
  ],
  [
    facts({ names: ['pnpm-lock.yaml', 'package-lock.json'], scripts: ['test'] }),
    { verifyPhase: 'pnpm run test', 'worktree.setup': 'pnpm install --frozen-lockfile' },
  ],
  [facts({ names: ['yarn.lock', '.yarnrc.yml'] }), { 'worktree.setup': 'yarn install --immutable' }],
  [facts({ names: ['uv.lock'] }, true), { verifyPhase: 'uv run pytest', 'worktree.setup': 'uv sync' }],
  [facts({ names: ['Cargo.toml'], targets: ['test', 'lint'] }), { verify: 'make lint', verifyPhase: 'cargo test' }],
  [facts({ names: ['go.mod'] }), { verifyPhase: 'go test ./...' }],
  [facts({ targets: ['test'] }), { verifyPhase: 'make test' }],
  [facts({ ignored: ['.env*', '.env.{a}'] }), {}],
  [facts({}), {}],
])('chooses for project %#', (found, wanted) => {
  expect(chosen(found)).toEqual(wanted);
});

it('gives reasons, and commands for what was not found as comments', () => {
  const found = facts({ names: ['Cargo.toml'] });
  const text = configurationText(choicesFor(found), false);
  expect(text).toContain('# Because there is a Cargo.toml.\nverifyPhase: "cargo test"\n');
  expect(text).toContain('# verify: "make lint"\n');
  expect(text).toContain('# Needs a git repository: git init\n# worktree:\n#   enabled: true\n');
});

const some = (...all: string[]) => fc.subarray(all);
const ANY = fc.record({
  names: some(
    'package-lock.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    '.yarnrc.yml',
    'uv.lock',
    'poetry.lock',
    'Gemfile.lock',
    'go.mod',
    'Cargo.toml',
    'composer.lock',
  ),
  scripts: some('test', 'lint', 'typecheck', 'build'),
  targets: some('test', 'lint'),
  ignored: fc.array(fc.oneof(fc.string(), fc.constantFrom('.env', '.env.local')), { maxLength: 3 }),
  pytest: fc.boolean(),
});

it('is always valid, also with its examples switched on', async () => {
  const valid = async (text: string): Promise<unknown> => {
    writeFileSync(join(dir, 'implement.config.yaml'), text);
    const found = await configure({
      folder: dir,
      root: dir,
      named: null,
      env: {},
      front: null,
      show: String,
      clean: String,
    });
    return found.ok ? null : found.diagnostics;
  };
  await fc.assert(
    fc.asyncProperty(ANY, async ({ pytest, ...more }) => {
      const text = configurationText(choicesFor(facts(more, pytest)), true);
      expect(await valid(text)).toBeNull();
      const keys =
        /^(\s*)# ((?:parallel|jobs|exec|timeout|retries|verify\w*|enabled|setup|copy|worktree|resources| {2}\w+):)/gm;
      expect(await valid(text.replace(keys, '$1$2'))).toBeNull();
    }),
    { numRuns: 60 },
  );
});
