/**
 * Real task files, where there is a folder of them: `IMPLEMENT_CORPUS` names it. Its `index.json` holds counts that a
 * regular expression estimated; where the reading differs, `fixtures/corpus-differences.json` says why.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read } from '../../src/read.ts';

interface Entry {
  readonly file: string;
  readonly dialect: string;
  readonly repo: string;
  readonly path: string;
  readonly tasks: number;
  readonly checked: number;
  readonly parallel: number;
  readonly stories: number;
}

interface Difference {
  readonly repo: string;
  readonly path: string;
  readonly estimate: Readonly<Record<string, number>>;
  readonly read: Readonly<Record<string, number>>;
  readonly why: string;
}

const COUNTS = ['tasks', 'checked', 'parallel', 'stories'] as const;
const folder = process.env['IMPLEMENT_CORPUS'] ?? '';
const hasCorpus = folder !== '' && existsSync(join(folder, 'index.json'));
const entries: readonly Entry[] = hasCorpus ? JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) : [];
const explained: readonly Difference[] = JSON.parse(
  readFileSync(new URL('../../fixtures/corpus-differences.json', import.meta.url), 'utf8'),
);

describe.skipIf(!hasCorpus)('files of public repositories', () => {
  test('every file is read and planned, and nothing is thrown', () => {
    for (const entry of entries.filter((one) => one.file.endsWith('.md'))) {
      const plan = read(entry.file, readFileSync(join(folder, entry.file), 'utf8'), { deps: 'all' });
      expect(plan.topological.length, entry.file).toBe(plan.tasks.length + plan.gates.length);
      expect(plan.edges.length, entry.file).toBeLessThanOrEqual(12 * plan.tasks.length + 100);
    }
  });

  test('counts are those of the index, or the difference is explained', () => {
    const found: object[] = [];
    for (const entry of entries.filter((one) => one.dialect === 'spec-kit')) {
      const plan = read(entry.file, readFileSync(join(folder, entry.file), 'utf8'), { deps: 'all' });
      expect(plan.diagnostics.filter((one) => one.severity === 'error'), entry.file).toEqual([]);
      const counts = {
        tasks: plan.tasks.length,
        checked: plan.tasks.filter((task) => task.status === 'done').length,
        parallel: plan.tasks.filter((task) => task.parallel).length,
        stories: new Set(plan.tasks.flatMap((task) => task.stories)).size,
      };
      const differing = COUNTS.filter((name) => counts[name] !== entry[name]);
      if (differing.length === 0) continue;
      found.push({
        repo: entry.repo,
        path: entry.path,
        estimate: Object.fromEntries(differing.map((name) => [name, entry[name]])),
        read: Object.fromEntries(differing.map((name) => [name, counts[name]])),
      });
    }
    expect(found).toEqual(explained.map(({ repo, path, estimate, read: ours }) => ({ repo, path, estimate, read: ours })));
    for (const { why } of explained) expect(why.length).toBeGreaterThan(20);
  });
});
