/** What the commands print with `--json` is what docs/json.md says: every field, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, ROOT, type Sandbox } from './support/sandbox.ts';
import { faultsOf, shapesOf } from './support/shapes.ts';

const shapes = shapesOf(readFileSync(join(ROOT, 'docs', 'json.md'), 'utf8'));

const FILE = `# Tasks

## Phase 1: Setup

- [x] T001 prepare
- [-] T002 [P] skip
- [ ] T003 [P] [DB] make src/a.ts

## Phase 2: User Story 1 (Priority: P1)

- [ ] T004 [P] [US1] change src/b.ts (depends on T003)
- [ ] T005 [P] [US1] and src/b.ts again

## Phase 3: User Story 2

- [ ] T006 [US2] look at src/b.ts

## Dependencies

- US2: extends the command of US1
`;

let sandbox: Sandbox;

/** Standard output of a command as JSON. */
const json = (line: string): unknown => JSON.parse(sandbox.run(`${line} --json 2>/dev/null`).join('\n'));
const faults = (line: string, name: string): string[] => faultsOf(json(line), name, shapes);

beforeAll(async () => {
  sandbox = await createSandbox(null);
  sandbox.write('tasks.md', FILE);
  sandbox.write('spec.md', '# Spec\n\n## User Story 1\n\nChange b.\n');
});

afterAll(() => sandbox.remove());

describe('docs/json.md', () => {
  it('describes each object once, and what they refer to', () => {
    expect([...shapes.keys()]).toEqual(
      expect.arrayContaining(['Run', 'Refusal', 'Plan', 'Explain', 'Graph', 'Status', 'Config']),
    );
    for (const [name, fields] of shapes) expect(fields.size, name).toBeGreaterThan(0);
  });

  it.each([
    ['implement plan', 'Plan'],
    ['implement plan --filter=US1', 'Plan'],
    ['implement --dry-run', 'Plan'],
    ['implement explain T005', 'Explain'],
    ['implement explain T999', 'Refusal'],
    ['implement prompt T005', 'Prompt'],
    ['implement prompt T999', 'Refusal'],
    ['implement graph --format json', 'Graph'],
    ['implement status', 'Status'],
    ['implement config --worktree --timeout 30m', 'Config'],
    ['implement', 'Refusal'],
    ['implement nothing.md', 'Refusal'],
    ['implement --no-such-flag', 'Refusal'],
    // The order of these counts: each leaves a state behind.
    ["implement --exec 'test $IMPLEMENT_TASK_ID != T004' --retries 0 --filter=US1", 'Run'],
    ['implement status', 'Status'],
    ['implement graph --format json', 'Graph'],
    ["implement --continue --verify-phase 'false' --filter 'T001..T005'", 'Run'],
    ["implement --exec 'sleep 60' --timeout 200ms --retries 0 --filter=T006 -j 2", 'Run'],
  ])('%s prints a %s', (line, name) => {
    expect(faults(line, name)).toEqual([]);
  });

  it('describes what commits and worktrees are shown as', () => {
    sandbox.run('git config user.name A; git config user.email a@example.org; git add -A; git commit -qm Start');
    sandbox.run(
      "implement --worktree --retries 0 --allow-dirty --exec 'echo x > $IMPLEMENT_TASK_ID; test $IMPLEMENT_TASK_ID != T006' --deps explicit",
    );
    expect(faults('implement worktrees', 'Worktrees')).toEqual([]);
    expect(faults('implement history T006', 'History')).toEqual([]);
    const done = (json('implement history') as { commits: { task: string }[] }).commits.at(-1)?.task;
    expect(faults('implement clean --dry-run', 'Clean')).toEqual([]);
    for (const flags of ['--cascade --dry-run', '--cascade', '']) {
      expect(faults(`implement undo ${done} ${flags}`, 'Undo')).toEqual([]);
    }
    expect(faults('implement history', 'History')).toEqual([]);
    expect(faults('implement undo T999', 'Refusal')).toEqual([]);
  });

  it('describes what a proof finds', () => {
    sandbox.write('proof.md', '# T\n\n- [x] T001 Create gone.ts\n- [x] T002 talk\n');
    expect(faults('implement verify proof.md --evidence-hook false', 'Verify')).toEqual([]);
    expect((json('implement verify proof.md') as { phantoms: object[] }).phantoms).toHaveLength(1);
  });

  it('describes what the doctor sees, and what init would write', () => {
    sandbox.write('package.json', '{ "scripts": { "test": "true" } }');
    expect(faults('implement doctor', 'Doctor')).toEqual([]);
    expect(faults('implement init --dry-run', 'Init')).toEqual([]);
  });

  it('describes a configuration with resources', () => {
    sandbox.write('resources.yaml', 'resources: { db: 1 }\n');
    expect(faults('implement config --config resources.yaml', 'Config')).toEqual([]);
  });

  it('describes the plan of a file with errors', () => {
    sandbox.write('broken.md', '- [ ] T001 a (depends on T002)\n- [ ] T002 b (depends on T001)\n');
    expect(faults('implement plan broken.md', 'Plan')).toEqual([]);
    expect(sandbox.run('echo $?')).toEqual(['2']);
  });

  it('finds what is missing, unknown or of another type', () => {
    const good = json('implement status') as Record<string, unknown>;
    expect(faultsOf({ ...good, more: 1 }, 'Status', shapes)).toEqual(['Status.more: not described']);
    expect(faultsOf({ ...good, sessions: '1' }, 'Status', shapes)).toEqual(['Status.sessions: "1" is not number']);
    expect(faultsOf({ ...good, counts: {} }, 'Status', shapes)).toHaveLength(6);
  });
});
