/** docs/commands.md knows every flag of every command, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseArguments } from '../../src/options.ts';
import { ROOT } from './support/sandbox.ts';

const COMMANDS = [
  '',
  'plan',
  'explain',
  'prompt',
  'graph',
  'status',
  'config',
  'history',
  'worktrees',
  'clean',
  'undo',
  'verify',
  'doctor',
  'init',
];

function helpOf(command: string): string {
  let text = '';
  const argv = command === '' ? ['--help'] : [command, '--help'];
  parseArguments(argv, '0.0.0', { out: (part) => (text += part), err: () => {} });
  return text;
}

const flagsIn = (text: string): string[] =>
  [...text.matchAll(/(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z])(?![\w-])/g)].map((match) => match[1] as string);

/** Flags as the option lists of the help texts have them: at the start of a line. */
const offered = new Set(
  COMMANDS.flatMap((command) =>
    [...helpOf(command).matchAll(/^ {2}(-[^\n]*?)(?: {2}|$)/gm)].flatMap((match) => flagsIn(match[1] as string)),
  ),
);

const page = readFileSync(join(ROOT, 'docs', 'commands.md'), 'utf8');
/** First cells of the tables. */
const documented = new Set([...page.matchAll(/^\| (`-[^|]*) \|/gm)].flatMap((match) => flagsIn(match[1] as string)));

it('every flag has a row', () => {
  expect(offered.size).toBeGreaterThan(25);
  expect([...offered].filter((flag) => !documented.has(flag))).toEqual([]);
});

it('every row is a flag that exists', () => {
  expect([...documented].filter((flag) => !offered.has(flag))).toEqual([]);
});

it('every command has a section', () => {
  for (const command of COMMANDS) expect(page).toContain(`\n## implement${command === '' ? '' : ` ${command}`}\n`);
});
