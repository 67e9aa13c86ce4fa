/**
 * Small task files and what they mean, stated by hand: who waits for whom, and why. The edges of the plan are written
 * out through gates and compared exactly; where a pair is joined in several ways, the strongest counts.
 */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { read } from '../../src/read.ts';

const STRENGTH = ['explicit', 'barrier', 'sequence', 'hint', 'conflict'];

/** `T001 < T002` pairs per kind, gates written out. Through a gate only edges of one kind make a pair. */
function pairs(plan: Plan): Record<string, string[]> {
  const best = new Map<string, string>();
  const note = (from: string, to: string, kind: string): void => {
    const key = `${from} < ${to}`;
    const known = best.get(key);
    if (known === undefined || STRENGTH.indexOf(kind) < STRENGTH.indexOf(known)) best.set(key, kind);
  };
  const follow = (from: string, node: string, kind: string): void => {
    for (const edge of plan.edges.filter((one) => one.from === node && one.kind === kind)) {
      if (plan.byId.has(edge.to)) note(from, edge.to, kind);
      else follow(from, edge.to, kind);
    }
  };
  for (const task of plan.tasks) {
    for (const edge of plan.edges.filter((one) => one.from === task.id)) {
      if (plan.byId.has(edge.to)) note(task.id, edge.to, edge.kind);
      else follow(task.id, edge.to, edge.kind);
    }
  }
  const found: Record<string, string[]> = {};
  for (const [pair, kind] of best) {
    const letter = kind[0] as string;
    found[letter] = [...(found[letter] ?? []), pair];
  }
  for (const list of Object.values(found)) list.sort();
  return found;
}

/** `A, B < C < D` to `A < C`, `B < C`, `C < D`, `A < D` is not meant. */
function expand(text: string): string[] {
  return text
    .split(' · ')
    .flatMap((chain) => {
      const groups = chain.split(' < ').map((group) => group.split(', '));
      const found: string[] = [];
      for (let i = 0; i + 1 < groups.length; i++) {
        for (const from of groups[i] as string[])
          for (const to of groups[i + 1] as string[]) found.push(`${from} < ${to}`);
      }
      return found;
    })
    .sort();
}

interface Example {
  readonly name: string;
  readonly lines: readonly string[];
  readonly e?: string;
  readonly b?: string;
  readonly s?: string;
  readonly h?: string;
  readonly c?: string;
  /** Codes of diagnostics, sorted, infos included. */
  readonly says?: readonly string[];
}

const STORIES = [
  '## Phase 1: US1',
  'T001 a',
  '## Phase 2: US2',
  'T002 b',
  '## Phase 3: US3',
  'T003 c',
  '## Dependencies',
];

