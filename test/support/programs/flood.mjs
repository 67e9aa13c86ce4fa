// Prints many megabytes in one go, with escape codes, and fails.
import { writeSync } from 'node:fs';

for (let line = 0; line < 100_000; line += 1)
  writeSync(1, `\x1b[31mline ${line}\x1b[0m of a flood that nobody reads\n`);
process.exit(7);
