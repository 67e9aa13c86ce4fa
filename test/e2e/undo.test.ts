/** `implement undo` with real git: what is taken back, what refuses, and what the user has left untouched. */
import { describe, expect, it } from 'vitest';
import { commitIn, SCRIPT, TASKS } from '../support/committed.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();

const lineOf = (id: string): string => rig.lines('tasks.md').find((line) => line.includes(id)) ?? '';
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('a task that nothing builds on', () => {
  it('is taken back by one commit that opens its box', async () => {
    const { git, work, subjects, dirty } = commitIn(rig, TASKS, SCRIPT);
    expect((await work()).code).toBe(0);
    const before = git('rev-parse', 'HEAD').trim();
    const done = git('log', '--format=%H', '--grep=Implement-Task: T004').trim();
    const ended = await rig.run(['undo', 'T004']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('Undone on main, with 1 commit:\n  T004 Extend a.txt');
    expect(ended.stdout).toContain('Open again in tasks.md: T004\n');
    expect(subjects()[0]).toBe('Revert "T004: Extend a.txt"');
    expect(git('rev-parse', 'HEAD^').trim()).toBe(before);
    const message = git('log', '-1', '--format=%B');
    expect(message).toContain(`This reverts commit ${done}.`);
    expect(git('log', '-1', '--format=%(trailers:key=Implement-Undo,valueonly)').trim()).toBe('T004');
    expect(git('log', '-1', '--format=%(trailers:key=Implement-Run,valueonly)').trim()).toMatch(/^\d{8}-\d{6}-\w{4}$/);
    expect(rig.read('a.txt')).toBe('a\n');
    expect(lineOf('T004')).toBe('- [ ] T004 [US2] Extend a.txt');
    expect(git('show', 'HEAD:tasks.md')).toBe(rig.read('tasks.md'));
    expect(lineOf('T003')).toContain('[x]');
    expect(dirty()).toEqual([]);
    git('fsck', '--strict');
  });

  it('is undone once, and says so the second time', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    await rig.run(['undo', 't004']);
    const head = git('rev-parse', 'HEAD');
    const again = await rig.run(['undo', 'T004']);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^T004 is undone already: [0-9a-f]{7} takes back [0-9a-f]{7}\.\n$/);
    expect(json((await rig.run(['undo', 'T004', '--json'])).stdout)).toMatchObject({ status: 'already', tasks: [] });
    expect(git('rev-parse', 'HEAD')).toBe(head);
  });

  it('runs again with --continue, and the trail shows all three', async () => {
    const { git, work, subjects } = commitIn(rig, TASKS, SCRIPT);
    await work();
    await rig.run(['undo', 'T004']);
    const again = await rig.run(['--continue']);
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/T004/);
    expect(rig.of('undone').map((event) => event.task)).toEqual(['T004']);
    expect(subjects().slice(0, 3)).toEqual(['T004: Extend a.txt', 'Revert "T004: Extend a.txt"', 'T004: Extend a.txt']);
    expect(rig.read('a.txt')).toBe('a\nmore\n');
    const trail = json((await rig.run(['history', 'T004', '--json'])).stdout) as {
      commits: { kind: string; takenBackBy: string | null; takesBack: string | null }[];
    };
    expect(trail.commits.map((one) => one.kind)).toEqual(['task', 'undo', 'task']);
    expect(trail.commits.map((one) => one.takenBackBy !== null)).toEqual([true, false, false]);
    // What is undone a second time is the second commit.
    const second = git('rev-parse', 'HEAD').trim();
    expect((await rig.run(['undo', 'T004'])).code).toBe(0);
    expect(git('log', '-1', '--format=%B')).toContain(second);
  });

  it('is only described with --dry-run', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    const refs = git('for-each-ref');
    const ended = await rig.run(['undo', 'T004', '--dry-run']);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(
      /^Would undo on main, with 1 commit:\n {2}T004 Extend a\.txt \[takes back \w{7}\]\n {6}~ a\.txt\nNothing was changed\.\n$/,
    );
    expect(git('for-each-ref')).toBe(refs);
    expect(rig.read('a.txt')).toBe('a\nmore\n');
    expect(lineOf('T004')).toContain('[x]');
  });

  it('keeps what the user has not committed, byte for byte', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    rig.write('b.txt', 'mine\n');
    rig.write('new file\nwith a line.txt', 'new\n');
    rig.write('tasks.md', `${rig.read('tasks.md')}\nA note of mine.\n`);
    git('add', 'b.txt');
    expect((await rig.run(['undo', 'T004'])).code).toBe(0);
    expect(rig.read('b.txt')).toBe('mine\n');
    expect(git('diff', '--cached', '--name-only').trim()).toBe('b.txt');
    expect(rig.read('tasks.md')).toContain('\nA note of mine.\n');
    expect(lineOf('T004')).toContain('[ ]');
    expect(git('show', 'HEAD:tasks.md')).not.toContain('A note of mine');
    expect(git('diff', 'tasks.md')).not.toMatch(/^[-+].*T004/m);
  });
});