const EXAMPLES: readonly Example[] = [
  {
    name: 'a run of [P] between single tasks',
    lines: ['## Phase 1: Setup', 'T001 init', 'T002 [P] lint', 'T003 [P] format', 'T004 hooks'],
    s: 'T001 < T002 · T001 < T003 · T002, T003 < T004',
  },
  {
    name: 'a sub-heading ends a run',
    lines: [
      '## Phase 3: User Story 1',
      '### Tests',
      'T010 [P] test a',
      'T011 [P] test b',
      '### Code',
      'T012 [P] model a',
      'T013 [P] model b',
      'T014 service (depends on T012)',
    ],
    s: 'T010, T011 < T012 · T010, T011 < T013 · T013 < T014',
    e: 'T012 < T014',
  },
  {
    name: 'the heading makes a phase shared in spite of a tag',
    lines: [
      '## Phase 2: Foundational',
      'T001 [US1] tables',
      '## Phase 3: User Story 1',
      'T002 page',
      '## Phase 4: User Story 2',
      'T003 search',
    ],
    b: 'T001 < T002 · T001 < T003',
  },
  {
    name: 'a bracket with words names no story',
    lines: [
      '## Phase 2: Blocking Prerequisites (for US1 and US2)',
      'T001 a',
      '## Phase 3: US1',
      'T002 b',
      '## Phase 4: US2',
      'T003 c',
    ],
    b: 'T001 < T002 · T001 < T003',
  },
  {
    name: 'cuts round a tagged task in a shared phase',
    lines: ['## Phase 5: Polish', 'T004 [P] docs', 'T005 [US2] tune', 'T006 [P] audit'],
    b: 'T004 < T005 < T006',
  },
  {
    name: 'phases in which every task has a story',
    lines: ['## Phase 4: Pages', 'T001 [US1] a', 'T002 [US2] b', '## Phase 5: Screens', 'T003 [US1] c'],
    s: 'T001 < T003',
  },
  {
    name: 'no heading, stories and [ALL]',
    lines: ['T001 prepare', 'T002 [US1] a', 'T003 [US2] b', 'T004 [P] [US1] c', 'T005 [P] [US2] d', 'T006 [ALL] e'],
    b: 'T001 < T002, T003, T004, T005 · T002, T003, T004, T005 < T006',
    s: 'T002 < T004 · T003 < T005',
  },
  {
    name: 'the lane of a story goes on behind a cut',
    lines: [
      '## Phase 3: US1',
      'T001 a',
      '## Phase 4: Check',
      'T002 b',
      '## Phase 5: US1',
      'T003 c',
      '## Phase 6: US2',
      'T004 d',
    ],
    b: 'T001 < T002 < T003 · T002 < T004',
  },
  {
    name: 'a task in two lanes',
    lines: ['## Phase 3: User Story 1 + US2', 'T001 [US1] a', 'T002 b', 'T003 [US2] c'],
    s: 'T001 < T002 < T003',
  },
  {
    name: 'the same file in two stories',
    lines: [
      '## Phase 1: US1',
      'T001 create panel in ui/panel.ts',
      'T002 style in ui/panel.css',
      '## Phase 2: US2',
      'T003 add filter to ui/panel.ts',
      'T004 store in db/f.ts',
    ],
    s: 'T001 < T002 · T003 < T004',
    c: 'T001 < T003',
  },
  {
    name: 'a directory is no target',
    lines: [
      'T001 [P] test in test/x.ts',
      'T002 [P] more tests in test/x.ts',
      'T003 [P] docs in docs/',
      'T004 [P] guide in docs/',
    ],
    c: 'T001 < T002',
  },
  {
    name: 'a task that waits for a later one is read behind it',
    lines: ['## Phase 1: Setup', 'T001 plan (depends on T003)', 'T002 tools', 'T003 repo', 'T004 ci'],
    s: 'T002 < T003 · T001 < T004',
    e: 'T003 < T001',
    says: ['moved'],
  },
  { name: 'a cycle', lines: ['T001 a (depends on T002)', 'T002 b (depends on T001)'], says: ['cycle'] },
  {
    name: 'an unknown id at a task',
    lines: ['T001 a', 'T002 b (depends on T011)'],
    s: 'T001 < T002',
    says: ['unknown-id'],
  },
  {
    name: 'an unknown id in a section',
    lines: ['T001 a', 'T002 b', '## Dependencies', '- T011 blocks T002'],
    s: 'T001 < T002',
    says: ['unknown-id'],
  },
  {
    name: 'sentences of a template, one of them an edge',
    lines: [
      ...STORIES,
      '- **US2**: Can start after Foundational - May integrate with US1 but should be independently testable',
      '- US3 (P3): Depends on US1 (needs its rows)',
      '- T001, T002 can run in parallel',
      '- All stories depend on Setup completion',
    ],
    e: 'T001 < T003',
    // There is no Foundational phase in this file, so that sentence is listed.
    says: ['not-understood'],
  },
  {
    name: 'a hint',
    lines: [...STORIES, '- US2: extends the command of US1, so US1 should land first'],
    h: 'T001 < T002',
    says: ['not-understood'],
  },
  {
    name: 'chains and lists of ids',
    lines: [
      '## Tasks',
      'T001 [P] a',
      'T002 [P] b',
      'T003 [P] c',
      'T004 [P] d',
      'T005 [P] e',
      'T006 [P] f',
      '## Dependencies',
      '- T002 → T003 (same file), then T004',
      '- T005 after T001/T002; T006 last',
    ],
    e: 'T002 < T003 < T004 · T001, T002 < T005',
    says: ['not-understood'],
  },
  {
    name: 'one H2 holds all tasks',
    lines: [
      '## Tasks',
      '### Phase 1: Setup',
      'T001 a',
      '### Phase 2: User Story 1',
      'T002 b',
      '### Phase 3: User Story 2',
      'T003 c',
    ],
    b: 'T001 < T002 · T001 < T003',
  },
  {
    name: 'a range follows the document',
    lines: ['T010a x', 'T012 y', 'T011 z', 'T020 w (depends on T010a-T011)'],
    s: 'T010a < T012 < T011',
    e: 'T010a, T012, T011 < T020',
  },
];

