/** The user's file: one character changes per task, whatever the file looks like and whoever else writes to it. */
import { chmodSync, linkSync, statSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { started, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

const same: readonly [string, string, string][] = [
  [
    'Windows line ends',
    '# Tasks\r\n\r\n- [ ] T001 One\r\n- [ ] T002 Two\r\n',
    '# Tasks\r\n\r\n- [x] T001 One\r\n- [x] T002 Two\r\n',
  ],
  ['no line end at the end', '- [ ] T001 One\n- [ ] T002 Two', '- [x] T001 One\n- [x] T002 Two'],
  ['the author ticks with X', '- [X] T001 One\n- [ ] T002 Two\n', '- [X] T001 One\n- [X] T002 Two\n'],
  ['an empty box', '- [] T001 One\n* [ ] T002 Two\n', '- [x] T001 One\n* [x] T002 Two\n'],
  [
    'a task that stands twice',
    '- [ ] T001 One\n\n## Again\n- [ ] T001 One\n- [ ] T002 Two\n',
    '- [x] T001 One\n\n## Again\n- [x] T001 One\n- [x] T002 Two\n',
  ],
  [
    'a byte order mark, tabs and trailing space',
    '\uFEFF-\t[ ]\tT001 Ünïcödé 🎉 \t\n1. [ ] T002 Two  \n\n\n',
    '\uFEFF-\t[x]\tT001 Ünïcödé 🎉 \t\n1. [x] T002 Two  \n\n\n',
  ],
  [
    'boxes that are no tasks',
    '- [ ] T001 One [ ] and [ ]\n  - [ ] a detail\n- [ ] a checklist\n- [-] T003 Skipped\n- [ ] T002 Two\n',
    '- [x] T001 One [ ] and [ ]\n  - [ ] a detail\n- [ ] a checklist\n- [-] T003 Skipped\n- [x] T002 Two\n',
  ],
];

test.each(same)('%s: everything else stays byte for byte', async (_name, before, after) => {
  rig.write('tasks.md', before);
  const { code, stderr } = await rig.run(['--exec', 'true']);
  expect(code, stderr).toBe(0);
  expect(rig.read('tasks.md')).toBe(after);
});

test('a link is followed; inode, other names and mode are kept', async () => {
  rig.write('real/list.md', '- [ ] T001 One\n');
  chmodSync(rig.path('real/list.md'), 0o640);
  symlinkSync('real/list.md', rig.path('tasks.md'));
  linkSync(rig.path('real/list.md'), rig.path('other.md'));
  const before = statSync(rig.path('real/list.md'));
  expect((await rig.run(['--exec', 'true'])).code).toBe(0);
  expect(rig.call('readlink', 'tasks.md').trim()).toBe('real/list.md');
  expect(rig.read('other.md')).toBe('- [x] T001 One\n');
  const after = statSync(rig.path('real/list.md'));
  expect([after.ino, after.mode, after.nlink]).toEqual([before.ino, before.mode, before.nlink]);
});

test('each box is ticked as soon as its task is done', async () => {
  rig.write('tasks.md', '- [ ] T001 One\n- [ ] T002 Two\n');
  expect((await rig.run(['--exec', 'cat tasks.md >> seen'])).code).toBe(0);
  expect(rig.lines('seen').slice(2)).toEqual(['- [x] T001 One', '- [ ] T002 Two']);
});

describe('others change the file meanwhile', () => {
  const TASKS = '- [ ] T001 One\n- [ ] T002 Two\n- [ ] T003 Three\n';

  test('what they write stays, and boxes are found where they are now', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const first = await stage.next('T001');
    rig.write(
      'tasks.md',
      `# A heading, and a lot of text before\n\n- [ ] T002 Two, and more of it\n- [ ] T001 One\n- [ ] T003 Three\n\n- [ ] T004 New\n`,
    );
    await first.exit();
    await (await stage.next('T002')).exit();
    await (await stage.next('T003')).exit();
    expect((await command.ended).code).toBe(0);
    expect(rig.read('tasks.md')).toBe(
      '# A heading, and a lot of text before\n\n- [x] T002 Two, and more of it\n- [x] T001 One\n- [x] T003 Three\n\n- [ ] T004 New\n',
    );
    const { code } = await rig.run(['--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger']);
    expect(code).toBe(0);
    expect(rig.lines('ledger')).toEqual(['T004']);
  });

  test('a task whose line is gone is done without a box', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const first = await stage.next('T001');
    rig.write('tasks.md', TASKS.replace('- [ ] T001 One\n', ''));
    await first.exit();
    await (await stage.next('T002')).exit();
    await (await stage.next('T003')).exit();
    const { code, stderr } = await command.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('T001 is no longer in tasks.md');
    expect(rig.read('tasks.md')).toBe('- [x] T002 Two\n- [x] T003 Three\n');
  });

  test('a file that is deleted stops nothing; --continue after it is back ticks what is done', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command, '--retries', '0'], { env: stage.env });
    const first = await stage.next('T001');
    rig.call('rm', 'tasks.md');
    await first.exit();
    await (await stage.next('T002')).exit();
    await (await stage.next('T003')).exit(1);
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('it is not there any more');
    rig.write('tasks.md', TASKS);
    expect((await rig.run(['--continue', '--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger'])).code).toBe(0);
    expect(rig.lines('ledger')).toEqual(['T003']);
    expect(rig.read('tasks.md')).toBe(TASKS.replaceAll('[ ]', '[x]'));
  });

  test('an agent that ticks its own box and ends well changes nothing', async () => {
    rig.write('tasks.md', TASKS);
    const { code, stderr } = await rig.run([
      '--exec',
      'sed "s/\\[ \\] $IMPLEMENT_TASK_ID/[x] $IMPLEMENT_TASK_ID/" tasks.md > copy && cat copy > tasks.md',
    ]);
    expect(code).toBe(0);
    expect(stderr).not.toContain('box');
    expect(rig.read('tasks.md')).toBe(TASKS.replaceAll('[ ]', '[x]'));
  });

  test('an agent that ticks its own box and fails finds it open again', async () => {
    rig.write('tasks.md', TASKS);
    const { code, stderr } = await rig.run([
      ...[
        '--retries',
        '0',
        '--exec',
        'sed "s/\\[ \\] $IMPLEMENT_TASK_ID/[x] $IMPLEMENT_TASK_ID/" tasks.md > copy && cat copy > tasks.md; test "$IMPLEMENT_TASK_ID" != T002',
      ],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('the box of T002 was ticked while it ran, but it is not done: it is open again');
    expect(rig.read('tasks.md')).toBe('- [x] T001 One\n- [ ] T002 Two\n- [ ] T003 Three\n');
    expect(rig.of('box-restored').map((event) => event.task)).toEqual(['T002']);
  });
});

