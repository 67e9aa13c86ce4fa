/** What whoever does a task is told: `implement prompt` prints it, the run gives it on standard input. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

const FILE = 'specs/001-auth/tasks.md';
const TASKS = `# Tasks: Auth

## Phase 1: User Story 1 - Log in (Priority: P1)

**Goal**: People log in with a password.

**Independent Test**: One right password, one wrong.

- [ ] T001 [P] [US1] Create the session model in src/session.ts
- [ ] T002 [P] [US1] Write the log-in form in src/form.ts
- [ ] T003 [US1] Add the log-in service in src/login.ts (depends on T001)
`;

function writeFeature(): void {
  rig.write(FILE, TASKS);
  rig.write('.specify/memory/constitution.md', '# Constitution\n\n## Tests first\n\nWrite the test before the code.\n');
  rig.write(
    'specs/001-auth/spec.md',
    '# Auth\n\n### User Story 1 - Log in\n\nI log in.\n\n### User Story 2 - Log out\n\nI log out.\n\n### Edge Cases\n\nFive wrong passwords.\n',
  );
  rig.write('specs/001-auth/contracts/login.yaml', 'paths: { /login: {} }\n');
  rig.write('biome.json', '{}\n');
  rig.write('src/session.ts', '');
}

function commitAll(): void {
  rig.call('git', 'init', '-q', '-b', 'main');
  rig.call('git', 'config', 'user.name', 'A');
  rig.call('git', 'config', 'user.email', 'a@example.org');
  rig.call('git', 'add', '-A');
  rig.call('git', 'commit', '-qm', 'Start');
}

async function printed(id: string, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await rig.run(['prompt', id, FILE, ...flags]);
  expect(code, stderr).toBe(0);
  return stdout;
}

test('the command prints what the task then gets, to the byte', async () => {
  writeFeature();
  const command = rig.start([FILE, '--exec', stage.command, '--filter', 'T001'], { env: stage.env });
  const before = await printed('T001');
  const actor = await stage.next('T001');
  expect(await actor.stdin()).toBe(before);
  await actor.exit();
  expect((await command.ended).code).toBe(0);
  for (const part of [
    'T001 [US1] Create the session model in src/session.ts\n',
    'Files: src/session.ts (exists)\n',
    'Goal: People log in with a password.\nIndependent test: One right password, one wrong.\n',
    '<excerpt path="specs/001-auth/spec.md" lines="3-5" under="Auth">\n### User Story 1 - Log in\n\nI log in.\n</excerpt>',
    'Five wrong passwords.',
    'Write the test before the code.',
    'biome.json',
    `Tick no box in ${FILE}`,
  ])
    expect(before).toContain(part);
  expect(before).not.toContain('I log out.');
});

test('dependencies hand over, siblings are named, and a failure comes back', async () => {
  writeFeature();
  const command = rig.start([FILE, '--exec', stage.command, '-j', '2', '--retries', '1'], {
    env: { ...stage.env, SOME_TOKEN: 'hunter2-hunter2' },
  });
  const [first, second] = [await stage.next('T001'), await stage.next('T002')];
  expect(await second.stdin()).toContain(
    'Others work on these tasks right now; leave their files alone:\n- T001 Create the session model in src/session.ts (src/session.ts)\n',
  );
  await first.print('the token is hunter2-hunter2\nI made \u001b[31msessions\u001b[0m\n');
  await first.exit();
  await second.exit();
  const third = await stage.next('T003');
  const prompt = await third.stdin();
  expect(prompt).toContain(
    '- T001 Create the session model in src/session.ts\n  Its last words:\n    the token is ***\n    I made sessions\n',
  );
  expect(prompt).not.toContain('The attempt before');
  expect(prompt).not.toContain('right now');
  // Asked meanwhile, the command tells what the task got.
  expect((await printed('T003')).replace('hunter2-hunter2', '***')).toBe(prompt);
  await third.print('no such table');
  await third.exit(1);
  const again = await stage.next('T003');
  expect(await again.stdin()).toContain('The attempt before failed. The end of its output:\nno such table\n');
  await again.print('still no such table');
  await again.exit(1);
  expect((await command.ended).code).toBe(1);
  // What `--continue` will give.
  const next = await printed('T003');
  expect(next).toContain('still no such table\n');
  expect(next).toContain('    I made sessions\n');
  const resumed = rig.start([FILE, '--continue'], { env: stage.env });
  const last = await stage.next('T003');
  // The run's variables do not hold the secret any more, so only its log could tell it.
  expect((await last.stdin()).replace('hunter2-hunter2', '***')).toBe(next.replace('hunter2-hunter2', '***'));
  await last.exit();
  expect((await resumed.ended).code).toBe(0);
});

test('after a merge conflict its paths are named, and whose the other side is', async () => {
  writeFeature();
  commitAll();
  const exec = `echo $IMPLEMENT_TASK_ID > shared.txt; ${stage.command}`;
  const command = rig.start([FILE, '--worktree', '-j', '2', '--exec', exec, '--filter', 'T001,T002'], {
    env: stage.env,
  });
  const [first, second] = [await stage.next('T001'), await stage.next('T002')];
  await first.exit();
  await command.said('✓ T001');
  await second.exit();
  const again = await stage.next('T002');
  expect(await again.stdin()).toContain(
    'The attempt before could not be merged. T001 changed the same files meanwhile; do the task so that both hold:\n- shared.txt\n',
  );
  await again.exit();
  expect((await command.ended).code).toBe(0);
});

test('files of a commit are handed over, in this session and in a later one', async () => {
  writeFeature();
  commitAll();
  const exec = 'echo x > made-$IMPLEMENT_TASK_ID; test $IMPLEMENT_TASK_ID != T003';
  const { code } = await rig.run([FILE, '--worktree', '--exec', exec, '--retries', '0']);
  expect(code).toBe(1);
  expect(await printed('T003')).toContain('- T001 Create the session model in src/session.ts\n  Files: + made-T001\n');
});

test('--json gives prompt, size and what is in it', async () => {
  writeFeature();
  const found = JSON.parse(await printed('t001', '--json')) as Record<string, unknown>;
  expect(found).toMatchObject({
    schemaVersion: 1,
    task: 'T001',
    budget: 8000,
    left: ['specs/001-auth/spec.md', 'specs/001-auth/contracts/login.yaml'],
  });
  expect(found['prompt']).toBe(await printed('T001'));
  expect(found['tokens']).toBe(Math.ceil((found['prompt'] as string).length / 4));
  expect(found['included']).toContainEqual({ path: 'specs/001-auth/spec.md', from: 3, to: 5 });
});

test('the budget is a setting', async () => {
  writeFeature();
  rig.write('specs/001-auth/plan.md', `# Plan\n\n## Summary\n\n${'A word about the session model.\n'.repeat(4_000)}`);
  for (const budget of [500, 2_000]) {
    const { stdout } = await rig.run(['prompt', 'T001', FILE], {
      env: { IMPLEMENT_OPT_PROMPT_BUDGET: String(budget) },
    });
    expect(stdout.length).toBeLessThanOrEqual(4 * budget);
    expect(stdout).toContain('Rules:');
  }
  rig.write('implement.config.json', '{ "promptBudget": 100 }');
  const refused = await rig.run(['prompt', 'T001', FILE]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('implement.config.json:1:19');
});

test('a project has a layout of its own', async () => {
  writeFeature();
  rig.write('implement.prompt.md', 'You are careful.\n\n{{task}}\n\n{{siblings}}\n\n{{rules}}\n');
  expect(await printed('T001')).toMatch(
    /^You are careful\.\n\nT001 \[US1\] Create the session model in src\/session\.ts\n\nRules:\n/,
  );
  rig.write('specs/implement.config.json', '{}');
  rig.write('specs/implement.prompt.md', 'Beside the configuration: {{task}}\n');
  expect(await printed('T001')).toBe(
    'Beside the configuration: T001 [US1] Create the session model in src/session.ts\n',
  );
});

test('a placeholder that there is not ends a run before anything of it', async () => {
  writeFeature();
  rig.write('implement.prompt.md', 'Do\n  {{tsak}}\n');
  for (const args of [
    [FILE, '--exec', 'touch ran'],
    ['prompt', 'T001', FILE],
  ]) {
    const { code, stderr } = await rig.run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'implement.prompt.md:2:3: error[prompt-template]: There is no placeholder {{tsak}}.\n  2 |   {{tsak}}\n    |   ^^^^^^^^\n  → Did you mean {{task}}?',
    );
  }
  expect(rig.exists('ran')).toBe(false);
  expect(rig.exists('.implement')).toBe(false);
  expect((await rig.run(['plan', FILE])).code).toBe(0);
});

test('an unknown task, and one that looks like it', async () => {
  writeFeature();
  const { code, stderr } = await rig.run(['prompt', 'T01', FILE]);
  expect(code).toBe(2);
  expect(stderr).toContain(`There is no task T01 in ${FILE}.`);
  expect(stderr).toContain('Did you mean T001?');
});

test('nothing from outside the project, and no control codes', async () => {
  writeFeature();
  const outside = mkdtempSync(join(tmpdir(), 'implement-outside-'));
  writeFileSync(join(outside, 'plan.md'), '# User Story 1\n\nstolen\n');
  symlinkSync(join(outside, 'plan.md'), rig.path('specs/001-auth/plan.md'));
  rig.write('specs/001-auth/research.md', '# User Story 1\n\n\u001b]0;title\u0007red \u001b[31msession\n');
  symlinkSync(outside, rig.path('src/out'));
  rig.write(FILE, TASKS.replace('src/form.ts', 'src/form.ts and src/out/plan.md'));
  const text = await printed('T002').finally(() => rmSync(outside, { recursive: true }));
  expect(text).not.toContain('stolen');
  expect(text).toContain('red session');
  expect(text).toContain('src/out/plan.md (outside the project: leave it alone)');
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
});
