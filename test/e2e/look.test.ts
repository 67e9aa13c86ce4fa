/** The commands that only look: plan, explain, graph, status. They print, and never touch anything. */
import { describe, expect, test } from 'vitest';
import { useRig } from '../support/rig.ts';

const rig = useRig();

const TASKS = `# Tasks: Auth

## Phase 1: Setup
- [x] T001 Create the project
- [ ] T002 [P] Configure linting in .eslintrc.json

## Phase 2: User Story 1 - Log in (Priority: P1)
- [ ] T003 [P] [US1] Create the user model in src/models/user.ts
- [ ] T004 [P] [US1] Create the session model in src/models/session.ts
- [ ] T005 [US1] Add the log-in service in src/services/login.ts (depends on T003, T004)

## Phase 3: User Story 2 - Log out (Priority: P2)
- [ ] T006 [US2] Add the log-out service in src/services/logout.ts

## Dependencies
- US2 depends on US1
- US7 is somebody else's
`;

async function look(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await rig.run(args);
  expect(code, stderr).toBe(0);
  expect(rig.read('tasks.md')).toBe(TASKS);
  expect(rig.exists('.implement')).toBe(false);
  return stdout;
}

describe('plan', () => {
  test('shows waves, what may overlap, the critical path and the speed-up', async () => {
    rig.write('tasks.md', TASKS);
    const text = await look('plan', '--parallel');
    expect(text).toContain('6 tasks');
    expect(text).toMatch(/Wave \d+: 2 tasks side by side\n {4}T003 \[P\] \[US1\] Create the user model/);
    expect(text).toMatch(/Critical path \(4\): T002 → T00[34] → T005 → T006/);
    expect(text).toMatch(/Ideal speed-up over serial: 1\.25x \(5 tasks in 4 steps on 4 slots/);
    expect(text).toMatch(/done/);
  });

  test('--json is an object with everything, waves in an order that the edges allow', async () => {
    rig.write('tasks.md', TASKS);
    const plan = JSON.parse(await look('plan', '--json', '--filter=P1'));
    expect(plan).toMatchObject({ schemaVersion: 1, file: 'tasks.md', dialect: 'spec-kit' });
    expect(Object.keys(plan)).toEqual([
      ...['schemaVersion', 'file', 'dialect', 'tasks', 'gates', 'edges', 'waves', 'generations', 'criticalPath'],
      ...['checklists', 'diagnostics'],
    ]);
    expect(plan.tasks[0]).toMatchObject({
      id: 'T001',
      line: 4,
      status: 'done',
      parallel: false,
      stories: [],
      priority: null,
    });
    expect(plan.tasks[2]).toMatchObject({
      ...{
        id: 'T003',
        status: 'open',
        parallel: true,
        stories: ['US1'],
        priority: 1,
        selected: true,
        deferredBy: null,
      },
      ...{ phase: 'Phase 2: User Story 1 - Log in (Priority: P1)', target: 'src/models/user.ts', labels: [] },
    });
    expect(plan.tasks[5]).toMatchObject({ id: 'T006', priority: 2, selected: false, deferredBy: 'P1' });
    expect(plan.edges).toContainEqual(
      expect.objectContaining({ from: 'T003', to: 'T005', kind: 'explicit', line: 10 }),
    );
    const wave = new Map<string, number>();
    for (const [index, ids] of (plan.waves as string[][]).entries()) for (const id of ids) wave.set(id, index);
    expect([...wave.keys()].toSorted()).toEqual(['T002', 'T003', 'T004', 'T005']);
    for (const { from, to } of plan.edges as { from: string; to: string }[]) {
      const [before, after] = [wave.get(from), wave.get(to)];
      if (before !== undefined && after !== undefined) expect(before).toBeLessThan(after);
    }
  });

  test('with errors in the file: the same object, and exit 2', async () => {
    rig.write('tasks.md', '- [ ] T001 A (depends on T009)\n- [ ] T002 B\n');
    const { code, stdout } = await rig.run(['plan', '--json']);
    expect(code).toBe(2);
    const plan = JSON.parse(stdout);
    expect(plan.tasks).toHaveLength(2);
    expect(plan.diagnostics[0]).toMatchObject({ severity: 'error', code: 'unknown-id', line: 1 });
    const text = await rig.run(['plan']);
    expect(text.code).toBe(2);
    expect(text.stderr).toContain('tasks.md:1:');
  });
});

test('explain shows why a task waits, with file, line and words, and what waits for it', async () => {
  rig.write('tasks.md', TASKS);
  const text = await look('explain', 'T005');
  expect(text).toContain('T005');
  expect(text).toMatch(/tasks\.md:10/);
  expect(text).toContain('depends on T003, T004');
  expect(text).toContain('T006');
  const last = await look('explain', 't006');
  expect(last).toMatch(/tasks\.md:16/);
  expect(last).toContain('US2 depends on US1');
  const object = JSON.parse(await look('explain', 'T005', '--json'));
  expect(JSON.stringify(object)).toContain('T004');
});

describe('graph', () => {
  test.each([
    ['mermaid', /^(%%.*\n|---\n[\s\S]*?---\n)?(flowchart|graph) /],
    ['dot', /^(strict )?digraph /],
    ['json', /^\{/],
    ['svg', /^(<\?xml[^>]*>\s*)?<svg /],
  ])('as %s', async (format, start) => {
    rig.write('tasks.md', TASKS);
    const text = await look('graph', '--format', format);
    expect(text).toMatch(start);
    for (const id of ['T001', 'T002', 'T003', 'T004', 'T005', 'T006']) expect(text).toContain(id);
    if (format === 'json') JSON.parse(text);
  });

  test('--output writes a file', async () => {
    rig.write('tasks.md', TASKS);
    const { code, stdout, stderr } = await rig.run(['graph', '--format', 'svg', '--output', 'graph.svg']);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('Wrote graph.svg');
    expect(rig.read('graph.svg')).toContain('</svg>');
    const missing = await rig.run(['graph', '--output', 'no/such/folder.svg']);
    expect(missing.code).toBe(2);
  });
});

test('status tells where the last run stands', async () => {
  rig.write('tasks.md', TASKS);
  expect(await look('status')).toContain('tasks.md: 1/6 tasks done\nNo run yet.\n');
  expect(JSON.parse(await look('status', '--json'))).toMatchObject({
    status: 'none',
    runId: null,
    counts: { total: 6, done: 1 },
  });
  await rig.run(['--retries', '0', '--exec', 'echo "no such table"; test "$IMPLEMENT_TASK_ID" != T005']);
  const { code, stdout } = await rig.run(['status']);
  expect(code).toBe(0);
  expect(stdout).toContain('tasks.md: 4/6 tasks done\n');
  expect(stdout).toMatch(/^Run \S+ ended with something left: 1 session, /m);
  expect(stdout).toMatch(/^✗ T005 Add the log-in service .*: exit code 1/m);
  expect(stdout).toContain('Open: T006\n');
  expect(stdout).toContain('Go on with: implement --continue\n');
  const object = JSON.parse((await rig.run(['status', '--json'])).stdout);
  expect(object).toMatchObject({
    ...{ schemaVersion: 1, file: 'tasks.md', runId: rig.runs()[0], status: 'partial', sessions: 1 },
    ...{
      counts: { total: 6, done: 4, failed: 1, running: 0, pending: 1 },
      failed: [{ id: 'T005', reason: 'exit-code' }],
    },
  });
  await rig.run(['--continue', '--exec', 'true']);
  expect((await rig.run(['status'])).stdout).toMatch(/6\/6 tasks done\nRun \S+ is complete: 2 sessions/);
});