describe('between runs', () => {
  const TASKS = '- [ ] T001 [US1] One\n- [ ] T002 [US2] Two\n- [ ] T003 [US3] Three\n';
  const LEDGER = 'echo "$IMPLEMENT_TASK_ID" >> ledger; test -e mended || test "$IMPLEMENT_TASK_ID" != T002';

  test('a box that a person opens again runs again, once, and is reported', async () => {
    rig.write('tasks.md', TASKS);
    await rig.run(['--retries', '0', '--exec', LEDGER]);
    expect(rig.read('tasks.md')).toBe(TASKS.replace('[ ] T001', '[x] T001').replace('[ ] T003', '[x] T003'));
    rig.write('tasks.md', TASKS.replace('[ ] T003', '[x] T003'));
    const second = await rig.run(['--continue']);
    expect(second.stderr).toContain('Somebody has opened the box of T001, which was done; it runs again.');
    expect(second.code).toBe(1);
    expect(rig.lines('ledger').slice(3)).toEqual(['T001', 'T002']);
    rig.write('mended', '');
    expect((await rig.run(['--continue'])).code).toBe(0);
    expect(rig.lines('ledger').slice(5)).toEqual(['T002']);
    expect(started(rig).filter((id) => id === 'T001')).toHaveLength(2);
  });

  test('a box that a person ticks is believed, also that of a failed task', async () => {
    rig.write('tasks.md', TASKS);
    await rig.run(['--retries', '0', '--exec', LEDGER]);
    rig.write('tasks.md', TASKS.replaceAll('[ ]', '[x]'));
    const second = await rig.run(['--continue']);
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('Nothing to run: everything selected is done.');
    expect(rig.lines('ledger')).toHaveLength(3);
  });
});
