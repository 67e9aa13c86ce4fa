/** What `implement explain` says of resources; everything else of it is held by end-to-end tests. */
import { describe, expect, test } from 'vitest';
import { explainCommand } from '../../src/commands/explain.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { noPaint } from '../../src/core/caret.ts';
import { plainText } from '../../src/core/redact.ts';
import { usesOf } from '../../src/core/resources.ts';
import type { Resource } from '../../src/core/settings.ts';
import { globTest } from '../../src/util/globs.ts';
import { planOf } from '../support/random-plan.ts';

const plan = planOf(`## Phase 1: Data
- [ ] T001 [P] [DB] Make the table in src/db/table.sql
- [ ] T002 [P] Read src/db/
- [ ] T003 [P] Say hello
`);
const none = { labels: [], phases: [], paths: [], verify: false };
const resources: readonly Resource[] = [
  { ...none, name: 'db', slots: 1, labels: ['db'], paths: ['src/db/**'] },
  { ...none, name: 'data\u001B[2J', slots: 2, phases: ['Phase 1'], verify: true },
  { ...none, name: 'e2e', slots: 1, verify: true },
  { ...none, name: 'spare', slots: 1 },
];

function collect() {
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(text);
  return { lines, io: { output: { out: say, err: say }, paint: noPaint, cwd: '/', clean: plainText } };
}

function explained(id: string, json: boolean): string[] {
  const { lines, io } = collect();
  expect(explainCommand({ plan, uses: usesOf(plan, resources, globTest), id, json }, io)).toBe(0);
  return lines;
}

describe('explain', () => {
  test('says which resources a task uses, why, and how many may', () => {
    const lines = explained('T001', false);
    expect(lines.slice(-4)).toEqual([
      '',
      'It uses db (1 at a time): it has the label DB; it names src/db/table.sql, which matches src/db/**',
      'It uses data (2 at a time): it stands in Phase 1: Data',
      'Its verification uses e2e (1 at a time)',
    ]);
    expect(explained('T003', false).filter((line) => line.includes(' uses '))).toHaveLength(2);
  });

  test('says it as an object', () => {
    expect(JSON.parse(explained('T002', true)[0] as string).uses).toEqual([
      { resource: 'db', slots: 1, when: 'work', because: 'it names src/db/, which matches src/db/**' },
      { resource: 'data\u001B[2J', slots: 2, when: 'work', because: 'it stands in Phase 1: Data' },
      { resource: 'e2e', slots: 1, when: 'verification', because: null },
    ]);
  });
});

test('plan counts waves with resources, and names those that nothing uses', () => {
  const { lines, io } = collect();
  const view = { plan, uses: usesOf(plan, resources, globTest), filter: [], only: false, overlap: 'marked' } as const;
  planCommand({ ...view, slots: 4, parallel: true, json: false, verbose: false, failed: new Set() }, io);
  const waves = lines.filter((line) => line.startsWith('  Wave'));
  expect(waves).toEqual(['  Wave 1: 2 tasks side by side', '  Wave 2: 1 task']);
  expect(lines.at(-1)).toContain('info[resource-rule]: No task of tasks.md uses the resource spare.');
});