describe('a task that others build on', () => {
  it('is refused, with the tasks and why', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    const head = git('rev-parse', 'HEAD');
    const ended = await rig.run(['undo', 'T002']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/error\[builds-on\]: T002 cannot be undone alone/);
    expect(ended.stderr).toMatch(/T003 Create c\.txt \(depends on T002\) \(\w{7}\): depends on T002/);
    expect(ended.stderr).toContain('implement undo T002 --cascade');
    expect(git('rev-parse', 'HEAD')).toBe(head);
  });

  it('is refused where a later one changed the same file', async () => {
    const tasks = '- [ ] T001 one\n- [ ] T002 two\n- [ ] T003 three\n';
    const { work } = commitIn(rig, tasks, {
      T001: 'printf "1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n" > n.txt',
      T002: 'sed -i s/1/one/ n.txt',
      T003: 'sed -i s/8/eight/ n.txt',
    });
    await work();
    const ended = await rig.run(['undo', 'T002']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('depends on T002, changed n.txt after T002');
  });

  it('goes with them by --cascade, the newest first, one commit each', async () => {
    const { git, work, subjects, dirty } = commitIn(rig, TASKS, SCRIPT);
    await work(['--parallel']);
    const start = git('rev-list', '--max-parents=0', 'HEAD').trim();
    const order = subjects().slice(0, 4);
    const ended = await rig.run(['undo', 'T001', '--cascade', '--json']);
    expect(ended.code).toBe(0);
    expect(subjects().slice(0, 4).reverse()).toEqual(order.map((one) => `Revert "${one}"`));
    expect(git('diff', start, 'HEAD')).toBe('');
    expect(rig.lines('tasks.md').filter((line) => line.includes('[x]'))).toEqual([]);
    expect(dirty()).toEqual([]);
    const report = json(ended.stdout) as { tasks: { task: string; by: string; opened: boolean }[] };
    expect(report.tasks.map((one) => one.task).at(-1)).toBe('T001');
    expect(report.tasks.every((one) => one.opened)).toBe(true);
    // Each box is opened in the commit of its own task.
    for (const { task, by } of report.tasks) {
      const diff = git('show', '--format=', by, '--', 'tasks.md');
      expect(
        diff
          .match(/^\+.*$/gm)
          ?.slice(1)
          .join(),
      ).toContain(task);
    }
  });

  it('does not go when one of them cannot', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    rig.write('a.txt', 'by hand\n');
    git('commit', '-qam', 'By hand');
    const head = git('rev-parse', 'HEAD');
    const ended = await rig.run(['undo', 'T001', '--cascade']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/error\[undo-conflict\]: T004 cannot be taken back.*a\.txt/);
    expect(ended.stderr).toMatch(/git revert \w{10}/);
    expect(git('rev-parse', 'HEAD')).toBe(head);
    expect(rig.lines('tasks.md').filter((line) => line.includes('[x]'))).toHaveLength(4);
    expect(git('status', '--porcelain')).toBe('');
  });
});

