/** The table of docs/agents.md says what the agents say of themselves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agents } from '../../src/runners/agents/all.ts';
import { ROOT } from './support/sandbox.ts';

const WORDS = {
  edits: 'edits, project commands',
  sandbox: 'its sandbox',
  client: 'its own configuration',
  none: 'refused',
} as const;

it('every agent has its row, in the order in which auto looks for them', () => {
  const page = readFileSync(join(ROOT, 'docs', 'agents.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `[a-z]+` \| `[^|]*` \|.*$/gm)].map(([row]) => row);
  const yes = (says: unknown): string => (says === null ? 'no' : 'yes');
  const expected = agents.map(({ name, programs, capabilities: { approval, cost, usage, tested, prompt } }) => {
    const range = tested?.from === tested?.to ? tested?.from : `${tested?.from} to ${tested?.to}`;
    // What takes its prompt from a file runs no commands at all.
    const may = prompt === 'file' ? 'edits' : WORDS[approval];
    return `| \`${name}\` | \`${programs[0]}\` | ${may} | ${yes(cost)} | ${yes(usage)} | ${range ?? 'untested'} |`;
  });
  expect(rows).toEqual(expected);
});
