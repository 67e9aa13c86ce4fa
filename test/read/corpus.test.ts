/**
 * Public task files, where a folder of them is given by `IMPLEMENT_CORPUS` (an `index.json` and the files that it
 * names); skipped without one. Nothing throws, nothing is an error, and counts are those of the index or explained
 * in `fixtures/corpus-differences.json`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, read } from '../../src/read.ts';

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
  /** What the reading finds and what the index estimates, per count. */
  readonly counts: Readonly<Record<string, readonly [found: number, estimated: number]>>;
  readonly why: string;
}

const folder = process.env['IMPLEMENT_CORPUS'] ?? '';
const entries: readonly Entry[] = existsSync(join(folder, 'index.json'))
  ? JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
  : [];
const differences: readonly Difference[] = JSON.parse(
  readFileSync(new URL('../../fixtures/corpus-differences.json', import.meta.url), 'utf8'),
);

describe.skipIf(entries.length === 0)('the corpus', () => {
  const specKit = entries.filter((entry) => entry.dialect === 'spec-kit');

  it.each(specKit)('$repo $path', (entry) => {
    const text = readFileSync(join(folder, entry.file), 'utf8');
    const plan = read(entry.path, text, { deps: 'all' });
    const counts = {
      tasks: [plan.tasks.length, entry.tasks],
      checked: [plan.tasks.filter((task) => task.status === 'done').length, entry.checked],
      parallel: [plan.tasks.filter((task) => task.parallel).length, entry.parallel],
      stories: [new Set(plan.tasks.flatMap((task) => task.stories)).size, entry.stories],
    };
    const differ = Object.fromEntries(Object.entries(counts).filter(([, [found, estimated]]) => found !== estimated));
    const explained = differences.find((one) => one.repo === entry.repo && one.path === entry.path);
    expect(differ).toEqual(explained?.counts ?? {});
    expect(plan.diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    expect(plan.topological.length).toBe(plan.network.order);
    expect(plan.edges.length).toBeLessThanOrEqual(12 * plan.tasks.length);
  });

  it('has no difference that is explained but gone', () => {
    const known = new Set(specKit.map((entry) => `${entry.repo} ${entry.path}`));
    expect(differences.filter((one) => !known.has(`${one.repo} ${one.path}`))).toEqual([]);
  });

  it('of other dialects is read without a throw', () => {
    for (const entry of entries) {
      const text = readFileSync(join(folder, entry.file), 'utf8');
      for (const draft of parse(entry.path, text).drafts) expect(text[draft.box.inner.end]).toBe(']');
      read(entry.path, text, { deps: 'explicit' });
    }
  });
});