describe('refusals', () => {
  it.each(['a.txt', 'staged'])('names a dirty file that it would touch: %s', async (how) => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    const head = git('rev-parse', 'HEAD');
    rig.write('a.txt', 'a\nmore\nmine\n');
    if (how === 'staged') git('add', 'a.txt');
    const status = git('status', '--porcelain');
    const ended = await rig.run(['undo', 'T004']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('error[dirty-tree]: Uncommitted changes stand in the way: a.txt.');
    expect(git('rev-parse', 'HEAD')).toBe(head);
    expect(git('status', '--porcelain')).toBe(status);
    expect(rig.read('a.txt')).toBe('a\nmore\nmine\n');
    expect(lineOf('T004')).toContain('[x]');
  });

  it('names an untracked file in the place of one that comes back', async () => {
    const tasks = '- [ ] T001 make\n- [ ] T002 remove\n';
    const { work } = commitIn(rig, tasks, { T001: 'mkdir d; echo x > "d/a b.txt"', T002: 'rm "d/a b.txt"' });
    await work();
    rig.write('d/a b.txt', 'mine');
    const ended = await rig.run(['undo', 'T002']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('stand in the way: d/a b.txt.');
    expect(rig.read('d/a b.txt')).toBe('mine');
  });

  it('knows ids', async () => {
    const { work } = commitIn(rig, TASKS, SCRIPT);
    const early = await rig.run(['undo', 'T001']);
    expect(early.code).toBe(2);
    expect(early.stderr).toContain('There is no commit of T001 on main.');
    expect(rig.exists('.implement')).toBe(false);
    await work(['--filter', 'T001']);
    const unknown = await rig.run(['undo', 'T0001']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('There is no task T0001, and no commit of one.\n  → Did you mean T001?');
    const open = await rig.run(['undo', 'T003', '--json']);
    expect(open.code).toBe(2);
    expect(json(open.stdout)).toMatchObject({ exitCode: 2, diagnostics: [{ code: 'git' }] });
  });

  it('needs a repository and a branch', async () => {
    rig.write('tasks.md', TASKS);
    const none = await rig.run(['undo', 'T001']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('is no git repository');
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    git('checkout', '-q', '--detach');
    const detached = await rig.run(['undo', 'T004']);
    expect(detached.code).toBe(2);
    expect(detached.stderr).toContain('HEAD is detached');
    const named = await rig.run(['undo', 'T004', '--branch', 'main']);
    expect(named.code).toBe(0);
    expect(git('log', '-1', '--format=%s', 'main').trim()).toBe('Revert "T004: Extend a.txt"');
    expect(rig.read('a.txt')).toBe('a\nmore\n');
  });
});

describe('unusual repositories', () => {
  it('takes back names with spaces, newlines and bytes that are no UTF-8', async () => {
    const tasks = '- [ ] T001 names\n';
    const { git, work, dirty } = commitIn(rig, tasks, {
      T001: 'echo 1 > "a b"; echo 2 > "$(printf "new\\nline")"; echo 3 > "$(printf "\\377\\376")"; ln -s "a b" link; rm do.sh',
    });
    expect((await work()).code).toBe(0);
    const shown = await rig.run(['history']);
    expect(shown.stdout).toContain('+ new line');
    const ended = await rig.run(['undo', 'T001']);
    expect(ended.code).toBe(0);
    expect(dirty()).toEqual([]);
    expect(git('ls-files').trim().split('\n')).toEqual(['do.sh', 'tasks.md']);
    expect(rig.exists('do.sh')).toBe(true);
    expect(rig.exists('a b')).toBe(false);
  });

  it('never prints or commits control codes of a title', async () => {
    const esc = String.fromCharCode(27);
    const tasks = `- [ ] T001 red ${esc}[31mtext${esc}]0;owned${String.fromCharCode(7)} \u202eend\n`;
    const { git, work } = commitIn(rig, tasks, { T001: `echo x > "$(printf 'a\\033[31mb')"` });
    await work();
    git('commit', '--allow-empty', '-qm', `bad ${esc}[31m\n\nImplement-Task: T${esc}[5m9\nImplement-Run: r${esc}[5m`);
    const outputs = [
      await rig.run(['history']),
      await rig.run(['history', '--json']),
      await rig.run(['history', 'T001']),
      await rig.run(['undo', 'T001', '--dry-run', '--json']),
      await rig.run(['undo', 'T001']),
      await rig.run(['history']),
    ];
    const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;
    for (const { code, stdout, stderr } of outputs) {
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(controls);
    }
    expect(git('log', '-1', '--format=%B')).not.toMatch(controls);
  });

  it('works from a linked worktree, and moves every checkout of the branch', async () => {
    const { git } = commitIn(rig, TASKS, SCRIPT);
    git('worktree', 'add', '-q', '-b', 'side', 'linked');
    const cwd = { cwd: 'linked' };
    expect((await rig.run(['--worktree', '--exec', 'sh do.sh', '--retries', '0'], cwd)).code).toBe(0);
    const ended = await rig.run(['undo', 'T004'], cwd);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Undone on side');
    expect(rig.read('linked/a.txt')).toBe('a\n');
    expect(git('-C', 'linked', 'status', '--porcelain')).toBe('');
    expect(rig.exists('a.txt')).toBe(false);
    expect((await rig.run(['history'], cwd)).stdout).toContain('side: 5 commits of 4 tasks');
    expect((await rig.run(['clean'], cwd)).stdout).toContain('Removed 1 worktree');
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(2);
  });

  it('opens the box in place where git does not track the task file', async () => {
    const { git, work, dirty } = commitIn(rig, TASKS, SCRIPT);
    git('rm', '-q', '--cached', 'tasks.md');
    rig.write('.gitignore', 'tasks.md\n');
    git('add', '-A');
    git('commit', '-qm', 'Ignore the list');
    await work();
    expect((await rig.run(['undo', 'T004'])).code).toBe(0);
    expect(lineOf('T004')).toContain('[ ]');
    expect(git('diff', '--name-only', 'HEAD^').trim()).toBe('a.txt');
    expect(dirty()).toEqual([]);
  });

  it('takes back a task without a change, and one that was committed without worktrees', async () => {
    const { git, work, dirty } = commitIn(rig, '- [ ] T001 nothing\n- [ ] T002 file\n', { T002: 'echo x > x.txt' });
    await work(['--no-worktree', '--commit']);
    expect((await rig.run(['undo', 'T002'])).code).toBe(0);
    expect(rig.exists('x.txt')).toBe(false);
    expect((await rig.run(['undo', 'T001'])).code).toBe(0);
    expect(git('log', '-1', '--format=%s').trim()).toBe('Revert "T001: nothing"');
    expect(rig.read('tasks.md')).toBe('- [ ] T001 nothing\n- [ ] T002 file\n');
    expect(dirty()).toEqual([]);
  });

  it('finds tasks without ids by their titles', async () => {
    const { git } = commitIn(rig, '- [ ] Make one\n- [ ] Make two\n', {});
    await rig.run(['--worktree', '--exec', 'echo "$IMPLEMENT_TASK_TITLE" > "$IMPLEMENT_TASK_TITLE"']);
    rig.write('tasks.md', `- [ ] A new one\n${rig.read('tasks.md')}`);
    const ids = json((await rig.run(['plan', '--json'])).stdout) as { tasks: { id: string; title: string }[] };
    const id = ids.tasks.find((one) => one.title === 'Make two')?.id as string;
    expect((await rig.run(['undo', id])).code).toBe(0);
    expect(git('log', '-1', '--format=%s').trim()).toBe('Revert "Make two"');
    expect(rig.read('tasks.md')).toBe('- [ ] A new one\n- [x] Make one\n- [ ] Make two\n');
  });

  it('tells features of one project apart', async () => {
    const { git } = commitIn(rig, '- [ ] T001 root\n', {});
    rig.write('specs/1/tasks.md', '- [ ] T001 first\n');
    rig.write('specs/2/tasks.md', '- [ ] T001 second\n');
    git('add', '-A');
    git('commit', '-qm', 'Features');
    for (const name of ['1', '2'])
      await rig.run([`specs/${name}/tasks.md`, '--worktree', '--exec', `echo x > ${name}.txt`]);
    rig.call('rm', '-rf', '.implement/runs');
    const ended = await rig.run(['undo', 'T001', 'specs/1/tasks.md']);
    expect(ended.stderr).toBe('');
    expect(rig.exists('1.txt')).toBe(false);
    expect(rig.exists('2.txt')).toBe(true);
    expect(rig.read('specs/2/tasks.md')).toBe('- [x] T001 second\n');
    const trail = await rig.run(['history', 'specs/2/tasks.md']);
    expect(trail.stdout).toContain('main: 1 commit of 1 task');
  });

  it('knows a git revert by hand', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    const done = git('log', '--format=%H', '--grep=Implement-Task: T004').trim();
    git('revert', '--no-edit', done);
    expect((await rig.run(['undo', 'T004'])).stdout).toContain('T004 is undone already');
    expect((await rig.run(['history', 'T004'])).stdout).toContain('By hand\n');
    git('revert', '--no-edit', 'HEAD');
    expect((await rig.run(['undo', 'T004', '--dry-run'])).stdout).toContain('Would undo');
  });
});

it('puts back a checkout whose undo was killed', async () => {
  const { git, work } = commitIn(rig, TASKS, SCRIPT);
  await work();
  const onto = git('rev-parse', 'HEAD').trim();
  await rig.run(['undo', 'T004']);
  const commit = git('rev-parse', 'HEAD').trim();
  // As a kill between the files and the branch leaves it.
  git('update-ref', 'refs/heads/main', onto);
  rig.write('.implement/undo.json', JSON.stringify({ target: 'refs/heads/main', onto, commit }));
  const ended = await rig.run(['undo', 'T004']);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('cut off in the middle of an undo');
  expect(git('status', '--porcelain')).toBe('');
  expect(git('rev-parse', 'HEAD^').trim()).toBe(onto);
  expect(rig.exists('.implement/undo.json')).toBe(false);
});
