/** Agents that do to their worktree what nobody asked for: each done task is one commit all the same, and nothing else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

/** The plan is done, T001 is one commit with these files, and nothing is left over. */
function expectOne(files: readonly string[]): void {
  const [start, own, ...rest] = repo.log();
  expect(own?.files).toEqual(files);
  expect(own?.subject).toBe('T001: Make T001');
  expect(own?.author).toBe('Ada <ada@example.org>');
  expect(own?.parents).toEqual([start?.oid]);
  expect(rest).toEqual([]);
  expect(repo.status()).toBe('');
  expect(repo.waiting()).toEqual([]);
  repo.git('fsck', '--strict');
}

const slot = (number = 1): string => rig.path(`.implement/worktrees/slot-${number}`);
const begin = (files: Readonly<Record<string, string>> = {}): void =>
  repo.stories(['T001'], { 'a.txt': 'a\n', ...files });

describe('git at the hands of an agent', () => {
  test('it commits by itself, twice', async () => {
    begin();
    const { code } = await repo.play({
      T001: `
        echo one > one; git add -A; git -c user.name=Bot -c user.email=bot@example.org commit -qm "My own"
        sed -i 's/^- \\[ \\]/- [x]/' tasks.md; echo two > two; git add -A; git -c user.name=Bot -c user.email=b@example.org commit -qm "Again"
        echo three > three`,
    });
    expect(code).toBe(0);
    expectOne(['A one', 'M tasks.md', 'A three', 'A two']);
  });

  test('it switches to a branch of its own and commits there', async () => {
    begin();
    const { code } = await repo.play({
      T001: 'git switch -qc mine; echo one > one; git add -A; git commit -qm "My own"; echo b >> a.txt',
    });
    expect(code).toBe(0);
    expectOne(['M a.txt', 'A one', 'M tasks.md']);
    expect(repo.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('main');
  });

  test('it checks out the target itself, where nobody else has it', async () => {
    begin();
    repo.git('branch', 'work');
    const { code } = await repo.play(
      { T001: 'git switch -q work; echo one > one' },
      { flags: ['--parallel', '--worktree', '--retries', '0', '--branch', 'work'] },
    );
    expect(code).toBe(0);
    expect(repo.tasks('work').get('T001')?.files).toEqual(['A one', 'M tasks.md']);
  });

  test.each([
    ['a file', 'rm .git'],
    ['a repository of its own', 'rm .git; repository .'],
    ['a folder', 'rm .git; mkdir .git; echo nonsense > .git/HEAD'],
    ['the way to the user', 'echo "gitdir: $MAIN/.git" > .git'],
  ])('it removes .git, or puts %s in its place', async (_what, script) => {
    begin();
    const { code } = await repo.play({ T001: `echo one > one; ${script}` });
    expect(code).toBe(0);
    expectOne(['A one', 'M tasks.md']);
    expect(readFileSync(`${slot()}/.git`, 'utf8')).toMatch(/^gitdir: .*worktrees\/slot-1\n$/);
  });

  test('it leaves a merge unfinished: that is a failure which says so', async () => {
    begin();
    const { code, stdout, stderr } = await repo.play({
      T001: `
        git switch -qc one; echo one > a.txt; git commit -qam one
        git switch -qc two HEAD^; echo two > a.txt; git commit -qam two
        git merge -q one || true`,
    });
    expect(code).toBe(1);
    expect(rig.of('attempt-ended')[0]?.outcome).toMatchObject({ kind: 'failure', failure: { reason: 'workspace' } });
    expect(stdout + stderr).toMatch(/merge unfinished.*a\.txt/);
    expect(repo.log()).toHaveLength(1);
    expect(repo.status()).toBe('');
  });

  test('it leaves a merge unfinished, and the next attempt begins afresh', async () => {
    begin();
    const { code } = await repo.play(
      {
        T001: `
          [ -e "$PLAY/again" ] && { [ "$(cat a.txt)" = a ] && ! git rev-parse -q --verify MERGE_HEAD && echo good > a.txt; exit; }
          : > "$PLAY/again"
          git switch -qc one; echo one > a.txt; git commit -qam one
          git switch -qc two HEAD^; echo two > a.txt; git commit -qam two
          git merge -q one || true`,
      },
      { flags: ['--worktree', '--retries', '1'] },
    );
    expect(code).toBe(0);
    expectOne(['M a.txt', 'M tasks.md']);
    expect(rig.read('a.txt')).toBe('good\n');
  });

  test('it makes a repository inside its worktree: no commit can hold that', async () => {
    begin();
    const { code, stdout, stderr } = await repo.play({
      T001: 'mkdir lib; echo x > lib/x; repository lib',
    });
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/lib is a git repository of its own/);
    expect(repo.log()).toHaveLength(1);
  });

  test('it hides what it changes from git', async () => {
    begin({ 'b.txt': 'b\n' });
    const { code } = await repo.play({
      T001: `
        git update-index --skip-worktree a.txt; echo changed > a.txt
        git update-index --assume-unchanged b.txt; echo changed > b.txt`,
    });
    expect(code).toBe(0);
    expectOne(['M a.txt', 'M b.txt', 'M tasks.md']);
  });

  test('it leaves locks of git behind', async () => {
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
    const { code } = await repo.play(
      {
        default:
          'echo one > "$IMPLEMENT_TASK_ID"; : > "$(git rev-parse --git-dir)/index.lock"; : > "$(git rev-parse --git-dir)/HEAD.lock"',
      },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(0);
    expect(repo.tasks().size).toBe(2);
  });
});

describe('files at the hands of an agent', () => {
  test('it writes into the checkout of the user: told by name, part of no commit', async () => {
    begin();
    const { code, stderr } = await repo.play({
      T001: 'echo escaped > "$MAIN/escaped.txt"; echo b >> "$MAIN/a.txt"; echo one > one',
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/outside its worktree.*escaped\.txt/);
    expect(stderr).toMatch(/outside its worktree.*a\.txt/);
    expect(repo.log().at(-1)?.files).toEqual(['A one', 'M tasks.md']);
    expect(repo.status()).toBe(' M a.txt\n?? escaped.txt');
    expect(rig.read('a.txt')).toBe('a\nb\n');
  });

  test('the same of one that fails', async () => {
    begin();
    const { code, stderr } = await repo.play({ T001: 'echo escaped > "$MAIN/escaped.txt"; exit 3' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/outside its worktree.*escaped\.txt/);
  });

  test('it leaves a process behind that goes on writing: it is ended before anything is committed', async () => {
    begin();
    const { code } = await repo.play({
      T001: '( trap "" TERM HUP; i=0; while :; do i=$((i+1)); echo $i > counter; done ) & until [ -e counter ]; do sleep 0.02; done',
    });
    expect(code).toBe(0);
    expectOne(['A counter', 'M tasks.md']);
    expect(rig.survivors()).toEqual([]);
    expect(readFileSync(rig.path('counter'), 'utf8')).toBe(repo.show('main', 'counter'));
  });

  test('it ticks every box: set aside, and only its own is ticked', async () => {
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
    const { code, stderr } = await repo.play({
      T001: "sed -i 's/^- \\[ \\]/- [x]/; s/Make T002/Make nothing/' tasks.md; echo one > one",
      T002: 'merged T001; echo two > two',
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/T001 changed tasks\.md.*not merged/);
    const one = repo.tasks().get('T001');
    expect(repo.show(one?.oid ?? '', 'tasks.md')).toMatch(/- \[x\] T001 [\s\S]*- \[ \] T002 \[US2\] Make T002\n/);
    expect(rig.read('tasks.md')).toBe(repo.show('main', 'tasks.md'));
    const folder = rig.path(`.implement/runs/${rig.runs()[0]}`);
    const kept = readdirSync(folder).filter((name) => name.endsWith('.tasks.md'));
    expect(kept).toHaveLength(1);
    expect(readFileSync(`${folder}/${kept[0]}`, 'utf8')).toContain('Make nothing');
  });

  test('it removes the task file', async () => {
    begin();
    expect((await repo.play({ T001: 'rm tasks.md; echo one > one' })).code).toBe(0);
    expectOne(['A one', 'M tasks.md']);
  });

  test('it changes nothing: one commit with the tick', async () => {
    begin();
    expect((await repo.play({ T001: 'true' })).code).toBe(0);
    expectOne(['M tasks.md']);
  });

  test('it changes nothing, and the task file is not tracked: one empty commit', async () => {
    repo.init({ 'a.txt': 'a\n', '.gitignore': 'tasks.md\n' });
    rig.write('tasks.md', '- [ ] T001 Make T001\n');
    expect((await repo.play({ T001: 'true' })).code).toBe(0);
    expectOne([]);
    expect(rig.read('tasks.md')).toBe('- [x] T001 Make T001\n');
  });

  test('it removes its whole worktree, with what is in it', async () => {
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
    const { code } = await repo.play(
      { T001: 'rm -rf "$PWD"', T002: 'echo two > two' },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(1);
    expect(repo.log().map((one) => one.files)).toEqual([
      ['A a.txt', 'A tasks.md'],
      ['M tasks.md', 'A two'],
    ]);
    expect(rig.read('a.txt')).toBe('a\n');
    expect(repo.status()).toBe('');
  });

  test('it removes everything that is in its worktree: everything is removed, but the task file', async () => {
    begin({ 'src/deep/b.txt': 'b\n' });
    expect((await repo.play({ T001: 'rm -rf ./* ./.[!.]*' })).code).toBe(0);
    expectOne(['D a.txt', 'D src/deep/b.txt', 'M tasks.md']);
    expect(existsSync(rig.path('src'))).toBe(false);
  });
});
