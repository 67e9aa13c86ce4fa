/** Two tasks at the same time, each in a worktree: what both make joins the target, or the reason is told. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { overlaps, useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const LONG = Array.from({ length: 30 }, (_, i) => `line ${i + 1}\n`).join('');

/** Replaces one line of `big.txt`, once both tasks are at work. */
const line = (number: number, text: string): string => `sed -i '${number}s/.*/${text}/' big.txt\n`;
/** Both begin before one of them is merged. */
const first = 'say T001; hear T002\n';
const second = 'say T002; hear T001; merged T001\n';

describe('two stories side by side', () => {
  test('that touch different files', async () => {
    repo.stories(['T001', 'T002'], { 'README.md': 'Hello\n' });
    const { code, stdout } = await repo.play({
      T001: `${first}mkdir src; echo one > src/one.txt`,
      T002: `${second}mkdir src; echo two > src/two.txt`,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Implementation Complete');
    expect(overlaps(rig)).toEqual([['T001', 'T002']]);
    expect(repo.log().map((one) => [one.subject, one.files])).toEqual([
      ['Start', ['A README.md', 'A tasks.md']],
      ['T001: Make T001', ['A src/one.txt', 'M tasks.md']],
      ['T002: Make T002', ['A src/two.txt', 'M tasks.md']],
    ]);
    expect(repo.status()).toBe('');
    expect(rig.read('src/one.txt') + rig.read('src/two.txt')).toBe('one\ntwo\n');
    expect(rig.read('tasks.md').match(/\[x\]/g)).toHaveLength(2);
    expect(repo.waiting()).toEqual([]);
    expect(repo.locks()).toEqual([]);
  });

  test('that change one file in different places', async () => {
    repo.stories(['T001', 'T002'], { 'big.txt': LONG });
    const { code } = await repo.play({ T001: first + line(2, 'first'), T002: second + line(28, 'second') });
    expect(code).toBe(0);
    expect(rig.of('attempt-started')).toHaveLength(2);
    expect(rig.read('big.txt')).toBe(LONG.replace('line 2\n', 'first\n').replace('line 28\n', 'second\n'));
    expect(repo.show('main', 'big.txt')).toBe(rig.read('big.txt'));
    expect(repo.tasks().get('T002')?.files).toEqual(['M big.txt', 'M tasks.md']);
    expect(repo.status()).toBe('');
  });

  test('in the order in which they are through, not in that of the file', async () => {
    repo.stories(['T001', 'T002', 'T003']);
    const { code } = await repo.play({
      T001: 'say T001; merged T002; echo one > one',
      T002: 'hear T001; merged T003; echo two > two',
      T003: 'hear T001; echo three > three',
    });
    expect(code).toBe(0);
    expect([...repo.tasks().keys()]).toEqual(['T003', 'T002', 'T001']);
    expect(repo.log().every((one) => one.parents.length <= 1)).toBe(true);
  });
});

describe('two stories that contradict each other', () => {
  test('the second one is made again, and is told how they clashed', async () => {
    repo.stories(['T001', 'T002'], { 'big.txt': LONG });
    const { code } = await repo.play({
      T001: first + line(5, 'first'),
      T002: `
        if [ -n "$IMPLEMENT_CONFLICT_FILE" ]; then cp "$IMPLEMENT_CONFLICT_FILE" "$PLAY/conflict.json"; ${line(5, 'first and second')} else ${second} ${line(5, 'second')} fi`,
    });
    expect(code).toBe(0);
    expect(rig.of('merge-ended').map((one) => [one.step, one.result.kind])).toEqual([
      ['T001', 'merged'],
      ['T002', 'failure'],
      ['T002', 'merged'],
    ]);
    const conflict = JSON.parse(readFileSync(join(repo.outside, 'conflict.json'), 'utf8')) as {
      tasks: string[];
      paths: Record<string, string>[];
    };
    expect(conflict.tasks).toEqual(['T001']);
    expect(conflict.paths).toHaveLength(1);
    expect(conflict.paths[0]).toMatchObject({
      path: 'big.txt',
      base: LONG,
      theirs: LONG.replace('line 5\n', 'first\n'),
      ours: LONG.replace('line 5\n', 'second\n'),
    });
    expect(conflict.paths[0]?.['merged']).toMatch(/<{7}[\s\S]*first\n={7}\nsecond\n>{7}/);
    expect(rig.read('big.txt')).toContain('first and second\n');
    expect(repo.tasks().get('T002')?.trailers).toMatchObject({ attempt: '2' });
    expect(repo.waiting()).toEqual([]);
    expect(repo.status()).toBe('');
  });

  test('one that goes on contradicting fails, and its work is kept', async () => {
    repo.stories(['T001', 'T002', 'T003'], { 'big.txt': LONG });
    // Each attempt of T002 starts from a head that T001 or the test has not changed yet.
    const { code, stdout, stderr } = await repo.play(
      {
        T001: first + line(5, 'first'),
        T002: `
          say T002; hear T001; merged T001
          if [ "$IMPLEMENT_TASK_ATTEMPT" != 1 ]; then
            ( cd "$MAIN"; sed -i "5s/.*/by hand $IMPLEMENT_TASK_ATTEMPT/" big.txt; git commit -qm "By hand" big.txt )
          fi
          sed -i "5s/.*/second $IMPLEMENT_TASK_ATTEMPT/" big.txt`,
        T003: 'echo three > three',
      },
      { flags: ['--parallel', '--worktree', '--retries', '5', '--conflict-retries', '1'] },
    );
    expect(code).toBe(1);
    const run = rig.runs()[0];
    const branch = `implement/${run}/T002/2`;
    const last = rig.of('merge-ended').findLast((one) => one.step === 'T002');
    expect(last?.result).toMatchObject({ kind: 'failure', failure: { reason: 'merge-conflict' } });
    expect(rig.of('attempt-started').filter((one) => one.step === 'T002')).toHaveLength(2);
    expect(repo.waiting()).toContain(branch);
    expect(repo.show(branch, 'big.txt')).toContain('second 2\n');
    expect(rig.read('big.txt')).toContain('by hand 2\n');
    expect([...repo.tasks().keys()].sort()).toEqual(['T001', 'T003']);
    expect(stdout + stderr).toContain('big.txt');
    expect(stdout + stderr).toContain(branch);
    expect(rig.read('tasks.md')).toContain('- [ ] T002');
    expect(repo.status()).toBe('');
  });

  test('the message names the other task', async () => {
    repo.stories(['T001', 'T002'], { 'big.txt': LONG });
    const { code, stdout, stderr } = await repo.play(
      { T001: first + line(5, 'first'), T002: second + line(5, 'second') },
      { flags: ['--parallel', '--worktree', '--retries', '0', '--conflict-retries', '0'] },
    );
    expect(code).toBe(1);
    const [failure] = rig.of('merge-ended').flatMap((one) => (one.result.kind === 'failure' ? [one.result] : []));
    expect(failure).toMatchObject({ clashes: ['T001'], failure: { reason: 'merge-conflict' } });
    expect(failure?.failure.message).toContain('T001');
    expect(stdout + stderr).toMatch(/T002[\s\S]*T001: big\.txt/);
    // The worktree stays as it was, with the work in it.
    const slot = rig.of('attempt-started').find((one) => one.step === 'T002')?.slot;
    expect(existsSync(rig.path(`.implement/worktrees/slot-${slot}/big.txt`))).toBe(true);
    expect(stdout).toContain(`slot-${slot}`);
  });
});
