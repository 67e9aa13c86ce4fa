/** What goes into a prompt, and that it never grows beyond its budget. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handingOver } from '../../../src/core/prompt/handing.ts';
import { type PromptFacts, promptOf, tokensOf } from '../../../src/core/prompt/prompt.ts';
import { documentOf } from '../../../src/core/prompt/relevance.ts';
import { storyTexts } from '../../../src/core/prompt/story.ts';
import { DEFAULT_TEMPLATE } from '../../../src/core/prompt/template.ts';
import type { Task } from '../../../src/core/task.ts';
import { planOf, taskFiles } from '../../support/random-plan.ts';

const TASKS = `# Tasks

## Phase 1: Setup

- [ ] T001 Create package.json

## Phase 2: User Story 1 - Log in (Priority: P1)

**Goal**: People log in
with a password.

**Independent Test:** One right password, one wrong.

- [ ] T002 [P] [US1] Create the session in src/session.ts
- [ ] T003 [US1] Add the service in src/login.ts (depends on T002)
  - Refuse after five tries

## Phase 3: User Story 2 - Log out

- [ ] T004 [US2] Add log-out in src/logout.ts
`;
const SPEC = `# Auth

### User Story 1 - Log in

I log in.

### User Story 2 - Log out

I log out.

### Edge Cases

Five wrong passwords.

## Unrelated

Nothing.
`;
const plan = planOf(TASKS);
const task = plan.byId.get('T003') as Task;
const clean = (text: string): string => text;
const usual = { template: DEFAULT_TEMPLATE, budget: 8_000, clean };

const facts = (more: Partial<PromptFacts> = {}): PromptFacts => ({
  task,
  plan,
  stories: storyTexts(plan),
  files: [{ path: 'src/login.ts', state: 'there' }],
  documents: [
    documentOf('specs/spec.md', 'feature', SPEC),
    documentOf('specs/contracts/login.yaml', 'feature', 'openapi: 3.1.0\n'),
    documentOf('AGENTS.md', 'standard', '# Rules\n\nNo semicolons.\n'),
  ],
  lint: ['biome.json'],
  handOvers: [
    { id: 'T002', title: 'Create the session', files: [{ path: 'src/session.ts', how: 'created' }], words: 'done\nso' },
    { id: 'T001', title: 'Create package.json', files: [], words: '' },
  ],
  siblings: [{ id: 'T004', title: 'Add log-out', paths: ['src/logout.ts'] }],
  feedback: 'it broke',
  conflict: { paths: ['src/login.ts'], tasks: ['T009'] },
  ...more,
});

test('a prompt tells the task, its story, what was, what is, and the rules', () => {
  expect(promptOf(facts(), usual).text).toBe(`T003 [US1] Add the service in src/login.ts (depends on T002)

- Refuse after five tries

Task file: tasks.md (line 15)
Phase: Phase 2: User Story 1 - Log in (Priority: P1)
Files: src/login.ts (exists)

Story US1: Phase 2: User Story 1 - Log in (Priority: P1)
Goal: People log in
with a password.
Independent test: One right password, one wrong.

The attempt before did its work. The end of its output:
it broke

The attempt before could not be merged. T009 changed the same files meanwhile; do the task so that both hold:
- src/login.ts

Done before this, and handed over:
- T002 Create the session
  Files: + src/session.ts
  Its last words:
    done
    so
- T001 Create package.json
  Files: none

Others work on these tasks right now; leave their files alone:
- T004 Add log-out (src/logout.ts)

From the documents of this feature, as far as it fits:

<excerpt path="specs/spec.md" lines="3-5" under="Auth">
### User Story 1 - Log in

I log in.
</excerpt>

<excerpt path="specs/spec.md" lines="11-13" under="Auth">
### Edge Cases

Five wrong passwords.
</excerpt>

<excerpt path="specs/contracts/login.yaml" lines="1-1">
openapi: 3.1.0
</excerpt>

More is in: specs/spec.md

How this project works, as far as it fits:

<excerpt path="AGENTS.md" lines="1-3">
# Rules

No semicolons.
</excerpt>

Linters and formatters are set up in: biome.json

Rules:
- Do this task and nothing beyond it.
- Tick no box in tasks.md: that happens by itself once the task is done.
- Do not commit, and do not change branches.
- If you cannot go on because something is missing or contradicts the task, change nothing more and say, as your last line, BLOCKED: and the reason.
`);
});

test('a task that serves no story may read about any', () => {
  const { included } = promptOf(facts({ task: plan.byId.get('T001') as Task }), usual);
  expect(included.map((one) => `${one.path}:${one.from}`)).toContain('specs/spec.md:11');
});

test('what was left out is named', () => {
  const { left, included } = promptOf(facts(), { ...usual, budget: 1 });
  expect(included).toEqual([]);
  expect([...left].sort()).toEqual(['AGENTS.md', 'specs/contracts/login.yaml', 'specs/spec.md']);
});

test('a layout without a place for documents has none', () => {
  const template = { literals: ['Do ', '.\n'], names: ['task'] as const };
  const made = promptOf(facts(), { ...usual, template });
  expect(made.text).toBe('Do T003 [US1] Add the service in src/login.ts (depends on T002).\n');
  expect(made.included).toEqual([]);
});

test('control codes and secrets are out of everything', () => {
  const { text } = promptOf(
    facts({ feedback: 'the secret\u001b[31m', siblings: [{ id: 'T004', title: 'secret', paths: [] }] }),
    {
      ...usual,
      clean: (value) => value.replaceAll('\u001b[31m', '').replaceAll('secret', '***'),
    },
  );
  expect(text).toContain('the ***\n');
  expect(text).toContain('- T004 ***\n');
});

describe('stories', () => {
  test('are told by their phases', () => {
    expect([...storyTexts(plan).values()]).toEqual([
      {
        story: 'US1',
        heading: 'Phase 2: User Story 1 - Log in (Priority: P1)',
        goal: 'People log in\nwith a password.',
        test: 'One right password, one wrong.',
      },
      { story: 'US2', heading: 'Phase 3: User Story 2 - Log out', goal: null, test: null },
    ]);
  });
});

describe('handing over', () => {
  test('the closest come first', () => {
    expect(handingOver(plan)('T003')).toEqual(['T002', 'T001']);
    expect(handingOver(plan)('T001')).toEqual([]);
  });

  test('is only from what stands before', () => {
    fc.assert(
      fc.property(taskFiles, (text) => {
        const any = planOf(text);
        const place = new Map(any.topological.map((node, i) => [node, i]));
        const before = handingOver(any);
        for (const { id } of any.tasks)
          for (const from of before(id)) expect(place.get(from)).toBeLessThan(place.get(id) as number);
      }),
      { numRuns: 50 },
    );
  });
});

describe('whatever the documents hold', () => {
  const line = fc.constantFrom(
    ...[
      '# User Story 1',
      '## US2',
      '### Errors',
      'src/login.ts',
      'service login session',
      'T003',
      '',
      '```',
      'x'.repeat(90),
    ],
  );
  const words = fc
    .array(fc.oneof(line, fc.string({ maxLength: 30 })), { maxLength: 120 })
    .map((lines) => lines.join('\n'));
  const name = fc.constantFrom('specs/spec.md', 'specs/plan.md', 'contracts/a.yaml', 'AGENTS.md', 'od"d\nname.md');
  const document = fc
    .tuple(name, fc.constantFrom('feature' as const, 'standard' as const), words)
    .map(([path, kind, text]) => documentOf(path, kind, text));
  const random = fc.record({
    documents: fc.uniqueArray(document, { maxLength: 4, selector: (one) => one.name }),
    handOvers: fc.array(
      fc.record({
        id: fc.constant('T002'),
        title: words,
        files: fc.constantFrom(null, [], [{ path: 'a', how: 'created' as const }]),
        words,
      }),
      { maxLength: 3 },
    ),
    feedback: words,
    siblings: fc.array(fc.record({ id: fc.constant('T004'), title: words, paths: fc.array(fc.string()) }), {
      maxLength: 4,
    }),
    conflict: fc.option(fc.record({ paths: fc.array(fc.string()), tasks: fc.array(fc.constant('T009')) })),
  });
  const bare = promptOf(
    facts({ documents: [], lint: [], handOvers: [], siblings: [], feedback: '', conflict: null, stories: new Map() }),
    usual,
  );

  test('the budget is kept, excerpts are verbatim, and the same facts give the same prompt', () => {
    fc.assert(
      fc.property(random, fc.integer({ min: 1, max: 3_000 }), (given, budget) => {
        const made = promptOf(facts(given), { ...usual, budget });
        // A few empty lines of the layout count even where nothing stands between them.
        expect(made.tokens).toBeLessThanOrEqual(Math.max(budget, bare.tokens));
        expect(made.tokens).toBe(tokensOf(made.text));
        for (const { path, from, to, text } of made.included) {
          const source = given.documents.find((one) => one.name === path)?.text as string;
          expect(made.text).toContain(text);
          expect(
            source
              .split('\n')
              .slice(from - 1, to)
              .join('\n'),
          ).toContain(text);
        }
        for (const { name: path, sections } of given.documents) {
          if (sections.length === 0) continue;
          expect(made.left.includes(path) || made.included.some((one) => one.path === path)).toBe(true);
        }
        expect(promptOf(facts(given), { ...usual, budget })).toEqual(made);
      }),
      { numRuns: 200 },
    );
  });

  test('with a document that is far too long, whole lines of it are shown', () => {
    const long = Array.from({ length: 5_000 }, (_, i) => `line ${i} of the login service`).join('\n');
    const made = promptOf(facts({ documents: [documentOf('specs/plan.md', 'feature', `# Login service\n${long}`)] }), {
      ...usual,
      budget: 1_000,
    });
    expect(made.included).toHaveLength(1);
    expect(made.included[0]?.text).toMatch(/service$/);
    expect(made.left).toEqual(['specs/plan.md']);
    expect(made.text).toContain('More is in: specs/plan.md');
  });
});
