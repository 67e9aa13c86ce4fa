import { describe, expect, test } from 'vitest';
import { NO_USES, type Uses, usesOf } from '../../src/core/resources.ts';
import type { Resource } from '../../src/core/settings.ts';
import { scheduleOf, settledIn } from '../../src/core/waves.ts';
import { globTest } from '../../src/util/globs.ts';
import { planOf } from '../support/random-plan.ts';

const TEXT = `# Tasks: the garden

## Phase 4: User Story 2
- [ ] T001 [P] [DB] Make the table in src/db/table.sql
- [ ] T002 [P] Fill it in \`src/db/\` and elsewhere

## Phase 40: Later
- [ ] T003 [P] [BROWSER] Click through it
- [ ] T004 [P] [db] Watch \`src/**/*.sql\`
`;

const resource = (some: Partial<Resource>): Resource => ({
  name: 'r',
  slots: 1,
  labels: [],
  phases: [],
  paths: [],
  verify: false,
  ...some,
});
const using = (...resources: Partial<Resource>[]): Uses => usesOf(planOf(TEXT), resources.map(resource), globTest);
const tasksOf = (some: Partial<Resource>): string[] => [...using(some).tasks.keys()];
const said = (uses: Uses): string[] =>
  uses.diagnostics.map(({ severity, message, hint }) => `${severity}: ${message}${hint === null ? '' : ` ${hint}`}`);

describe('usesOf', () => {
  test.each<[string, Partial<Resource>, string[]]>([
    ['a label, in any case', { labels: ['dB'] }, ['T001', 'T004']],
    ['a label, and no part of one', { labels: ['BROWSE'] }, []],
    ['a phase by its number, and no other that begins with it', { phases: ['phase 4'] }, ['T001', 'T002']],
    ['a phase by its number in two digits', { phases: ['Phase 40'] }, ['T003', 'T004']],
    ['a phase by its whole heading', { phases: ['phase 40:  LATER'] }, ['T003', 'T004']],
    ['a phase, and no part of a heading', { phases: ['Later'] }, []],
    ['a path', { paths: ['src/db/table.sql'] }, ['T001']],
    ['a glob, which also meets folders and globs that a task names', { paths: ['src/db/**'] }, ['T001', 'T002']],
    ['a glob by the ending', { paths: ['**/*.sql'] }, ['T001', 'T004']],
    ['a folder', { paths: ['./src/db/'] }, ['T001', 'T002']],
    ['a glob, relative to the root', { paths: ['*.sql', ''] }, []],
    ['any of several rules', { labels: ['Browser', 'X'], paths: ['*/db/*.sql'] }, ['T001', 'T003']],
    ['verifications alone', { verify: true }, []],
  ])('reads %s', (_what, some, ids) => {
    expect(tasksOf(some)).toEqual(ids);
  });

  test('says why, and how many may', () => {
    const uses = using(
      { name: 'db', slots: 2, labels: ['DB'], paths: ['src/db/**'] },
      { name: 'late', phases: ['Phase 40'], paths: ['src/db/table.sql'] },
      { name: 'e2e', verify: true },
    );
    expect(uses.tasks.get('T001')).toEqual([
      { resource: 'db', because: 'it has the label DB; it names src/db/table.sql, which matches src/db/**' },
      { resource: 'late', because: 'it names src/db/table.sql' },
    ]);
    expect(uses.tasks.get('T003')).toEqual([{ resource: 'late', because: 'it stands in Phase 40: Later' }]);
    expect([...uses.slots]).toEqual([
      ['db', 2],
      ['late', 1],
      ['e2e', 1],
    ]);
    expect(uses.verifications).toEqual(['e2e']);
    expect(uses.diagnostics).toEqual([]);
  });

  test('is nothing without resources', () => {
    expect(using()).toBe(NO_USES);
  });

  test('says which rules look misspelt, and which resources nothing uses', () => {
    expect(said(using({ name: 'web', labels: ['BROSWER'] }))).toEqual([
      'warning: The resource web names the label BROSWER, which no task has. Did you mean BROWSER?',
      'info: No task of tasks.md uses the resource web.',
    ]);
    expect(said(using({ name: 'late', phases: ['Phase 40: Latr'] }))[0]).toBe(
      'warning: The resource late names the phase Phase 40: Latr, which no task has. Did you mean Phase 40: Later?',
    );
    // One configuration serves many files: what is far from everything, or is another rule's, is no fault.
    expect(
      said(using({ verify: true, labels: ['BROWSER', 'BROWSERS', 'E2E', 'DX'], phases: ['Phase 5', 'Deploy'] })),
    ).toEqual([]);
  });
});

describe('waves', () => {
  const waves = (...resources: Partial<Resource>[]): readonly (readonly string[])[] => {
    const plan = planOf(TEXT.replace('## Phase 40: Later\n', ''));
    const all = new Set(plan.byId.keys());
    const uses = usesOf(plan, resources.map(resource), globTest);
    return scheduleOf(plan, all, 'marked', 8, settledIn(plan), uses).waves;
  };

  test('respect resources', () => {
    expect(waves()).toEqual([['T001', 'T002', 'T003', 'T004']]);
    expect(waves({ labels: ['DB'], paths: ['src/db/**'] })).toEqual([['T001', 'T003'], ['T002'], ['T004']]);
    expect(waves({ slots: 2, labels: ['DB'], paths: ['src/db/**'] })).toEqual([['T001', 'T002', 'T003'], ['T004']]);
    expect(waves({ verify: true })).toEqual([['T001', 'T002', 'T003', 'T004']]);
  });
});
