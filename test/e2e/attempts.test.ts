/** What an attempt is given, how often it is made, and how it is ended: retries, limits, variables, standard input. */
import { describe, expect, test } from 'vitest';
import { started, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

/** 400 KB: much more than a pipe holds. */
const LONG = `- [ ] T001 Much\n\n  \`\`\`text\n${'  a line of the body\n'.repeat(20_000)}  \`\`\`\n`;

describe('what a task is given', () => {
  test('its facts as variables, its text on standard input, the project root as directory', async () => {
    rig.write(
      'specs/001-auth/tasks.md',
      `# Tasks: Auth

## Phase 2: Foundational (Priority: P2)

- [ ] T004 [P] [US1] [US3] Create \`src/auth/user.ts\` and docs/user.md
  - with a *body*
  > and a quote
`,
    );
    rig.write('.specify/memory/constitution.md', '');
    const command = rig.start(['--exec', stage.command, 'specs/001-auth/tasks.md'], {
      env: { ...stage.env, IMPLEMENT_TASK_PRIORITY: 'of an outer run', IMPLEMENT_FEEDBACK_FILE: '/etc/passwd' },
    });
    const actor = await stage.next('T004');
    expect(actor.cwd).toBe(rig.dir);
    expect(actor.env).toMatchObject({
      PWD: rig.dir,
      IMPLEMENT_TASK_ID: 'T004',
      IMPLEMENT_TASK_TITLE: 'Create `src/auth/user.ts` and docs/user.md',
      IMPLEMENT_TASK_STORY: 'US1,US3',
      IMPLEMENT_TASK_PHASE: 'Phase 2: Foundational (Priority: P2)',
      IMPLEMENT_TASK_PRIORITY: 'P2',
      IMPLEMENT_TASK_PATHS: 'src/auth/user.ts\ndocs/user.md',
      IMPLEMENT_TASK_ATTEMPT: '1',
      IMPLEMENT_RUN_ID: rig.runs()[0],
      IMPLEMENT_TASKS_FILE: rig.path('specs/001-auth/tasks.md'),
      IMPLEMENT_SLOT: '1',
    });
    expect(actor.env).not.toHaveProperty('IMPLEMENT_FEEDBACK_FILE');
    const prompt = await actor.stdin();
    for (const part of [
      'T004 [US1] [US3] Create `src/auth/user.ts` and docs/user.md\n',
      'with a *body*',
      'and a quote',
      'Task file: specs/001-auth/tasks.md (line 5)\n',
      'Phase: Phase 2: Foundational (Priority: P2)\n',
    ])
      expect(prompt).toContain(part);
    await actor.exit();
    expect((await command.ended).code).toBe(0);
  });

  test('a long prompt that nobody reads is no failure', async () => {
    rig.write('tasks.md', `${LONG}- [ ] T002 Little\n`);
    expect((await rig.run(['--exec', 'true'])).code).toBe(0);
    expect(started(rig)).toEqual(['T001', 'T002']);
  });

  test('a long prompt arrives whole', async () => {
    rig.write('tasks.md', LONG);
    expect((await rig.run(['--exec', 'grep -c "a line of the body"'])).code).toBe(0);
    expect(rig.log('T001', 1)).toBe('20000\n');
  });

  test('text of the task is data, whatever it looks like', async () => {
    const titles = [
      `$(touch pwned) \`touch pwned\` \${HOME:=x}`,
      '"; touch pwned; echo "',
      "'; touch pwned; echo '",
      '\\"; touch pwned #',
      '-e --exec && touch pwned || ../../pwned',
      '%s%n %(touch pwned) $0 $* !! ~ * ?',
    ];
    rig.write('tasks.md', titles.map((title, i) => `- [ ] T00${i + 1} ${title}\n  touch pwned\n`).join(''));
    const { code } = await rig.run([
      '--exec',
      'printf "%s\\n" "$IMPLEMENT_TASK_TITLE" >> titles; cat >> prompts',
      '--verify',
      'true',
    ]);
    expect(code).toBe(0);
    expect(rig.lines('titles')).toEqual(titles);
    for (const title of titles) expect(rig.read('prompts')).toContain(title);
    expect(rig.exists('pwned')).toBe(false);
  });

  test('the command goes to the shell unchanged', async () => {
    rig.write('tasks.md', '- [ ] T001 Say it\n');
    const { code } = await rig.run([
      '--exec',
      `printf '%s|' "a  b" 'c$d' "\${IMPLEMENT_TASK_ID}" -n \\\n "é\t"; exit 0`,
    ]);
    expect(code).toBe(0);
    expect(rig.log('T001', 1)).toBe('a  b|c$d|T001|-n|é\t|');
  });

  test('a command in the place of a file is not run as an option', async () => {
    rig.write('tasks.md', '- [ ] T001 Say it\n');
    const { code, stderr } = await rig.run(['--retries', '0', '--exec', '--version']);
    expect(code).toBe(1);
    expect(stderr).toContain('exit code 127');
  });
});

describe('retries', () => {
  test('wait 1 s and 2 s, and each attempt after the first is told what the one before it printed', async () => {
    rig.write('tasks.md', '- [ ] T001 Fails twice\n');
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const first = await stage.next('T001');
    await first.print('the first\n');
    await first.print('mistake\n', 'stderr');
    await first.exit(3);
    const second = await stage.next('T001');
    expect(second.env['IMPLEMENT_TASK_ATTEMPT']).toBe('2');
    expect(second.env['IMPLEMENT_FEEDBACK_FILE']).toBe(rig.path(`.implement/runs/${rig.runs()[0]}/T001.1.log`));
    expect(rig.log('T001', 1)).toBe('the first\nmistake\n');
    await second.print('the second mistake\n');
    await second.exit(4);
    const third = await stage.next('T001');
    expect(third.env['IMPLEMENT_FEEDBACK_FILE']).toMatch(/T001\.2\.log$/);
    await third.exit(0);
    const { code, stderr } = await command.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('↻ T001 Fails twice: exit code 3; attempt 1/3, next in 1 s');
    expect(stderr).toContain('↻ T001 Fails twice: exit code 4; attempt 2/3, next in 2 s');
    const waits = rig.of('attempt-ended').map((event) => event.retryAt && event.retryAt - event.time);
    expect(waits).toEqual([1000, 2000, null]);
  });

  test('other tasks run while one waits for its next attempt', async () => {
    rig.write('tasks.md', '- [ ] T001 [US1] Fails once\n- [ ] T002 [US2] Does not care\n');
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    await (await stage.next('T001')).exit(1);
    const other = await stage.next('T002');
    await command.said('attempt 1/3');
    await other.exit(0);
    await (await stage.next('T001')).exit(0);
    expect((await command.ended).code).toBe(0);
  });

  test('--retries 0 makes one attempt', async () => {
    rig.write('tasks.md', '- [ ] T001 Fails\n');
    const { code, stdout } = await rig.run(['--exec', 'exit 7', '--retries', '0']);
    expect(code).toBe(1);
    expect(stdout).toContain('    Error: exit code 7\n    Retry: 1/1 (exhausted)\n');
    expect(started(rig)).toEqual(['T001']);
  });

  test('an attempt that a signal ended says so', async () => {
    rig.write('tasks.md', '- [ ] T001 Fails\n');
    const { stderr } = await rig.run(['--exec', 'kill -SEGV $$', '--retries', '0']);
    expect(stderr).toContain('ended by SIGSEGV');
    expect(rig.of('attempt-ended')[0]?.outcome).toMatchObject({ failure: { reason: 'signal', signal: 'SIGSEGV' } });
  });
});

describe('when to stop', () => {
  const TASKS = [1, 2, 3, 4, 5].map((n) => `- [ ] T00${n} [US${n}] Task ${n}\n`).join('');

  test('a failure stops nothing that does not need it', async () => {
    rig.write('tasks.md', TASKS);
    const { code } = await rig.run(['--exec', 'test "$IMPLEMENT_TASK_ID" != T002', '--retries', '0']);
    expect(code).toBe(1);
    expect(started(rig)).toEqual(['T001', 'T002', 'T003', 'T004', 'T005']);
  });

  test('--fail-fast starts nothing new after the first failure, and lets finish what runs', async () => {
    rig.write('tasks.md', TASKS.replaceAll(' [US', ' [P] [US'));
    const command = rig.start(['-j2', '--fail-fast', '--retries', '0', '--exec', stage.command], { env: stage.env });
    const [first, second] = [await stage.next('T001'), await stage.next('T002')];
    await first.exit(1);
    await command.said('✗ T001');
    await second.exit(0);
    const { code, stdout } = await command.ended;
    expect(code).toBe(1);
    expect(stage.seen.toSorted()).toEqual(['T001', 'T002']);
    expect(stdout).toContain('- Tasks Not Started: 3 (T003, T004, T005)\n');
    expect(rig.session()).toContain('\nPending Tasks:\n- [ ] T003 ');
  });

  test('--max-failures 2 stops after the second failure', async () => {
    rig.write('tasks.md', TASKS);
    const { code, stdout } = await rig.run([
      '--max-failures',
      '2',
      '--retries',
      '0',
      '--exec',
      'test "$IMPLEMENT_TASK_ID" = T002',
    ]);
    expect(code).toBe(1);
    expect(started(rig)).toEqual(['T001', 'T002', 'T003']);
    expect(stdout).toContain('- Tasks Failed: 2 (T001, T003)\n');
    expect(stdout).toContain('- Tasks Not Started: 2 (T004, T005)\n');
  });
});

describe('limits and leftovers', () => {
  test('--timeout ends a task, with all that it started', async () => {
    rig.write('tasks.md', '- [ ] T001 Hangs\n');
    const command = rig.start(
      ['--timeout', '4s', '--grace', '20ms', '--retries', '0', '--exec', `trap '' TERM; sleep 600 & ${stage.command}`],
      { env: stage.env },
    );
    const actor = await stage.next('T001');
    await actor.ignore('SIGTERM');
    await actor.fork({ detached: true });
    const child = await stage.next('child');
    await child.ignore('SIGTERM');
    await actor.heard('SIGTERM');
    await Promise.all([actor.gone, child.gone]);
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('✗ T001 Hangs');
    expect(rig.of('attempt-ended')[0]?.outcome).toMatchObject({ failure: { reason: 'timeout' } });
    expect(rig.survivors()).toEqual([]);
  });

  test('a task is over when its process exits, whoever still holds its output', async () => {
    rig.write('tasks.md', '- [ ] T001 Leaves something\n- [ ] T002 Needs it\n');
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const actor = await stage.next('T001');
    await actor.fork({ detached: true });
    const child = await stage.next('child');
    await child.ignore('SIGTERM');
    await actor.exit(0);
    await (await stage.next('T002')).exit(0);
    await child.gone;
    expect((await command.ended).code).toBe(0);
    expect(rig.survivors()).toEqual([]);
  });

  test('what a task left behind is gone before its verification begins', async () => {
    rig.write('tasks.md', '- [ ] T001 Leaves something\n');
    const command = rig.start(['--exec', stage.command, '--verify', `echo verifying; ${stage.command}`], {
      env: stage.env,
    });
    const actor = await stage.next('T001');
    await actor.fork({ detached: true });
    const child = await stage.next('child');
    await child.ignore('SIGTERM');
    let isGone = false;
    void child.gone.then(() => {
      isGone = true;
    });
    await actor.exit(0);
    const verification = await stage.next('T001');
    expect(isGone).toBe(true);
    await verification.exit(0);
    expect((await command.ended).code).toBe(0);
  });

  test('the limit holds for a verification as well', async () => {
    rig.write('tasks.md', '- [ ] T001 Is verified\n');
    const command = rig.start(['--timeout', '2s', '--retries', '0', '--exec', 'true', '--verify', stage.command], {
      env: stage.env,
    });
    await (await stage.next('T001')).gone;
    expect((await command.ended).code).toBe(1);
    expect(rig.of('attempt-ended')[0]?.outcome).toMatchObject({ failure: { reason: 'timeout' } });
  });
});
