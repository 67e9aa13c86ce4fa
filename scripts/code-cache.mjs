// Run by the build: lets the built command work on small examples and keeps what V8 has compiled by then, so that
// its next start need not compile it again; see launcher.cjs. Knows which commands there are, and no more of them.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EXAMPLE = `# Tasks: Example

## Phase 1: Setup

- [x] T001 Create the project in package.json
- [ ] T002 [P] Configure the linter in biome.json (depends on T001)

## Phase 2: User Story 1 - Search (Priority: P1)

- [ ] T003 [P] [US1] Test the search in test/search.test.ts
- [ ] T004 [US1] Implement the search in src/search.ts
  Depends on: T003

**Checkpoint**: The search works.

## Dependencies

- Phase 2 depends on Phase 1
- T003 must complete before T004
`;

const dist = process.argv[2];
const { createLoader, CACHE } = createRequire(import.meta.url)(join(dist, 'cli.cjs'));
const { load, scripts, forget } = createLoader(() => undefined);
const folder = mkdtempSync(join(tmpdir(), 'implement-build-'));
const calls = [
  ['--version'],
  ['--help'],
  ['plan'],
  ['explain', 'T004'],
  ['--exec', 'true', '-j2'],
  ['status'],
  ['plan', '--json'],
  ['config'],
];

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.chdir(folder);
// Whoever builds may have a configuration of their own.
process.env['XDG_CONFIG_HOME'] = folder;
for (const name of Object.keys(process.env)) if (name.startsWith('IMPLEMENT_OPT_')) delete process.env[name];
writeFileSync('tasks.md', EXAMPLE);
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
// A call is over when nothing is left to do.
process.on('beforeExit', next);

function next() {
  const args = calls.shift();
  if (args === undefined) {
    process.off('beforeExit', next);
    keep();
    return;
  }
  process.argv = [process.argv[0], join(dist, 'cli.cjs'), ...args];
  forget();
  load('command.cjs');
  // Something to do, lest a call that is over at once be the last.
  setImmediate(() => undefined);
}

function keep() {
  const index = {};
  const pieces = [];
  let length = 0;
  for (const [name, script] of scripts) {
    const data = script.createCachedData();
    index[name] = [length, length + data.length];
    pieces.push(data);
    length += data.length;
  }
  const head = Buffer.from(JSON.stringify(index));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  // Whole or not at all: somebody may start the command meanwhile.
  writeFileSync(join(dist, `${CACHE}.new`), Buffer.concat([size, head, ...pieces]));
  renameSync(join(dist, `${CACHE}.new`), join(dist, CACHE));
  process.exitCode = 0;
}
