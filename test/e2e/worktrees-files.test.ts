/** Repositories and files of every kind: what a task does to them arrives in the target and in the user's checkout. */
import { spawnSync } from 'node:child_process';
import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const WORKTREE = ['--worktree', '--retries', '0'];

/** The user's checkout is that of the head, file by file. */
function expectInStep(dir = rig.dir): void {
  expect(repo.gitIn(dir, 'status', '--porcelain', '--untracked-files=all')).toBe('');
  repo.gitIn(dir, 'fsck', '--strict');
}

describe('where it begins', () => {
  test('in a linked worktree', async () => {
    repo.stories(['T001']);
    const dir = join(rig.dir, 'linked');
    rig.write('.git/info/exclude', 'linked\n');
    repo.git('worktree', 'add', '-q', '-b', 'work', dir);
    const { code } = await repo.play({ T001: 'echo one > one' }, { flags: WORKTREE, cwd: 'linked' });
    expect(code).toBe(0);
    expect(repo.log('main..work').map((one) => one.files)).toEqual([['A one', 'M tasks.md']]);
    expectInStep(dir);
    expect(repo.log('main')).toHaveLength(1);
    expectInStep();
  });

  test('in a shallow clone', async () => {
    repo.stories(['T001']);
    for (const name of ['a', 'b', 'c']) repo.commit(name, { [name]: name });
    const dir = join(repo.outside, 'clone');
    repo.git('clone', '-q', '--depth=1', `file://${rig.dir}`, dir);
    repo.gitIn(dir, 'config', 'user.name', 'Ada');
    repo.gitIn(dir, 'config', 'user.email', 'ada@example.org');
    const { code } = await repo.play({ T001: 'echo one > one' }, { flags: [...WORKTREE, '--cwd', dir] });
    expect(code).toBe(0);
    expect(repo.gitIn(dir, 'log', '--format=%s')).toBe('T001: Make T001\nc');
    expectInStep(dir);
  });

  test('in a folder of the repository: tasks begin at its top, as they do without worktrees', async () => {
    repo.init({
      'packages/a/tasks.md': '- [ ] T001 Make T001\n',
      'packages/b/b': 'b\n',
    });
    const { code } = await repo.play(
      { T001: 'echo one > packages/a/one; echo b > packages/b/b2' },
      { flags: WORKTREE, cwd: 'packages/a' },
    );
    expect(code).toBe(0);
    expect(repo.log().at(-1)?.files).toEqual(['A packages/a/one', 'M packages/a/tasks.md', 'A packages/b/b2']);
    expectInStep();
  });

  test('with a submodule, which stays as it is', async () => {
    const lib = join(repo.outside, 'lib');
    repo.git('init', '-q', '-b', 'main', lib);
    repo.gitIn(lib, 'commit', '-q', '--allow-empty', '-m', 'Lib');
    repo.stories(['T001']);
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', lib, 'lib');
    repo.git('commit', '-qm', 'Lib');
    const { code } = await repo.play({ T001: 'echo one > one' }, { flags: WORKTREE });
    expect(code).toBe(0);
    expect(repo.log().at(-1)?.files).toEqual(['A one', 'M tasks.md']);
    expectInStep();
  });

  test('with a sparse checkout, which stays sparse', async () => {
    repo.stories(['T001'], { 'in/a': 'a\n', 'out/b': 'b\n' });
    repo.git('sparse-checkout', 'set', 'in');
    const { code } = await repo.play(
      { T001: 'mkdir -p out; echo one > out/one; echo two > in/two' },
      { flags: WORKTREE },
    );
    expect(code).toBe(0);
    expect(repo.log().at(-1)?.files).toEqual(['A in/two', 'A out/one', 'M tasks.md']);
    expect(repo.git('ls-tree', '-r', '--name-only', 'main')).toBe('in/a\nin/two\nout/b\nout/one\ntasks.md');
    expect(rig.read('in/two')).toBe('two\n');
    expect(rig.exists('out')).toBe(false);
    expectInStep();
  });

  test('with pointers in place of large files', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    repo.stories(['T001'], { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'big.bin': pointer });
    const { code } = await repo.play(
      { T001: 'sed -i s/12345/54321/ big.bin; cp big.bin other.bin' },
      { flags: WORKTREE },
    );
    expect(code).toBe(0);
    expect(repo.log().at(-1)?.files).toEqual(['M big.bin', 'A other.bin', 'M tasks.md']);
    expect(rig.read('other.bin')).toBe(pointer.replace('12345', '54321'));
    expectInStep();
  });

  test('with line ends that git changes', async () => {
    repo.stories(['T001'], { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'a\n' });
    const { code } = await repo.play(
      { T001: 'printf "one\\r\\n" > one.txt; printf "b\\r\\n" >> a.txt' },
      { flags: WORKTREE },
    );
    expect(code).toBe(0);
    expect(repo.show('main', 'one.txt') + repo.show('main', 'a.txt')).toBe('one\na\nb\n');
    expect(rig.read('one.txt')).toBe('one\r\n');
    expectInStep();
  });
});

