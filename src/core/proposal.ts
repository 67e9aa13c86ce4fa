/**
 * A first configuration for a project: from what lies in it to keys, values and the reason for each, as commented YAML.
 * Pure; the looking is done elsewhere.
 */

/** What was found in the project root. */
export interface Facts {
  /** Names of its files and folders. */
  readonly names: ReadonlySet<string>;
  /** Names of the scripts in package.json, but for the one that npm makes and that only fails. */
  readonly scripts: ReadonlySet<string>;
  /** Targets of the Makefile. */
  readonly targets: ReadonlySet<string>;
  /** Files such as `.env` that git ignores. */
  readonly ignored: readonly string[];
  readonly hasRepository: boolean;
  readonly usesPytest: boolean;
}

export interface Choice {
  /** As `implement config` names it: `worktree.setup`. */
  readonly key: 'verify' | 'verifyPhase' | 'verifyEnd' | 'worktree.setup' | 'worktree.copy';
  readonly value: string | readonly string[];
  /** Why, as the end of a sentence. */
  readonly why: string;
}

interface Manager {
  readonly lock: string;
  readonly setup: string;
  /** How a script of package.json is run; `null`: there are none. */
  readonly run: string | null;
}

/** The first whose lock file is there counts; further ones of another language add their setup. */
const MANAGERS: readonly Manager[] = [
  { lock: 'pnpm-lock.yaml', setup: 'pnpm install --frozen-lockfile', run: 'pnpm run' },
  { lock: 'yarn.lock', setup: 'yarn install --frozen-lockfile', run: 'yarn run' },
  { lock: 'bun.lock', setup: 'bun install --frozen-lockfile', run: 'bun run' },
  { lock: 'bun.lockb', setup: 'bun install --frozen-lockfile', run: 'bun run' },
  { lock: 'package-lock.json', setup: 'npm ci', run: 'npm run' },
  { lock: 'npm-shrinkwrap.json', setup: 'npm ci', run: 'npm run' },
  { lock: 'uv.lock', setup: 'uv sync', run: null },
  { lock: 'poetry.lock', setup: 'poetry install', run: null },
  { lock: 'Gemfile.lock', setup: 'bundle install', run: null },
  { lock: 'composer.lock', setup: 'composer install', run: null },
];

/** What a first configuration would set, in the order of the file. */
export function choicesFor(facts: Facts): Choice[] {
  const { names, scripts, targets } = facts;
  const found = MANAGERS.filter((one) => names.has(one.lock));
  const script = found.find((one) => one.run !== null);
  const run = script?.run ?? 'npm run';
  const choices: Choice[] = [];

  const quick = ['typecheck', 'lint'].filter((name) => scripts.has(name));
  if (quick.length > 0) {
    const why = `package.json has ${list(quick, 'script')}, and they are quick enough to run after each task`;
    choices.push({ key: 'verify', value: quick.map((name) => `${run} ${name}`).join(' && '), why });
  } else if (targets.has('lint')) {
    choices.push({ key: 'verify', value: 'make lint', why: 'the Makefile has a target lint' });
  }
  const test = testOf(facts, run, found);
  if (test !== null) choices.push({ key: 'verifyPhase', ...test });
  if (scripts.has('build')) {
    const value = test === null ? `${run} build` : `${run} build && ${test.value}`;
    choices.push({ key: 'verifyEnd', value, why: 'package.json has a script build: the whole must build' });
  }
  // Two managers of one language would undo each other's work.
  const setups = [script, ...found.filter((one) => one.run === null)].filter((one) => one !== undefined);
  if (setups.length > 0) {
    const yarn = names.has('.yarnrc.yml');
    const value = setups
      .map(({ setup }) => (yarn && /^yarn /.test(setup) ? 'yarn install --immutable' : setup))
      .join(' && ');
    choices.push({
      key: 'worktree.setup',
      value,
      why: `a fresh worktree has nothing installed (${setups.map((one) => one.lock).join(', ')})`,
    });
  }
  const copy = facts.ignored.filter((name) => /^[\w.-]+$/.test(name));
  if (copy.length > 0)
    choices.push({ key: 'worktree.copy', value: copy, why: `git ignores ${copy.join(', ')}, so no worktree has it` });
  return choices;
}

