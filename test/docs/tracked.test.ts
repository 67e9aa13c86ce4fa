/** What is in the repository speaks of the product: no path of somebody's machine, no number of an issue, nothing left to do. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './support/sandbox.ts';

const SELF = 'test/docs/tracked.test.ts';
const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
});
const files =
  git.status === 0
    ? git.stdout.split('\0').filter((path) => path !== '' && path !== SELF && path !== 'package-lock.json')
    : [];

const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['a path of a machine', /(?<![\w.])\/(?:work|root|Users|home\/(?!user\b|me\b|someone\b)\w+)\/[\w.-]/],
  ['the number of an issue', /(?<![\w-])(?:issues?|pull request|PR|GH-?|fixes|closes) ?#?\d+\b/i],
  ['something left to do', /\b(?:TODO|FIXME|HACK)\b/],
  [
    'how it was made',
    /\b(?:this|the) (?:brief|workplace|work ?plan|prompt says)\b|\bas an AI\b|language model\b|co-authored-by/i,
  ],
];

it.runIf(files.length > 0).each(FORBIDDEN)('no file holds %s', (_what, pattern) => {
  const found: string[] = [];
  for (const file of files) {
    const path = join(ROOT, file);
    if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) continue;
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((line, i) => {
        if (pattern.test(line)) found.push(`${file}:${i + 1}: ${line.trim().slice(0, 120)}`);
      });
  }
  expect(found).toEqual([]);
});
