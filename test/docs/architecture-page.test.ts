/** ARCHITECTURE.md names the rooms that there are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './support/sandbox.ts';

const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
const entries = readdirSync(join(ROOT, 'src'), { withFileTypes: true });

it('every room and every file between the rooms is named', () => {
  const names = entries.map((entry) => `\`src/${entry.name}${entry.isDirectory() ? '/' : ''}\``);
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
});

it('every file that is named exists', () => {
  const files = new Set(
    readdirSync(join(ROOT, 'src'), { recursive: true }).flatMap((path) => [
      `src/${path}`,
      String(path).replace(/^.*\//, ''),
    ]),
  );
  const named = [...page.matchAll(/`((?:src\/)?[\w/-]+\.ts)`/g)].map((match) => match[1] as string);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !files.has(name))).toEqual([]);
});
