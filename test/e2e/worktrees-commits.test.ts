/** What the commit of a done task holds: message, author, trailers, its files, its own tick; and nothing of anybody else. */
import { describe, expect, test } from 'vitest';
import { IN_TREE, storyFile, useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const WORKTREE = ['--worktree', '--retries', '0'];

describe.each([
  ['in worktrees', WORKTREE],
  ['in the tree', IN_TREE],
])('commits %s', (_where, flags) => {
  test('have message, author and trailers of their task, and the tick of its own box', async () => {
    repo.init({
      'tasks.md': '# Tasks\n\n## Phase 1: Setup\n\n- [ ] T001 Create `src/a.ts`\n- [ ] T002 [US2] Write it\n',
    });
    const { code } = await repo.play(
      { T001: 'mkdir src; echo a > src/a.ts', T002: 'echo b >> src/a.ts; echo c > c' },
      { flags },
    );
    expect(code).toBe(0);
    const [, one, two, ...rest] = repo.log();
    expect(rest).toEqual([]);
    const run = rig.runs()[0] ?? '';
    expect(one).toMatchObject({
      author: 'Ada <ada@example.org>',
      subject: 'T001: Create `src/a.ts`',
      trailers: { task: 'T001', run, attempt: '1' },
      files: ['A src/a.ts', 'M tasks.md'],
    });
    expect(two).toMatchObject({
      subject: 'T002: Write it',
      trailers: { task: 'T002', run, attempt: '1', story: 'US2' },
      files: ['A c', 'M src/a.ts', 'M tasks.md'],
    });
    expect(two?.message.trim()).toBe(
      `T002: Write it\n\nImplement-Task: T002\nImplement-Run: ${run}\nImplement-Attempt: 1\nImplement-Story: US2`,
    );
    expect(repo.show(one?.oid ?? '', 'tasks.md')).toMatch(/\[x\] T001[^\n]*\n- \[ \] T002/);
    expect(repo.git('show', '--format=', '--numstat', two?.oid ?? '', '--', 'tasks.md')).toBe('1\t1\ttasks.md');
    expect(rig.read('tasks.md')).toBe(repo.show('main', 'tasks.md'));
    expect(repo.status()).toBe('');
    expect(repo.waiting()).toEqual([]);
    expect(repo.locks()).toEqual([]);
  });

  test('in the style of Conventional Commits, if asked for', async () => {
    repo.init({ 'tasks.md': '- [ ] T001 [US1] Create the user model\n- [ ] T002 Fix the login\n' });
    await repo.play({ default: 'true' }, { flags: [...flags, '--commit-style', 'conventional'] });
    expect(repo.log().map((one) => one.subject)).toEqual([
      'Start',
      'feat(us1): create the user model (T001)',
      'fix: fix the login (T002)',
    ]);
  });

  test('author and committer come from the environment where it names them', async () => {
    repo.stories(['T001']);
    await repo.play({ T001: 'true' }, { flags, env: { GIT_AUTHOR_NAME: 'Bob', GIT_AUTHOR_EMAIL: 'bob@example.org' } });
    expect(repo.log().at(-1)?.author).toBe('Bob <bob@example.org>');
    expect(repo.git('log', '-1', '--format=%cn')).toBe('Ada');
  });

  test('the second attempt is the one in the trailer, and what the first one made is not lost to it or in its commit', async () => {
    repo.stories(['T001']);
    const { code } = await repo.play(
      { T001: 'echo $IMPLEMENT_TASK_ATTEMPT > file; [ "$IMPLEMENT_TASK_ATTEMPT" = 2 ]' },
      { flags: [...flags.slice(0, -1), '1'] },
    );
    expect(code).toBe(0);
    expect(repo.log().at(-1)).toMatchObject({ trailers: { attempt: '2' }, files: ['A file', 'M tasks.md'] });
    expect(repo.show('main', 'file')).toBe('2\n');
  });

  test('an untracked task file is ticked in place, and is in no commit', async () => {
    repo.init({ 'a.txt': 'a\n' });
    rig.write('tasks.md', storyFile(['T001', 'T002']));
    const { code } = await repo.play({ default: 'echo x > $IMPLEMENT_TASK_ID' }, { flags });
    expect(code).toBe(0);
    expect(repo.log().map((one) => one.files)).toEqual([['A a.txt'], ['A T001'], ['A T002']]);
    expect(rig.read('tasks.md').match(/\[x\]/g)).toHaveLength(2);
    expect(repo.status()).toBe('?? tasks.md');
  });

  test('an ignored task file too', async () => {
    repo.init({ '.gitignore': '/tasks.md\n' });
    rig.write('tasks.md', storyFile(['T001']));
    expect((await repo.play({ T001: 'echo x > T001' }, { flags })).code).toBe(0);
    expect(repo.log().at(-1)?.files).toEqual(['A T001']);
    expect(rig.read('tasks.md')).toContain('[x] T001');
    expect(repo.status()).toBe('');
  });

  test('a task file with edits of the user gets the same tick, and keeps the edits', async () => {
    repo.stories(['T001', 'T002']);
    const edited = `${storyFile(['T001', 'T002']).replace('# Tasks', '# My tasks \r')}\nA note, not committed.\n`;
    rig.write('tasks.md', edited);
    const { code } = await repo.play({ default: 'true' }, { flags });
    expect(code).toBe(0);
    expect(rig.read('tasks.md')).toBe(edited.replaceAll('[ ]', '[x]'));
    expect(repo.show('main', 'tasks.md')).toBe(storyFile(['T001', 'T002']).replaceAll('[ ]', '[x]'));
    expect(repo.status()).toBe(' M tasks.md');
  });

  test('a task file whose edits the user has staged keeps them staged', async () => {
    repo.stories(['T001']);
    const edited = `${storyFile(['T001'])}\nStaged.\n`;
    rig.write('tasks.md', edited);
    repo.git('add', 'tasks.md');
    const { code } = await repo.play({ default: 'true' }, { flags });
    expect(code).toBe(0);
    expect(repo.show('main', 'tasks.md')).toBe(storyFile(['T001']).replaceAll('[ ]', '[x]'));
    expect(rig.read('tasks.md')).toBe(edited.replaceAll('[ ]', '[x]'));
    expect(repo.git('show', ':tasks.md')).toContain('Staged.');
  });

  test('a task file of another folder, with line ends of Windows', async () => {
    const text = storyFile(['T001']).replaceAll('\n', '\r\n');
    repo.init({ 'specs/001-x/tasks.md': text, '.specify/keep': '' });
    const { code } = await repo.play({ T001: 'echo one > one' }, { flags: [...flags, 'specs/001-x/tasks.md'] });
    expect(code).toBe(0);
    expect(repo.log().at(-1)?.files).toEqual(['A one', 'M specs/001-x/tasks.md']);
    expect(repo.show('main', 'specs/001-x/tasks.md')).toBe(text.replace('[ ]', '[x]'));
    expect(repo.status()).toBe('');
  });
});

describe('where commits go', () => {
  test('to a new branch, while the user stays where they are', async () => {
    repo.stories(['T001', 'T002']);
    const before = repo.git('rev-parse', 'main');
    const { code } = await repo.play(
      { default: 'echo x > $IMPLEMENT_TASK_ID' },
      { flags: [...WORKTREE, '--branch', 'work/new'] },
    );
    expect(code).toBe(0);
    expect(repo.git('rev-parse', 'main')).toBe(before);
    expect(repo.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(repo.log('main..work/new').map((one) => one.files)).toEqual([
      ['A T001', 'M tasks.md'],
      ['A T002', 'M tasks.md'],
    ]);
    expect(rig.exists('T001')).toBe(false);
    // Only the copy of the task file tells how far the plan is.
    expect(repo.status()).toBe(' M tasks.md');
    expect(rig.read('tasks.md')).toBe(repo.show('work/new', 'tasks.md'));
  });

  test('to a branch that is there, and has moved on', async () => {
    repo.stories(['T001']);
    repo.git('switch', '-qc', 'work');
    repo.commit('More', { 'more.txt': 'more\n' });
    repo.git('switch', '-q', 'main');
    const { code } = await repo.play({ T001: 'cat more.txt > copy.txt' }, { flags: [...WORKTREE, '--branch', 'work'] });
    expect(code).toBe(0);
    expect(repo.log('work').map((one) => one.subject)).toEqual(['Start', 'More', 'T001: Make T001']);
    expect(repo.show('work', 'copy.txt')).toBe('more\n');
  });

  test('to a branch that is checked out in another worktree: that follows', async () => {
    repo.stories(['T001']);
    repo.git('worktree', 'add', '-q', '-b', 'work', `${repo.outside}/work`);
    const { code } = await repo.play({ T001: 'echo one > one' }, { flags: [...WORKTREE, '--branch', 'work'] });
    expect(code).toBe(0);
    expect(repo.gitIn(`${repo.outside}/work`, 'status', '--porcelain')).toBe('');
    expect(repo.gitIn(`${repo.outside}/work`, 'ls-files')).toBe('one\ntasks.md');
  });

  test('a branch that cannot be checked out here is no place for commits in the tree', async () => {
    repo.stories(['T001']);
    repo.git('branch', 'work');
    const { code, stderr } = await repo.play({ T001: 'true' }, { flags: [...IN_TREE, '--branch', 'work'] });
    expect(code).toBe(2);
    expect(stderr).toContain('git switch work');
    expect(rig.runs()).toEqual([]);
  });

  test.each(['-x', 'a..b', 'a b', '@{-1}', ''])('"%s" is no name of a branch', async (name) => {
    repo.stories(['T001']);
    const { code } = await repo.play({ T001: 'true' }, { flags: [...WORKTREE, `--branch=${name}`] });
    expect(code).toBe(2);
    expect(repo.git('branch', '--format=%(refname:short)')).toBe('main');
  });

  test('tasks side by side in one tree cannot be committed one by one', async () => {
    repo.stories(['T001', 'T002']);
    const { code, stderr } = await repo.play({ default: 'true' }, { flags: ['--parallel', '--commit'] });
    expect(code).toBe(2);
    expect(stderr).toContain('--worktree');
    expect(repo.log()).toHaveLength(1);
    expect(rig.exists('.implement/runs')).toBe(false);
  });
});
