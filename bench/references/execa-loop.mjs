/**
 * What somebody would write who has 1,000 commands to run, 8 at a time: execa in a loop.
 * Arguments: how many, how many at a time, and `plain` (execa's defaults) or `same` (what the product gives every task as
 * well: standard input with a prompt, output into a file of its own).
 */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const [count, width, manner] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const folder = mkdtempSync(join(tmpdir(), 'implement-bench-'));
let next = 0;

const plain = () => execa('sh', ['-c', 'true'], { detached: true, stdin: 'ignore' });

async function same(number) {
  const log = openSync(join(folder, `${number}.log`), 'a');
  try {
    await execa('sh', ['-c', 'true'], { detached: true, input: `T${number} no-op\n`, stdout: log, stderr: log });
  } finally {
    closeSync(log);
  }
}

const start = manner === 'same' ? same : plain;
await Promise.all(
  Array.from({ length: width }, async () => {
    while (next < count) await start(++next);
  }),
);
rmSync(folder, { recursive: true, force: true });
