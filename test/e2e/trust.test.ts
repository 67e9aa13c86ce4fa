/** What is not believed: commands that a file brings along, state that others planted, text that would be obeyed. */
import { chmodSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { started, useRig } from '../support/rig.ts';

const rig = useRig();

const SCRIPTS = `- [ ] T001 Make the folder

  \`\`\`sh run
  mkdir -p out && echo "made by sh" > out/one
  \`\`\`

- [ ] T002 Write two files

  \`\`\`bash run
  for name in two three; do echo "made by bash" > "out/$name"; done
  \`\`\`

  \`\`\`js run
  import { writeFileSync } from 'node:fs';
  writeFileSync('out/four', 'made by js');
  \`\`\`

- [ ] T003 Only an example

  \`\`\`sh
  touch out/never
  \`\`\`
`;

describe('commands of the task file', () => {
  test('do not run unless they are allowed, and nothing else runs either', async () => {
    rig.write('tasks.md', SCRIPTS);
    const before = rig.read('tasks.md');
    const { code, stdout, stderr } = await rig.run([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error\[script-not-allowed\]: T001 and T002 have scripts of their own/);
    expect(stderr).toContain('tasks.md:3');
    expect(stderr).toContain('script of T002');
    expect(stderr).toContain(
      '→ Read them, then say --scripts. Or say what every task runs: --agent NAME, or --exec CMD',
    );
    expect(stderr).toMatch(/error\[nothing-to-run\]: T003 has nothing to run/);
    expect(rig.read('tasks.md')).toBe(before);
    expect(rig.exists('out')).toBe(false);
    expect(rig.exists('.implement')).toBe(false);
  });

  test('--scripts runs them, and --exec what has none', async () => {
    rig.write('tasks.md', SCRIPTS);
    const without = await rig.run(['--scripts']);
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/error\[nothing-to-run\]: T003 has nothing to run/);
    expect(without.stderr).toContain('say what tasks without one run: --agent NAME, or --exec CMD');
    const { code } = await rig.run(['--scripts', '--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger']);
    expect(code).toBe(0);
    expect(rig.lines('out/one')).toEqual(['made by sh']);
    expect(rig.lines('out/three')).toEqual(['made by bash']);
    expect(rig.read('out/four')).toBe('made by js');
    expect(rig.exists('out/never')).toBe(false);
    expect(rig.lines('ledger')).toEqual(['T003']);
  });

  test('--exec without --scripts takes the place of the scripts', async () => {
    rig.write('tasks.md', SCRIPTS);
    const { code } = await rig.run(['--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger']);
    expect(code).toBe(0);
    expect(rig.lines('ledger')).toEqual(['T001', 'T002', 'T003']);
    expect(rig.exists('out')).toBe(false);
  });

  test('verifications in the front matter run with --scripts only', async () => {
    rig.write('tasks.md', '---\nverify: echo verified >> ledger\n---\n- [ ] T001 Do\n- [ ] T002 More\n');
    const without = await rig.run(['--exec', 'true', '--filter', 'T001']);
    expect(without.code).toBe(0);
    expect(without.stderr).toContain('The front matter names verifications; they are not run.');
    expect(rig.lines('ledger')).toEqual([]);
    expect((await rig.run(['--exec', 'true', '--scripts'])).code).toBe(0);
    expect(rig.lines('ledger')).toEqual(['verified']);
  });

  test('what an attempt writes into them is not used, neither now nor by --continue', async () => {
    rig.write(
      'tasks.md',
      '- [ ] T001 Mean\n\n  ```sh run\n  sed "s/touch good/touch evil/" tasks.md > copy && cat copy > tasks.md\n  ```\n\n- [ ] T002 Good\n\n  ```sh run\n  touch good; test -e mended\n  ```\n',
    );
    const first = await rig.run(['--scripts', '--retries', '0']);
    expect(first.code).toBe(1);
    expect(rig.exists('good')).toBe(true);
    expect(rig.exists('evil')).toBe(false);
    rig.write('mended', '');
    const second = await rig.run(['--continue']);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('The commands in tasks.md were changed while the last session ran.');
    expect(second.stderr).toContain('implement --continue --scripts');
    expect(rig.exists('evil')).toBe(false);
    const third = await rig.run(['--continue', '--scripts']);
    expect(third.code).toBe(0);
    expect(rig.exists('evil')).toBe(true);
  });

  test('a stored command is printed before it is used again', async () => {
    rig.write('tasks.md', '- [ ] T001 Do\n');
    await rig.run(['--exec', 'test -e mended', '--verify', 'echo fine', '--retries', '0']);
    rig.write('mended', '');
    const { code, stderr } = await rig.run(['--continue']);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "The session's own commands are used again:\n  --exec test -e mended\n  --verify echo fine",
    );
    expect(stderr.indexOf('--exec test -e mended')).toBeLessThan(stderr.indexOf('✓ T001'));
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2-s3cr3t';
  const env = { DEMO_API_KEY: SECRET, GH_TOKEN: 'ghp_0123456789', db_password: 'p w"d\\x' };

  test('never leave the raw logs', async () => {
    rig.write('tasks.md', `- [ ] T001 Print ${SECRET}\n- [ ] T002 Fail\n`);
    rig.call('mkdir', '.spec-state');
    const args = [
      '--retries',
      '1',
      '--exec',
      'env; printf "%s %s %s\\n" "$DEMO_API_KEY" "$GH_TOKEN" "$db_password" >&2; test "$IMPLEMENT_TASK_ID" = T001',
    ];
    const command = await rig.run([...args, '--verify', 'echo "$GH_TOKEN"', '-v'], { env });
    expect(command.code).toBe(1);
    const json = await rig.run(['--continue', '--json', '-v'], { env });
    const state = rig.call('sh', '-c', 'find .implement .spec-state -type f ! -name "*.log" | xargs cat');
    for (const text of [command.stdout, command.stderr, json.stdout, json.stderr, state]) {
      for (const value of Object.values(env)) {
        expect(text).not.toContain(value);
        expect(text).not.toContain(JSON.stringify(value).slice(1, -1));
      }
    }
    expect(command.stderr).toContain('*** *** ***');
    expect(JSON.parse(json.stdout).tasks[1].error.tail).toContain('*** *** ***');
    expect(rig.log('T002', 1)).toContain(SECRET);
    expect(rig.call('stat', '-c', '%a', `.implement/runs/${rig.runs()[0]}/T002.1.log`).trim()).toBe('600');
  });

  test('a command that holds one is kept without it, and asked for again', async () => {
    rig.write('tasks.md', '- [ ] T001 Do\n');
    const args = ['--retries', '0', '--exec', `test "$IMPLEMENT_TASK_ATTEMPT" = 2 # ${SECRET}`];
    expect((await rig.run(args, { env })).code).toBe(1);
    expect(rig.session()).not.toContain(SECRET);
    const second = await rig.run(['--continue'], { env });
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('The --exec of the session held a secret, and secrets are not kept.');
    expect((await rig.run(['--continue', '--exec', 'true'], { env })).code).toBe(0);
  });

  test('in a title do not keep a task from being found again', async () => {
    rig.write('tasks.md', `- [ ] Print ${SECRET}\n- [ ] Print ***\n- [ ] Fail\n`);
    await rig.run(['--retries', '0', '--exec', 'test "$IMPLEMENT_TASK_ID" != "#3"'], { env });
    const { stderr, code } = await rig.run(['--continue', '--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger'], { env });
    expect(code).toBe(0);
    expect(stderr).toContain('Found 2 completed tasks');
    expect(rig.lines('ledger')).toEqual(['#3']);
  });
});

test('control codes of titles and output never reach the terminal', async () => {
  const evil = '\u001B]0;owned\u0007\u001B[2J\u001B[31mred\u009B31m\u202Etxt\r';
  rig.write(
    'tasks.md',
    `## Phase 1: ${evil}heading\n- [ ] T001 ${evil}title in src/${evil}.ts\n- [ ] T002 [${evil}] Fails\n`,
  );
  rig.write('output', `${evil}last line\n`);
  const commands = [
    ['--exec', 'cat output; test "$IMPLEMENT_TASK_ID" = T001', '--retries', '1', '--verify-end', 'cat output', '-v'],
    ['--continue', '--json'],
    ['--no-such-flag', evil],
    [`--filter=${evil}`, '--exec', 'true'],
    ['status'],
    ['plan', '-v'],
    ['explain', 'T001'],
    ['explain', evil],
    ['graph'],
    ['plan', `no${evil}.md`],
  ];
  for (const args of commands) {
    const { stdout, stderr } = await rig.run(args);
    expect(`${stdout}${stderr}`, args.join(' ')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
  expect(rig.session()).not.toContain('\u001B');
});

describe('a state directory', () => {
  const refused = async (what: RegExp, args: string[] = []): Promise<void> => {
    for (const each of [['--exec', 'touch ran'], ['--continue']]) {
      const { code, stderr } = await rig.run([...each, ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(what);
    }
    expect(rig.exists('ran')).toBe(false);
  };

  test('that git tracks is refused', async () => {
    rig.call('git', 'init', '-q');
    rig.write('tasks.md', '- [ ] T001 Do\n- [ ] T002 More\n');
    await rig.run(['--exec', 'touch planted; false', '--retries', '0']);
    rig.call('rm', 'planted');
    // What a stranger would publish, so that those who clone it run his command.
    rig.call('git', 'add', '-f', 'tasks.md', '.implement');
    rig.call('git', 'commit', '-qm', 'All yours');
    await refused(/error\[state-tracked\]: git tracks files in the state directory/);
    expect(rig.exists('planted')).toBe(false);
    expect((await rig.run(['status'])).code).toBe(2);
    rig.call('git', 'rm', '-rq', '--cached', '.implement');
    expect((await rig.run(['--continue', '--exec', 'true'])).code).toBe(0);
  });

  test('stays out of git by itself', async () => {
    rig.call('git', 'init', '-q');
    rig.write('tasks.md', '- [ ] T001 Do\n');
    expect((await rig.run(['--exec', 'true'])).code).toBe(0);
    expect(rig.call('git', 'status', '--porcelain').trim()).toBe('?? tasks.md');
  });

  test('that everybody can write, or that leads elsewhere, is refused', async () => {
    rig.write('tasks.md', '- [ ] T001 Do\n');
    rig.call('mkdir', '.implement');
    chmodSync(rig.path('.implement'), 0o777);
    await refused(/error\[state-foreign\]: .* can be written by everybody/);
    rig.call('rmdir', '.implement');
    symlinkSync('/tmp', rig.path('.implement'));
    await refused(/error\[state-foreign\]: .* is a link that leads out of the project/);
  });

  test('--state-dir puts it elsewhere', async () => {
    rig.write('tasks.md', '- [ ] T001 Do\n');
    expect((await rig.run(['--exec', 'false', '--retries', '0', '--state-dir', 'build/state'])).code).toBe(1);
    expect(rig.exists('.implement')).toBe(false);
    expect(rig.read('build/state/current-session.md')).toContain('Status: FAILED');
    const status = await rig.run(['status', '--state-dir', 'build/state']);
    expect(status.stdout).toContain('✗ T001 Do');
    expect((await rig.run(['--continue', '--state-dir', 'build/state', '--exec', 'true'])).code).toBe(0);
    await refused(/cannot be its state directory/, ['--state-dir', '.']);
  });
});

test('a cloned repository cannot name commands in .spec-state', async () => {
  rig.write('tasks.md', '- [ ] T001 Do\n');
  await rig.run(['--exec', 'touch planted; false', '--retries', '0']);
  rig.call('rm', 'planted');
  rig.write('.spec-state/current-session.md', rig.session());
  rig.call('rm', '-r', '.implement');
  const { code, stderr } = await rig.run(['--continue']);
  expect(code).toBe(2);
  expect(stderr).toContain('nothing-to-run');
  expect(rig.exists('planted')).toBe(false);
  expect(started(rig)).toEqual([]);
});