describe('what a task does to files', () => {
  test('links, the right to be run, deletions, renames, kinds that change', async () => {
    repo.stories(['T001', 'T002'], {
      'run.sh': 'true\n',
      'gone.txt': 'gone\n',
      'dir/a': 'a\n',
      'dir/b': 'b\n',
      file: 'file\n',
      folder: 'x\n',
      Case: 'case\n',
      plain: 'run.sh',
    });
    const { code } = await repo.play(
      {
        T001: `
          chmod +x run.sh; rm gone.txt; git mv dir moved; ln -s run.sh link; ln -s nowhere/at/all broken
          git mv Case case; rm file; mkdir file; echo x > file/x; rm folder; ln -s moved folder; rm plain; ln -s run.sh plain`,
        T002: 'chmod -x run.sh; rm link; echo text > link; rm -r file; echo file > file; rm folder; mkdir folder; echo f > folder/f',
      },
      { flags: WORKTREE },
    );
    expect(code).toBe(0);
    const [one, two] = [...repo.tasks().values()];
    expect(one?.files.slice().sort()).toEqual(
      [
        'A broken',
        'D Case',
        'A case',
        'D dir/a',
        'D dir/b',
        'A file/x',
        'D file',
        'T folder',
        'D gone.txt',
        'A link',
        'A moved/a',
        'A moved/b',
        'T plain',
        'M run.sh',
        'M tasks.md',
      ].sort(),
    );
    expect(two?.files.slice().sort()).toEqual(
      ['A file', 'D file/x', 'D folder', 'A folder/f', 'T link', 'M run.sh', 'M tasks.md'].sort(),
    );
    expectInStep();
    expect(lstatSync(rig.path('run.sh')).mode & 0o111).toBe(0);
    expect(readlinkSync(rig.path('broken'))).toBe('nowhere/at/all');
    expect(readlinkSync(rig.path('plain'))).toBe('run.sh');
    expect(rig.read('link') + rig.read('file') + rig.read('folder/f')).toBe('text\nfile\nf\n');
    expect(rig.exists('dir')).toBe(false);
  });

  test('names with spaces, quotes, newlines, stars, bytes that are no UTF-8', async () => {
    repo.stories(['T001', 'T002'], { 'a b.txt': 'x\n', '[a]*?': 'x\n', ':(top)x': 'x\n' });
    const { code, stderr } = await repo.play(
      {
        T001: `
          echo one > "a b.txt"; echo one > '[a]*?'; echo one > ':(top)x'; echo one > "$(printf 'new\\nline')"
          echo one > "$(printf 'caf\\351')"; echo one > 'café'; echo one > "it's \\"quoted\\""; echo one > '-n'; mkdir ' '; echo one > ' / '`,
        T002: `rm "$(printf 'new\\nline')"; echo two > "$(printf 'caf\\351')"; rm -r ' '; echo two > 'café'`,
      },
      { flags: WORKTREE },
    );
    expect(code).toBe(0);
    expectInStep();
    expect(stderr).not.toContain('outside its worktree');
    const raw = spawnSync('git', ['ls-tree', '-rz', '--name-only', 'main'], { cwd: rig.dir }).stdout.toString('latin1');
    expect(
      raw
        .split('\0')
        .filter((name) => name !== '')
        .sort(),
    ).toEqual(
      [
        '-n',
        ':(top)x',
        '[a]*?',
        'a b.txt',
        'caf\xe9',
        Buffer.from('café').toString('latin1'),
        'it\'s "quoted"',
        'tasks.md',
      ].sort(),
    );
    expect(rig.read('café')).toBe('two\n');
    expect(rig.read('a b.txt')).toBe('one\n');
  });

  test('a conflict in a file whose name is none of UTF-8 is told all the same', async () => {
    const name = `"$(printf 'caf\\351')"`;
    repo.stories(['T001', 'T002']);
    const { code } = await repo.play(
      {
        T001: `say 1; hear 2; echo one > ${name}`,
        T002: `say 2; hear 1; merged T001; echo $IMPLEMENT_TASK_ATTEMPT > ${name}`,
      },
      { flags: ['--parallel', '--worktree', '--retries', '0', '--conflict-retries', '1'] },
    );
    expect(code).toBe(0);
    expect(repo.tasks().get('T002')?.trailers).toMatchObject({ attempt: '2' });
    expectInStep();
  });

  test('ignored files stay in their worktree', async () => {
    repo.stories(['T001', 'T002'], { '.gitignore': 'build/\n' });
    const { code } = await repo.play(
      { default: 'mkdir -p build; echo x >> build/out; echo x > "$IMPLEMENT_TASK_ID"' },
      { flags: WORKTREE },
    );
    expect(code).toBe(0);
    expect(repo.log().map((one) => one.files)).toEqual([
      ['A .gitignore', 'A tasks.md'],
      ['A T001', 'M tasks.md'],
      ['A T002', 'M tasks.md'],
    ]);
    expect(rig.exists('build')).toBe(false);
    expectInStep();
  });
});
