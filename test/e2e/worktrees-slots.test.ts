/** Worktrees over time: reset, used again, kept where a task failed; changes verified again where the head has moved. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { started, useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const slot = (number: number): string => rig.path(`.implement/worktrees/slot-${number}`);

describe('verification of what the head has become', () => {
  const VERIFY = '[ ! -e one ] || [ ! -e two ] || [ -e three ]';

  test('a change that is right alone and wrong with another is made again on the new head', async () => {
    repo.stories(['T001', 'T002']);
    const { code } = await repo.play(
      {
        T001: 'say 1; hear 2; echo one > one',
        T002: 'say 2; hear 1; if [ -e one ]; then echo three > three; else merged T001; fi; echo two > two',
      },
      { flags: ['--parallel', '--worktree', '--retries', '1', '--verify', `echo "checked in $(pwd)"; ${VERIFY}`] },
    );
    expect(code).toBe(0);
    const failures = rig.of('merge-ended').filter((one) => one.result.kind === 'failure');
    expect(failures).toMatchObject([{ step: 'T002', result: { failure: { reason: 'verification' } } }]);
    expect(repo.tasks().get('T002')).toMatchObject({
      trailers: { attempt: '2' },
      files: ['M tasks.md', 'A three', 'A two'],
    });
    expect(rig.log('T002', 1).match(/checked in .*slot-\d/g)).toHaveLength(2);
    expect(repo.status()).toBe('');
    expect(repo.waiting()).toEqual([]);
  });

  test('one that stays wrong fails, and the target never holds it', async () => {
    repo.stories(['T001', 'T002', 'T003']);
    const { code, stdout } = await repo.play(
      {
        T001: 'say 1; hear 2; echo one > one',
        T002: 'say 2; hear 1; merged T001; echo two > two',
        T003: 'merged T001; sleep 0.1; echo x > x',
      },
      { flags: ['--parallel', '--worktree', '--retries', '0', '--verify', VERIFY] },
    );
    expect(code).toBe(1);
    expect(stdout).toContain('T002');
    expect([...repo.tasks().keys()]).toEqual(['T001', 'T003']);
    expect(rig.exists('two')).toBe(false);
    expect(repo.status()).toBe('');
  });

  test('takes the time that it needs: what ends the attempt does not end it', async () => {
    repo.stories(['T001', 'T002']);
    const { code } = await repo.play(
      { T001: 'say 1; hear 2; echo one > one', T002: 'say 2; hear 1; merged T001; echo two > two' },
      { flags: ['--parallel', '--worktree', '--retries', '0', '--verify', 'sleep 1.5; echo verified'] },
    );
    expect(code).toBe(0);
    expect(rig.log('T002', 1).match(/^verified$/gm)).toHaveLength(2);
  });

  test('what a verification writes is in no commit', async () => {
    repo.stories(['T001', 'T002'], { counter: '0\n' });
    const { code } = await repo.play(
      { T001: 'say 1; hear 2; echo one > one', T002: 'say 2; hear 1; merged T001; echo two > two' },
      {
        flags: [
          '--parallel',
          '--worktree',
          '--retries',
          '0',
          '--verify',
          'git diff --quiet HEAD -- counter && git diff --cached --quiet',
        ],
      },
    );
    expect(code).toBe(0);
    expect(repo.tasks().get('T002')?.files).toEqual(['M tasks.md', 'A two']);
  });
});

describe('a worktree', () => {
  test('is reset, whatever an attempt left in it, and used again', async () => {
    repo.stories(['T001', 'T002', 'T003'], { 'a.txt': 'a\n', '.gitignore': 'cache\n' });
    const { code } = await repo.play(
      {
        T001: 'echo one > one; echo cached > cache',
        T002: `
          [ "$(cat a.txt)" = a ] && [ ! -e rubbish ] && [ "$(cat one)" = one ] && [ "$(cat cache)" = cached ] || exit 9
          git switch -qc other; rm a.txt; mkdir -p deep/er; echo x > deep/er/rubbish; git init -q nested; git add a.txt; exit 1`,
        T003: `
          [ "$(cat a.txt)" = a ] && [ ! -e deep ] && [ ! -e nested ] && ! git symbolic-ref -q HEAD && git diff --quiet HEAD || exit 9
          echo three > three`,
      },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(1);
    expect(started(rig)).toEqual(['T001', 'T002', 'T003']);
    expect([...repo.tasks().keys()]).toEqual(['T001', 'T003']);
  });

  test('in which a task failed is kept and named, and others go on in another one', async () => {
    repo.stories(['T001', 'T002', 'T003'], { 'a.txt': 'a\n' });
    const { code, stdout } = await repo.play(
      { T001: 'echo half > half; exit 3', T002: 'echo two > two', T003: 'echo three > three' },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(1);
    expect(readFileSync(join(slot(1), 'half'), 'utf8')).toBe('half\n');
    expect(stdout).toContain('.implement/worktrees/slot-1');
    expect(rig.of('attempt-started').map((one) => one.slot)).toEqual([1, 2, 2]);
    expect([...repo.tasks().keys()]).toEqual(['T002', 'T003']);
    // The next session leaves it alone until the task is done.
    const again = await repo.play({ T001: `[ -e "${slot(1)}/half" ] && echo one > one` }, { flags: ['--continue'] });
    expect(again.code).toBe(0);
    expect(existsSync(slot(1))).toBe(false);
    expect(repo.status()).toBe('');
  });

  test('that is gone, or is not what it was, is made anew', async () => {
    repo.stories(['T001', 'T002', 'T003']);
    await repo.play(
      { default: 'echo x > $IMPLEMENT_TASK_ID' },
      { flags: ['--worktree', '--retries', '0', '--filter', 'T001'] },
    );
    writeFileSync(join(rig.dir, '.git/worktrees/slot-1/index'), 'nonsense');
    writeFileSync(join(rig.dir, '.git/worktrees/slot-1/implement-index'), 'nonsense');
    const { code } = await repo.play(
      {
        default: 'echo x > $IMPLEMENT_TASK_ID',
        T002: 'echo x > T002; rm -rf "$MAIN/.git/worktrees/slot-1/logs" "$MAIN/.git/worktrees/slot-1/ORIG_HEAD"',
      },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(0);
    expect(repo.tasks().size).toBe(3);
  });

  test('of a run that is over holds nothing of it but what is ignored', async () => {
    repo.stories(['T001', 'T002']);
    await repo.play({ default: 'echo x > $IMPLEMENT_TASK_ID' });
    for (const number of [1, 2]) {
      expect(repo.gitIn(slot(number), 'status', '--porcelain')).toBe('');
      expect(repo.gitIn(slot(number), 'rev-parse', 'HEAD')).toBe(repo.git('rev-parse', 'main'));
    }
  });
});
