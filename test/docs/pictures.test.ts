/** The pictures of README come out of real runs: `UPDATE=1 npx vitest run test/docs` draws them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSame, normalised } from './support/compare.ts';
import { createSandbox, ROOT, type Sandbox } from './support/sandbox.ts';
import { terminalPicture, textOf } from './support/terminal.ts';

const isUpdate = (process.env['UPDATE'] ?? '') !== '';
const COLUMNS = 100;

let sandbox: Sandbox;
let graph: string;
let terminal: string;

beforeAll(async () => {
  sandbox = await createSandbox('thirsty');
  const run = (line: string, flags: string): string[] => [`$ ${line}`, ...sandbox.run(`${line}${flags}`)];
  const first = run('implement --parallel --scripts --retries 0', ' --color=always');
  graph = `${sandbox.run('implement graph --format svg').join('\n')}\n`;
  const mend = run('mkdir -p weather && cp station/week.json weather/', '');
  const second = run('implement --continue', ' --color=always');
  const lines = [...upTo(first, 'Total Duration'), '', ...mend.slice(0, 1), ...upTo(second, 'Average Task Time')];
  terminal = terminalPicture(
    lines,
    COLUMNS,
    'implement runs the tasks of an example, one fails, and --continue finishes',
  );
});

afterAll(() => sandbox.remove());

it('docs/thirsty.svg is the graph of the example after its first run', () => {
  const path = join(ROOT, 'docs', 'thirsty.svg');
  if (isUpdate) writeFileSync(path, graph);
  expect(readFileSync(path, 'utf8')).toBe(graph);
});

it('docs/run.svg shows the lines of a real run', () => {
  const path = join(ROOT, 'docs', 'run.svg');
  const shown = textOf(readFileSync(path, 'utf8'));
  const real = textOf(terminal);
  const same = shown.length === real.length && isSame(beginnings(shown), beginnings(real), true);
  if (isUpdate && !same) writeFileSync(path, terminal);
  if (!isUpdate)
    expect(same, `UPDATE=1 npx vitest run test/docs draws it anew; it should show\n${real.join('\n')}`).toBe(true);
});

/** Where a long line is cut depends on how many digits its times have. */
function beginnings(lines: readonly string[]): string[] {
  return normalised(lines, true).map((line) => line.slice(0, 44));
}

/** The lines of a run up to the one that begins the figures, and a mark that there is more. */
function upTo(lines: readonly string[], item: string): string[] {
  const at = lines.findIndex((line) => line.startsWith(`- ${item}:`));
  expect(at).toBeGreaterThan(0);
  return [...lines.slice(0, at), '  …'];
}
