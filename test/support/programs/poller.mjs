// Looks at a repository as fast as it can, until the file named second exists; prints what it saw, one JSON object a line.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [dir, end] = process.argv.slice(2);
const git = (...args) => execFileSync('git', args, { cwd: dir, encoding: 'utf8' });
const seen = new Set();
let looks = 0;
for (let last = false; !last; ) {
  last = existsSync(end);
  const before = git('rev-parse', 'HEAD').trim();
  const head = git('symbolic-ref', 'HEAD').trim();
  const files = readdirSync(dir).filter((name) => /^(?:f\d|shared)/.test(name));
  const marked = files.filter((name) => /^(?:<{7}|>{7}|={7})/m.test(readFileSync(join(dir, name), 'utf8')));
  const staged = git('diff', '--cached', '--numstat', 'HEAD');
  const status = git('status', '--porcelain');
  const after = git('rev-parse', 'HEAD').trim();
  looks += 1;
  seen.add(JSON.stringify({ before, after, head, marked, staged, status }));
}
for (const line of seen) console.log(line);
console.log(JSON.stringify({ looks }));
