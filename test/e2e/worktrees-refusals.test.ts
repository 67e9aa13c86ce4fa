/** Repositories in which nothing can be committed: told why before anything runs, with nothing left behind. */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executable, IN_TREE, useRepo } from '../support/repository.ts';
import { type RunOptions, useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const PATH = process.env['PATH'] ?? '';

describe.each([
  ['--worktree', ['--parallel', '--worktree', '--retries', '0']],
  ['--commit', IN_TREE],
])('%s', (_name, flags) => {
  /** Refused with these words, and nothing has changed. */
  async function expectRefusal(
    words: RegExp,
    env: RunOptions['env'] = {},
    more: readonly string[] = [],
  ): Promise<void> {
    const { code, stderr, stdout } = await repo.play(
      { default: ': > "$PLAY/ran"' },
      { flags: [...flags, ...more], env },
    );
    expect(stderr).toMatch(words);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(join(repo.outside, 'ran'))).toBe(false);
    expect(rig.runs()).toEqual([]);
    expect(rig.exists('.implement/worktrees')).toBe(false);
  }

  test('no git repository', async () => {
    rig.write('tasks.md', '- [ ] T001 Make it\n');
    await expectRefusal(/no git repository[\s\S]*git init/);
  });

  test('a bare one', async () => {
    repo.git('init', '-q', '--bare', '.');
    rig.write('tasks.md', '- [ ] T001 Make it\n');
    await expectRefusal(/no work tree/);
  });

  test('no commit yet', async () => {
    repo.git('init', '-q', '-b', 'main');
    repo.git('config', 'user.name', 'Ada');
    repo.git('config', 'user.email', 'ada@example.org');
    rig.write('tasks.md', '- [ ] T001 Make it\n');
    await expectRefusal(/no commit yet[\s\S]*git commit --allow-empty/);
  });

  test('no branch', async () => {
    repo.stories(['T001']);
    repo.git('switch', '-q', '--detach');
    await expectRefusal(/detached[\s\S]*--branch/);
  });

  test.each(['user.name', 'user.email'])('no %s', async (key) => {
    repo.stories(['T001']);
    repo.git('config', '--unset', key);
    const env = { GIT_CONFIG_GLOBAL: '/dev/null', HOME: repo.outside, EMAIL: undefined };
    await expectRefusal(new RegExp(`${key.replace('.', '\\.')} is not set[\\s\\S]*git config ${key}`), env);
  });

  test('an old git', async () => {
    repo.stories(['T001']);
    executable(
      join(repo.outside, 'bin/git'),
      `#!/bin/sh\nfor one; do [ "$one" = --version ] && echo "git version 2.30.2" && exit; done\nPATH=$REAL exec git "$@"\n`,
    );
    await expectRefusal(/git version 2\.30\.2[\s\S]*2\.38/, { PATH: `${repo.outside}/bin:${PATH}`, REAL: PATH });
  });

  test('no git at all', async () => {
    repo.stories(['T001']);
    await expectRefusal(/Git is not installed/, { PATH: join(repo.outside, 'nothing') });
  });

  test('a repository of somebody else', async () => {
    repo.stories(['T001']);
    await expectRefusal(/does not trust[\s\S]*safe\.directory/, { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' });
  });

  test('a repository that is broken', async () => {
    repo.stories(['T001']);
    renameSync(rig.path('.git/objects'), rig.path('.git/objects-gone'));
    mkdirSync(rig.path('.git/objects'));
    const { code } = await repo.play({ default: 'true' }, { flags });
    expect(code).toBe(2);
    expect(rig.runs()).toEqual([]);
  });

  test('a branch with the name under which work is kept', async () => {
    repo.stories(['T001']);
    repo.git('branch', 'implement');
    await expectRefusal(/branch "implement"[\s\S]*git branch -m/);
  });
});

test('no git is needed without them', async () => {
  rig.write('tasks.md', '- [ ] T001 Make it\n');
  expect((await rig.run(['--exec', 'true'])).code).toBe(0);
});

test('a branch to commit to, where nothing is committed', async () => {
  repo.stories(['T001']);
  const { code, stderr } = await repo.play({ default: 'true' }, { flags: ['--branch', 'work'] });
  expect(code).toBe(2);
  expect(stderr).toMatch(/nothing is committed[\s\S]*--worktree/);
  expect(rig.runs()).toEqual([]);
});