function plan(lines: readonly string[]): Plan {
  const text = lines
    .map((line) => (/^T\d/.test(line) ? `- [ ] ${line}` : /^[#-]/.test(line) ? `\n${line}\n` : line))
    .join('\n');
  return read('tasks.md', `${text}\n`, { deps: 'all' });
}

describe('small task files', () => {
  test.each(EXAMPLES.map((example) => [example.name, example] as const))('%s', (_name, example) => {
    const found = plan(example.lines);
    const expected: Record<string, string[]> = {};
    for (const kind of ['e', 'b', 's', 'h', 'c'] as const) {
      const text = example[kind];
      if (text !== undefined) expected[kind] = expand(text);
    }
    const said = found.diagnostics.map((one) => one.code).sort();
    if (example.says?.includes('cycle') !== true) expect(pairs(found)).toEqual(expected);
    expect(said).toEqual(example.says ?? []);
  });

  test('duplicate ids', () => {
    const found = read('tasks.md', '- [ ] T004 a\n- [x] T004 a\n- [ ] T005 b\n- [ ] T005 c\n', { deps: 'all' });
    expect(found.tasks.map((task) => [task.id, task.status])).toEqual([
      ['T004', 'done'],
      ['T005', 'open'],
      ['T005#2', 'open'],
    ]);
    expect(found.diagnostics.map((one) => one.code)).toEqual(['duplicate-task', 'duplicate-id']);
    const other = read(
      'tasks.md',
      '## Phase 1\n- [ ] T005 b\n- [ ] T005 c\n## Phase 2\n- [ ] T006 d (depends on T005)\n',
      { deps: 'all' },
    );
    expect(other.diagnostics.filter((one) => one.severity === 'error').map((one) => one.code)).toEqual([
      'ambiguous-id',
    ]);
  });

  test('what is done passes order on', () => {
    const found = read('tasks.md', '- [ ] T001 a\n- [x] T002 b\n- [ ] T003 c\n', { deps: 'all' });
    expect(pairs(found)).toEqual({ s: ['T001 < T002', 'T002 < T003'] });
  });

  test('a cycle names each edge at its own line, an unknown id the nearest one', () => {
    const text = '- [ ] T001 a (depends on T002)\n- [ ] T002 b (depends on T001)\n';
    const cycle = plan(['T001 a (depends on T002)', 'T002 b (depends on T001)']).diagnostics[0];
    expect(cycle?.severity).toBe('error');
    expect(cycle?.related.map((one) => one.at.span.start)).toEqual([
      text.indexOf('(depends on T001)'),
      text.indexOf('(depends on T002)'),
    ]);
    const unknown = plan(['T001 a', 'T002 b (depends on T011)']).diagnostics[0];
    expect(unknown?.severity).toBe('error');
    expect(unknown?.hint).toContain('T001');
    expect(plan(['T001 a', 'T002 b', '## Dependencies', '- T011 blocks T002']).diagnostics[0]?.severity).toBe(
      'warning',
    );
  });
});
