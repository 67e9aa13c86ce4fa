/** Random task files as text, random options and random outcomes, for properties of the run. */
import fc from 'fast-check';
import type { FailureReason, Outcome, RunOptions } from '../../src/core/event.ts';
import { failed, succeeded } from '../../src/core/outcome.ts';
import type { Plan } from '../../src/core/plan.ts';
import { read } from '../../src/read.ts';

export const FILE = 'tasks.md';

interface TaskSpec {
  readonly marked: boolean;
  readonly box: ' ' | 'x' | '-';
  /** Number of the file that it changes, 0 for none. */
  readonly target: number;
  /** How many tasks above stands what it waits for; negative: below. */
  readonly needs: readonly number[];
  readonly priority: number;
  readonly all: boolean;
  readonly twice: 'no' | 'same text' | 'other text';
  /** A sub-heading stands above it. */
  readonly headed: boolean;
}

interface PhaseSpec {
  readonly kind: 'Setup' | 'Polish' | 'Build' | 1 | 2 | 3 | 'mixed';
  readonly priority: number;
  readonly tasks: readonly TaskSpec[];
}

type SentenceSpec = readonly [form: number, a: number, b: number];

const task: fc.Arbitrary<TaskSpec> = fc.record({
  marked: fc.constantFrom(true, true, false),
  box: fc.oneof(
    { weight: 8, arbitrary: fc.constant(' ' as const) },
    { weight: 1, arbitrary: fc.constantFrom('x' as const, '-' as const) },
  ),
  target: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) }),
  needs: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: -4, max: 9 }), { minLength: 1, maxLength: 1 }) },
  ),
  priority: fc.constantFrom(0, 0, 0, 1, 2),
  all: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
  twice: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'no', 'no', 'no', 'same text', 'other text'),
  headed: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});

const phase: fc.Arbitrary<PhaseSpec> = fc.record({
  kind: fc.constantFrom<PhaseSpec['kind'][]>('Setup', 'Polish', 'Build', 1, 2, 3, 1, 2, 3, 1, 2, 3, 'mixed'),
  priority: fc.constantFrom(0, 1, 2, 3),
  tasks: fc.array(task, { minLength: 0, maxLength: 6 }),
});

const sentence: fc.Arbitrary<SentenceSpec> = fc.tuple(fc.nat(7), fc.nat(20), fc.nat(20));

export interface FileSpec {
  readonly ids: boolean;
  readonly headings: boolean;
  readonly phases: readonly PhaseSpec[];
  readonly sentences: readonly SentenceSpec[];
}

const fileSpec: fc.Arbitrary<FileSpec> = fc.record({
  ids: fc.integer({ min: 0, max: 6 }).map((n) => n > 0),
  headings: fc.integer({ min: 0, max: 6 }).map((n) => n > 0),
  phases: fc.array(phase, { minLength: 1, maxLength: 5 }),
  sentences: fc.array(sentence, { maxLength: 4 }),
});

const id = (n: number): string => `T${String(n).padStart(3, '0')}`;