function testOf(
  { names, scripts, targets, usesPytest }: Facts,
  run: string,
  found: readonly Manager[],
): { readonly value: string; readonly why: string } | null {
  if (scripts.has('test')) return { value: `${run} test`, why: 'package.json has a script test' };
  if (names.has('Cargo.toml')) return { value: 'cargo test', why: 'there is a Cargo.toml' };
  if (names.has('go.mod')) return { value: 'go test ./...', why: 'there is a go.mod' };
  if (usesPytest) {
    const prefix = found.some((one) => one.lock === 'uv.lock')
      ? 'uv run '
      : found.some((one) => one.lock === 'poetry.lock')
        ? 'poetry run '
        : '';
    return { value: `${prefix}pytest`, why: 'the project is set up for pytest' };
  }
  return targets.has('test') ? { value: 'make test', why: 'the Makefile has a target test' } : null;
}

function list(names: readonly string[], what: string): string {
  return `the ${what}${names.length === 1 ? '' : 's'} ${names.join(' and ')}`;
}

interface Part {
  readonly comment: readonly string[];
  /** Shown as a comment where nothing was found. */
  readonly example: string;
}

const PARTS: Readonly<Record<'verify' | 'verifyPhase' | 'verifyEnd', Part>> = {
  verify: {
    comment: ['Verifies after each task: a failure counts as a failed attempt.'],
    example: 'verify: "make lint"',
  },
  verifyPhase: {
    comment: ['Verifies behind each phase. Tests that are written before the code fail until their phase is done.'],
    example: 'verifyPhase: "make test"',
  },
  verifyEnd: { comment: ['Verifies at the end.'], example: 'verifyEnd: "make all"' },
};

/** The configuration as commented YAML. Holds only keys that exist; everything that was not chosen is a comment. */
export function configurationText(choices: readonly Choice[], hasRepository: boolean): string {
  const yamlOf = (key: Choice['key']): string | null => {
    const chosen = choices.find((one) => one.key === key);
    return chosen === undefined ? null : JSON.stringify(chosen.value);
  };
  const whyOf = (key: Choice['key']): string[] =>
    choices.filter((one) => one.key === key).map((one) => `Because ${one.why}.`);
  const lines = [
    '# Configuration of implement. Flags and variables win over it; `implement config --show-origin` shows what is set.',
    '',
    '# Run what may overlap side by side, in so many slots.',
    '# parallel: true',
    '# jobs: 4',
    '',
    '# What every task without an allowed script runs, through sh -c; the task is in IMPLEMENT_TASK_* and on standard input.',
    `# exec: "./do-task.sh"`,
    '',
    '# Limit for one attempt, and further attempts of a task that failed.',
    '# timeout: "30m"',
    '# retries: 2',
  ];
  for (const [key, { comment, example }] of Object.entries(PARTS) as [keyof typeof PARTS, Part][]) {
    const value = yamlOf(key);
    lines.push('', ...[...comment, ...whyOf(key)].map((one) => `# ${one}`));
    lines.push(value === null ? `# ${example}` : `${key}: ${value}`);
  }
  const setup = yamlOf('worktree.setup');
  const copy = yamlOf('worktree.copy');
  const isEmpty = setup === null && copy === null;
  lines.push('', '# Each attempt in a git worktree of its own; what is done is committed and merged, one by one.');
  if (!hasRepository) lines.push('# Needs a git repository: git init');
  if (isEmpty) lines.push('# worktree:', '#   enabled: true', '#   setup: "make deps"', '#   copy: [".env"]');
  else {
    const because = [...whyOf('worktree.setup'), ...whyOf('worktree.copy')].map((one) => `  # ${one}`);
    lines.push('worktree:', '  # enabled: true', ...because);
    lines.push(setup === null ? '  # setup: "make deps"' : `  setup: ${setup}`);
    lines.push(copy === null ? '  # copy: [".env"]' : `  copy: ${copy}`);
  }
  lines.push(
    '',
    '# What only so many tasks may use at the same time, by label, phase or path.',
    '# resources:',
    '#   db: 1',
  );
  return `${lines.join('\n')}\n`;
}
