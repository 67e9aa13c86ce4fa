/** What the user has not committed: refused with the list of it, or left byte for byte where it is. */
import { chmodSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { IN_TREE, useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const DIRTY = ['--parallel', '--worktree', '--retries', '0', '--allow-dirty'];

/** Leaves a file changed, one staged, one removed, one new, one executable, one link. */
function makeDirty(): { check(): void } {
  repo.stories(['T001', 'T002'], {
    'a.txt': 'a\n',
    'b.txt': 'b\n',
    'c.txt': 'c\n',
    'run.sh': 'true\n',
    other: 'other\n',
  });
  rig.write('a.txt', 'a of mine, no newline');
  rig.write('b.txt', 'b staged\n');
  repo.git('add', 'b.txt');
  rig.write('b.txt', 'b staged and changed\n');
  repo.git('rm', '-q', '--cached', 'c.txt');
  rig.write('new/file.bin', '\0\x01\x02');
  chmodSync(rig.path('run.sh'), 0o755);
  symlinkSync('a.txt', rig.path('link'));
  const look = (): string[] =>
    ['a.txt', 'b.txt', 'c.txt', 'new/file.bin', 'run.sh', 'link'].map((name) => {
      const { mode, mtimeMs, ino } = lstatSync(rig.path(name));
      return `${name} ${mode} ${mtimeMs} ${ino} ${readFileSync(rig.path(name), 'hex')}`;
    });
  const before = look();
  const status = repo.status();
  const staged = repo.git('diff', '--cached', '--', '.', ':!tasks.md');
  return {
    check() {
      expect(look()).toEqual(before);
      expect(repo.status()).toBe(status);
      expect(repo.git('diff', '--cached', '--', '.', ':!tasks.md')).toBe(staged);
    },
  };
}

describe('uncommitted changes', () => {
  test.each([
    ['--worktree', ['--worktree']],
    ['--commit', IN_TREE],
  ])('are refused by %s with their list, and nothing is left behind', async (_name, flags) => {
    const dirty = makeDirty();
    const { code, stderr } = await repo.play({ default: 'true' }, { flags });
    expect(code).toBe(2);
    for (const line of [' M a.txt', 'MM b.txt', 'D  c.txt', '?? new/file.bin', ' M run.sh', '?? link', '--allow-dirty'])
      expect(stderr).toContain(line);
    expect(stderr).not.toContain('tasks.md\n');
    dirty.check();
    expect(repo.log()).toHaveLength(1);
    expect(rig.runs()).toEqual([]);
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  test('stay byte for byte where they are with --allow-dirty, and no task sees them', async () => {
    const dirty = makeDirty();
    const { code } = await repo.play(
      { T001: 'cat a.txt b.txt c.txt > seen; [ ! -e new ] && [ ! -e link ]', T002: 'echo changed > other' },
      { flags: DIRTY },
    );
    expect(code).toBe(0);
    dirty.check();
    expect(repo.show('main', 'seen')).toBe('a\nb\nc\n');
    expect(repo.tasks().get('T001')?.files).toEqual(['A seen', 'M tasks.md']);
    expect(rig.read('other')).toBe('changed\n');
  });

  test('in the tree: a task sees them, and no commit holds them', async () => {
    const dirty = makeDirty();
    const { code } = await repo.play(
      { T001: 'cat a.txt > seen', T002: 'echo changed > other' },
      { flags: [...IN_TREE, '--allow-dirty'] },
    );
    expect(code).toBe(0);
    dirty.check();
    expect(repo.tasks().get('T001')?.files).toEqual(['A seen', 'M tasks.md']);
    expect(repo.tasks().get('T002')?.files).toEqual(['M other', 'M tasks.md']);
  });

  test('a task of the tree that changes one of them is told, and it stays uncommitted', async () => {
    repo.stories(['T001'], { 'a.txt': 'a\n' });
    rig.write('a.txt', 'mine\n');
    const { code, stderr } = await repo.play(
      { T001: 'echo more >> a.txt; echo one > one' },
      { flags: [...IN_TREE, '--allow-dirty'] },
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/T001 changed files that were uncommitted.*a\.txt/);
    expect(repo.log().at(-1)?.files).toEqual(['A one', 'M tasks.md']);
    expect(rig.read('a.txt')).toBe('mine\nmore\n');
  });

  test('a file that was only touched is not changed', async () => {
    repo.stories(['T001'], { 'a.txt': 'a\n' });
    rig.write('a.txt', 'a\n');
    const { code } = await repo.play({ T001: 'echo b > a.txt' });
    expect(code).toBe(0);
    expect(rig.read('a.txt')).toBe('b\n');
    expect(repo.status()).toBe('');
  });
});

describe('a change that touches an uncommitted file is held back', () => {
  const SCRIPTS = {
    T001: 'echo "$IMPLEMENT_TASK_ATTEMPT" >> "$PLAY/ran"; echo of the task > a.txt; echo one > one',
    T002: 'echo two > two',
  };

  async function holdBack(): Promise<string> {
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
    rig.write('a.txt', 'mine\n');
    const { code, stdout, stderr } = await repo.play(SCRIPTS, { flags: DIRTY });
    expect(code).toBe(1);
    const branch = `implement/${rig.runs()[0]}/T001/1`;
    expect(rig.of('merge-ended').find((one) => one.step === 'T001')?.result).toMatchObject({
      failure: { reason: 'held-back' },
      held: true,
    });
    for (const part of [branch, 'a.txt', '--continue']) expect(stdout + stderr).toContain(part);
    expect(stdout + stderr).toMatch(/commit, stash/i);
    expect(repo.waiting()).toEqual([branch]);
    expect(rig.read('a.txt')).toBe('mine\n');
    expect(repo.status()).toBe(' M a.txt');
    expect(rig.exists('one')).toBe(false);
    expect([...repo.tasks().keys()]).toEqual(['T002']);
    expect(rig.read('tasks.md')).toContain('- [ ] T001');
    return branch;
  }

  test('and joins the target without being made again, once the user has stashed', async () => {
    const branch = await holdBack();
    repo.git('stash', '-q');
    const { code } = await repo.play(SCRIPTS, { flags: ['--continue'] });
    expect(code).toBe(0);
    expect(readFileSync(`${repo.outside}/ran`, 'utf8').trim().split('\n')).toEqual(['1']);
    expect(repo.tasks().get('T001')?.files).toEqual(['M a.txt', 'A one', 'M tasks.md']);
    expect(rig.read('a.txt')).toBe('of the task\n');
    expect(repo.status()).toBe('');
    expect(repo.waiting()).not.toContain(branch);
    expect(repo.git('stash', 'list').split('\n')).toHaveLength(1);
  });

  test('and once the user has committed something that does not contradict', async () => {
    await holdBack();
    rig.write('a.txt', 'a\n');
    repo.commit('Other', { other: 'other\n' });
    const { code } = await repo.play(SCRIPTS, { flags: ['--continue'] });
    expect(code).toBe(0);
    expect(repo.log().map((one) => one.subject)).toEqual(['Start', 'T002: Make T002', 'Other', 'T001: Make T001']);
    expect(repo.status()).toBe('');
  });

  test('and is a conflict, and made again, once the user has committed what contradicts', async () => {
    await holdBack();
    repo.git('commit', '-qam', 'Mine');
    const { code } = await repo.play(SCRIPTS, { flags: ['--continue', '--conflict-retries', '1'] });
    expect(code).toBe(0);
    expect(repo.log().at(-1)?.trailers).toMatchObject({ task: 'T001', attempt: '2' });
    expect(rig.read('a.txt')).toBe('of the task\n');
    expect(repo.waiting()).toEqual([]);
  });

  test('and is made again once its branch was thrown away', async () => {
    await holdBack();
    repo.git('stash', '-q');
    const cleaned = await rig.run(['clean', '--discard']);
    expect(cleaned.code).toBe(0);
    expect(repo.waiting()).toEqual([]);
    const { code } = await repo.play(SCRIPTS, { flags: ['--continue'] });
    expect(code).toBe(0);
    expect(repo.tasks().get('T001')?.trailers).toMatchObject({ attempt: '2' });
  });

  test('and is held back again while it is still there', async () => {
    const branch = await holdBack();
    const { code } = await repo.play(SCRIPTS, { flags: ['--continue'] });
    expect(code).toBe(1);
    expect(repo.waiting()).toEqual([branch]);
    expect(rig.of('attempt-started').filter((one) => one.step === 'T001')).toHaveLength(1);
    expect(rig.read('a.txt')).toBe('mine\n');
  });

  test('also by an untracked file that it would create', async () => {
    repo.stories(['T001'], { 'a.txt': 'a\n' });
    rig.write('one', 'mine\n');
    const { code } = await repo.play({ T001: 'echo of the task > one' }, { flags: DIRTY });
    expect(code).toBe(1);
    expect(rig.read('one')).toBe('mine\n');
    expect(repo.waiting()).toHaveLength(1);
    expect(repo.status()).toBe('?? one');
  });

  test('also by an ignored file that it would overwrite', async () => {
    repo.stories(['T001'], { '.gitignore': 'secret\n' });
    rig.write('secret', 'mine\n');
    const { code } = await repo.play({ T001: 'echo > .gitignore; echo of the task > secret' }, { flags: DIRTY });
    expect(code).toBe(1);
    expect(rig.read('secret')).toBe('mine\n');
    expect(repo.status()).toBe('');
    expect(repo.waiting()).toHaveLength(1);
  });

  test('also by an untracked folder where it makes a file, and a file where it makes a folder', async () => {
    repo.stories(['T001', 'T002']);
    rig.write('one/mine', 'mine\n');
    rig.write('two', 'mine\n');
    const { code } = await repo.play({ T001: 'echo x > one', T002: 'mkdir two; echo x > two/x' }, { flags: DIRTY });
    expect(code).toBe(1);
    expect(rig.read('one/mine') + rig.read('two')).toBe('mine\nmine\n');
    expect(repo.waiting()).toHaveLength(2);
    expect(repo.status()).toBe('?? one/mine\n?? two');
    expect(repo.log()).toHaveLength(1);
  });
});