function render(file: FileSpec): string {
  const lines: string[] = ['# Tasks', ''];
  const again: string[] = [];
  const total = file.phases.reduce((sum, one) => sum + one.tasks.length, 0);
  let n = 0;
  file.phases.forEach((one, p) => {
    const { kind } = one;
    const name = typeof kind === 'number' ? `User Story ${kind}` : kind === 'mixed' ? 'Work' : kind;
    const priority = one.priority === 0 ? '' : ` (Priority: P${one.priority})`;
    if (file.headings) lines.push('', `## Phase ${p + 1}: ${name}${priority}`, '');
    for (const spec of one.tasks) {
      n++;
      if (spec.headed && file.headings) lines.push('', `### Part ${n}`, '');
      const story = typeof kind === 'number' ? kind : kind === 'mixed' && n % 2 === 0 ? (n % 3) + 1 : 0;
      const needs = [...new Set(spec.needs.map((back) => n - back))].filter((m) => m >= 1 && m <= total && m !== n);
      const words = [
        spec.marked ? '[P]' : '',
        spec.all ? '[ALL]' : story > 0 ? `[US${story}]` : '',
        spec.priority > 0 ? `[P${spec.priority}]` : '',
        `Make part ${file.ids ? n : n % 5}`,
        spec.target > 0 ? `in src/f${spec.target}.ts` : '',
        file.ids && needs.length > 0 ? `(depends on ${needs.map(id).join(', ')})` : '',
      ].filter((word) => word !== '');
      const line = `${file.ids ? `${id(n)} ` : ''}${words.join(' ')}`;
      lines.push(`- [${spec.box}] ${line}`);
      if (file.ids && spec.twice === 'same text') again.push(`- [ ] ${line}`);
      if (file.ids && spec.twice === 'other text') again.push(`- [ ] ${id(n)} Make another part ${n}`);
    }
  });
  lines.push(...again);
  if (file.ids && file.sentences.length > 0 && total > 1) {
    lines.push('', '## Dependencies', '');
    for (const [form, x, y] of file.sentences) {
      const [a, b] = [id(1 + (x % total)), id(1 + (y % total))];
      const [s, t] = [1 + (x % 3), 1 + (y % 3)];
      const said = [
        a === b ? '' : `- ${a} depends on ${b}`,
        a < b ? `- ${a} → ${b}` : '',
        s === t ? '' : `- US${s} depends on US${t}`,
        s === t ? '' : `- US${s}: extends the command of US${t}`,
        `- Phase ${1 + (x % file.phases.length)} depends on Phase ${1 + (y % file.phases.length)}`,
        a < b ? `- ${a} blocks ${b}` : '',
        s === t ? '' : `- US${s} builds on what US${t} left, somehow`,
        s === t ? '' : `- US${s}: extends the command of US${t}`,
      ][form] as string;
      if (said !== '') lines.push(said);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function planOf(text: string, deps: RunOptions['deps'] = 'all'): Plan {
  return read(FILE, text, { deps });
}

const isReadable = (text: string): boolean => {
  const { diagnostics } = planOf(text);
  return !diagnostics.some((one) => one.severity === 'error');
};

/** Task files that can be planned. */
export const taskFiles: fc.Arbitrary<string> = fileSpec.map(render).filter(isReadable);

export const PLAIN: RunOptions = {
  parallel: false,
  jobs: 1,
  overlap: 'marked',
  deps: 'all',
  filter: [],
  only: false,
  failFast: false,
  maxFailures: null,
  retries: 0,
  timeoutMs: null,
  scripts: false,
  exec: 'true',
  agent: null,
  model: null,
  agentArgs: null,
  silenceMs: null,
  yolo: 'off',
  verify: null,
  verifyPhase: null,
  verifyEnd: null,
  worktree: false,
  commit: false,
  branch: null,
  allowDirty: false,
  conflictRetries: 2,
  commitStyle: 'plain',
};

const FILTERS: readonly (readonly string[])[] = [
  ...Array.from({ length: 8 }, () => []),
  ['US1'],
  ['P1'],
  ['!US2'],
  ['T002', 'T005'],
  ['Phase 2'],
  ['#2'],
];

/** Options of a run; a filter may name what the file does not have. */
export const runOptions: fc.Arbitrary<RunOptions> = fc
  .record({
    jobs: fc.constantFrom(0, 1, 2, 3, 4, 8),
    overlap: fc.constantFrom('marked', 'stories'),
    deps: fc.constantFrom('all', 'all', 'explicit'),
    filter: fc.constantFrom(...FILTERS),
    only: fc.boolean(),
    retries: fc.constantFrom(0, 1, 2),
    verifyPhase: fc.constantFrom(null, 'true'),
    verifyEnd: fc.constantFrom(null, null, 'true'),
  })
  .map((some) => ({ ...PLAIN, ...some, parallel: some.jobs > 0, jobs: Math.max(1, some.jobs) }) as RunOptions);

/** What a step's attempts come to: the first `failures` fail, the next one succeeds. */
export interface Fate {
  readonly ms: number;
  readonly failures: number;
  readonly reason: FailureReason;
  /** The attempt ticks the task's box itself. */
  readonly ticks: boolean;
}

const fate: fc.Arbitrary<Fate> = fc.record({
  ms: fc.constantFrom(0, 100, 100, 200, 300, 700, 1500),
  failures: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 3, 9),
  reason: fc.constantFrom('exit-code', 'timeout', 'signal', 'spawn', 'cancelled', 'verification', 'unexpected'),
  ticks: fc.constantFrom(false, false, true),
});

/** The fate of every step, as a function that gives the same for the same step. */
export const fates: fc.Arbitrary<readonly Fate[]> = fc.array(fate, { minLength: 5, maxLength: 23 });

export function fateOf(all: readonly Fate[], step: string): Fate {
  let hash = 7;
  for (let i = 0; i < step.length; i++) hash = (hash * 31 + step.charCodeAt(i)) % 1_000_003;
  return all[hash % all.length] as Fate;
}

/** The outcome of the attempt number `n` (from 1) of this session. */
export function outcomeOf({ failures, reason }: Fate, n: number): Outcome {
  if (n > failures) return succeeded(n % 2 === 0 ? 'all 3 passed' : null);
  return failed(reason, reason === 'exit-code' ? 'exit code 1' : `ended by ${reason}`, {
    exitCode: reason === 'exit-code' ? 1 : null,
    tail: 'first line\nlast line\n',
  });
}

/** How often a property is tried: `PROPERTY_RUNS=10` makes it ten times as often. A long search for a smaller case is cut short. */
export function tries(runs: number): { numRuns: number; interruptAfterTimeLimit: number } {
  return {
    numRuns: Math.ceil(runs * Number(process.env['PROPERTY_RUNS'] ?? 1)),
    interruptAfterTimeLimit: 90_000,
  };
}
