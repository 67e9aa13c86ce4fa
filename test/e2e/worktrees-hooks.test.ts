/** Hooks of the repository on the commits of tasks: a failure is one of the verification, a change of theirs is kept. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executable, IN_TREE, useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const hook = (name: string, script: string, folder = '.git/hooks'): void =>
  executable(rig.path(`${folder}/${name}`), `#!/bin/sh\n${script}\n`);

describe.each([
  ['in worktrees', ['--worktree', '--retries', '1']],
  ['in the tree', [...IN_TREE.slice(0, -1), '1']],
])('%s', (_where, flags) => {
  test.each([
    'pre-commit',
    'commit-msg',
    'prepare-commit-msg',
  ])('a %s that fails is a failed verification with its output, and the task is tried again', async (name) => {
    repo.stories(['T001']);
    hook(name, `[ -e "$PLAY/seen" ] && exit 0; : > "$PLAY/seen"; echo "the hook says no"; exit 3`);
    const { code } = await repo.play(
      { T001: 'cat "$IMPLEMENT_FEEDBACK_FILE" > "$PLAY/feedback" 2>&1; echo one > one' },
      { flags },
    );
    expect(code).toBe(0);
    const [first] = rig.of('attempt-ended');
    expect(first?.outcome).toMatchObject({
      kind: 'failure',
      failure: { reason: 'verification', exitCode: 3, tail: expect.stringContaining('the hook says no') },
    });
    expect(rig.log('T001', 1)).toContain('the hook says no');
    expect(repo.log().at(-1)?.trailers).toMatchObject({ attempt: '2' });
    expect(repo.status()).toBe('');
  });

  test('one that fails for good ends the task, and nothing is merged', async () => {
    repo.stories(['T001']);
    hook('pre-commit', 'echo "never" >&2; exit 1');
    const { code, stdout, stderr } = await repo.play(
      { T001: 'echo one > one' },
      { flags: [...flags.slice(0, -1), '0'] },
    );
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('never');
    expect(repo.log()).toHaveLength(1);
    expect(repo.waiting()).toEqual([]);
  });

  test('a commit-msg that changes the message', async () => {
    repo.stories(['T001']);
    hook('commit-msg', 'sed -i "1s/^/[x] /" "$1"; echo "Change-Id: I1" >> "$1"');
    expect((await repo.play({ T001: 'echo one > one' }, { flags })).code).toBe(0);
    const last = repo.log().at(-1);
    expect(last?.subject).toBe('[x] T001: Make T001');
    expect(last?.message).toContain('Change-Id: I1');
    expect(last?.trailers).toMatchObject({ task: 'T001' });
  });

  test('a folder of hooks of its own, absolute', async () => {
    repo.stories(['T001']);
    repo.git('config', 'core.hooksPath', join(repo.outside, 'hooks'));
    executable(join(repo.outside, 'hooks/pre-commit'), '#!/bin/sh\necho ran >> "$PLAY/hooks-ran"; exit 1\n');
    hook('pre-commit', 'echo "the wrong one"');
    expect((await repo.play({ T001: 'echo one > one' }, { flags: [...flags.slice(0, -1), '0'] })).code).toBe(1);
    expect(rig.log('T001', 1)).not.toContain('the wrong one');
  });

  test('a folder of hooks in the repository', async () => {
    repo.init({ 'tasks.md': '- [ ] T001 Make T001\n', '.hooks/keep': '' });
    hook('pre-commit', 'echo "in $(pwd)"; exit 1', '.hooks');
    repo.git('add', '-A');
    repo.git('commit', '-qm', 'Hooks');
    repo.git('config', 'core.hooksPath', '.hooks');
    expect((await repo.play({ T001: 'echo one > one' }, { flags: [...flags.slice(0, -1), '0'] })).code).toBe(1);
    expect(rig.log('T001', 1)).toContain(`in ${rig.dir}`);
  });

  test('a folder of hooks in the home of the user', async () => {
    repo.stories(['T001']);
    repo.git('config', 'core.hooksPath', '~/hooks');
    executable(join(repo.outside, 'hooks/pre-commit'), '#!/bin/sh\necho "at home"; exit 1\n');
    const { code } = await repo.play(
      { T001: 'echo one > one' },
      { flags: [...flags.slice(0, -1), '0'], env: { HOME: repo.outside } },
    );
    expect(code).toBe(1);
    expect(rig.log('T001', 1)).toContain('at home');
  });

  test('a file without the right to be run is no hook', async () => {
    repo.stories(['T001']);
    rig.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    expect((await repo.play({ T001: 'echo one > one' }, { flags })).code).toBe(0);
  });

  test('signing that would ask for a passphrase hangs nothing', async () => {
    repo.stories(['T001']);
    repo.git('config', 'commit.gpgSign', 'true');
    repo.git('config', 'gpg.program', 'sleep');
    const { code, stderr } = await repo.play({ T001: 'echo one > one' }, { flags });
    expect(code).toBe(0);
    expect(stderr).toMatch(/gpgSign/i);
    expect(repo.git('log', '-1', '--format=%G?')).toBe('N');
  });
});

test('a pre-commit that formats and adds: the commit holds what it made', async () => {
  repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
  hook(
    'pre-commit',
    'for f in $(git diff --cached --name-only --diff-filter=ACM); do case $f in tasks.md) ;; *) tr a-z A-Z < "$f" > "$f.up"; mv "$f.up" "$f"; git add "$f";; esac; done',
  );
  const { code } = await repo.play(
    { T001: 'echo one > one', T002: 'cat one > two; echo x >> two' },
    { flags: ['--worktree', '--retries', '0'] },
  );
  expect(code).toBe(0);
  expect(repo.show('main', 'one') + repo.show('main', 'two')).toBe('ONE\nONE\nX\n');
  expect(rig.read('one')).toBe('ONE\n');
  expect(repo.log().at(-1)?.files).toEqual(['M tasks.md', 'A two']);
  expect(repo.status()).toBe('');
});

test('a formatter in the tree: files and commit agree', async () => {
  repo.stories(['T001'], { 'a.txt': 'a\n' });
  hook('pre-commit', 'tr a-z A-Z < one > one.up; mv one.up one; git add one');
  const { code } = await repo.play({ T001: 'echo one > one' }, { flags: IN_TREE });
  expect(code).toBe(0);
  expect(repo.show('main', 'one')).toBe('ONE\n');
  expect(rig.read('one')).toBe('ONE\n');
  expect(repo.status()).toBe('');
});

test('hooks that git runs by itself do not run on what the run does inside', async () => {
  repo.stories(['T001']);
  for (const name of ['post-checkout', 'post-commit', 'reference-transaction', 'post-index-change', 'post-merge'])
    hook(name, `echo ${name} >> "${repo.outside}/ran"`);
  expect((await repo.play({ T001: 'echo one > one' })).code).toBe(0);
  expect(rig.lines(join('..', repo.outside.split('/').at(-1) ?? '', 'ran'))).toEqual([]);
});
