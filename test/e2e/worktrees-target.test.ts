/** The target while tasks join it: what others see of it, others who move it, others who rewrite it. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { program } from '../support/attempt.ts';
import { storyFile, useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

interface Sight {
  readonly before: string;
  readonly after: string;
  readonly head: string;
  readonly marked: readonly string[];
  readonly staged: string;
  readonly status: string;
}

/** Looks at the user's checkout all the time, until it is told to stop. */
function poll(): { end(): Promise<Sight[]> } {
  const end = join(repo.outside, 'end-of-poll');
  const child = spawn(process.execPath, [program('poller.mjs'), rig.dir, end], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    async end() {
      writeFileSync(end, '');
      expect(await closed).toBe(0);
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Sight & { looks?: number });
      expect(lines.pop()?.looks).toBeGreaterThan(5);
      return lines;
    },
  };
}

describe('what somebody sees who looks all the time', () => {
  test('is HEAD at published commits, no markers of conflicts, nothing staged that takes work back', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `T${String(i + 1).padStart(3, '0')}`);
    const shared = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');
    repo.stories(ids, { 'shared.txt': shared });
    const poller = poll();
    const { code } = await repo.play(
      {
        default: `
          n=$(echo "$IMPLEMENT_TASK_ID" | tr -dc 0-9 | sed 's/^0*//')
          for i in 1 2 3 4 5 6 7 8; do seq 1 $((n * 10)) > "f$n-$i"; done
          sed -i "$((n % 3 * 8 + 1))s/.*/line of $n/" shared.txt`,
      },
      { flags: ['-j3', '--worktree', '--retries', '0', '--conflict-retries', '50'] },
    );
    const sights = await poller.end();
    expect(code).toBe(0);
    const published = repo.log().map((one) => one.oid);
    expect(published).toHaveLength(13);
    const order = new Map(published.map((oid, index) => [oid, index]));
    for (const { before, after, head, marked, staged, status } of sights) {
      expect(head).toBe('refs/heads/main');
      expect(order.has(before) && order.has(after)).toBe(true);
      expect(marked).toEqual([]);
      // Work to come may be staged for a moment; what takes away lines of a published file, or the file, may not.
      for (const line of staged.split('\n').filter((one) => one !== '')) {
        const [added = '', removed = ''] = line.split('\t');
        expect(Number(removed), line).toBeLessThanOrEqual(Number(added));
      }
      expect(status).not.toMatch(/^(?:D.|.D|U.|.U|AA) /m);
    }
    expect(repo.status()).toBe('');
    expect(repo.locks()).toEqual([]);
  });
});

describe('somebody else moves the target', () => {
  const byHand = (name: string): string =>
    `( cd "$MAIN"; echo mine > ${name}; git add ${name}; git commit -qm "${name} by hand" )`;

  test('by commits in the checkout: the queue goes on from there', async () => {
    repo.stories(['T001', 'T002', 'T003']);
    const { code } = await repo.play({
      T001: `echo one > one; ${byHand('mine-1')}`,
      T002: `merged T001; echo two > two; ${byHand('mine-2')}`,
      T003: 'merged T002; echo three > three',
    });
    expect(code).toBe(0);
    expect(repo.log().map((one) => one.subject)).toEqual([
      'Start',
      'mine-1 by hand',
      'T001: Make T001',
      'mine-2 by hand',
      'T002: Make T002',
      'T003: Make T003',
    ]);
    expect(repo.log().every((one) => one.parents.length <= 1)).toBe(true);
    expect(repo.status()).toBe('');
  });

  test('by a commit to the task file itself', async () => {
    repo.stories(['T001', 'T002']);
    const { code } = await repo.play({
      T001: `echo one > one; ( cd "$MAIN"; echo "A note" >> tasks.md; git commit -qam "A note" )`,
      T002: 'merged T001; echo two > two',
    });
    expect(code).toBe(0);
    const text = `${storyFile(['T001', 'T002']).replaceAll('[ ]', '[x]')}A note\n`;
    expect(repo.show('main', 'tasks.md')).toBe(text);
    expect(rig.read('tasks.md')).toBe(text);
    expect(repo.status()).toBe('');
  });

  test('by a branch that is not checked out', async () => {
    repo.stories(['T001']);
    repo.git('branch', 'work');
    const { code } = await repo.play(
      {
        T001: 'git commit-tree -p work -m Moved "work^{tree}" > "$PLAY/oid"; git update-ref refs/heads/work "$(cat "$PLAY/oid")"; echo one > one',
      },
      { flags: ['--worktree', '--retries', '0', '--branch', 'work'] },
    );
    expect(code).toBe(0);
    expect(repo.log('work').map((one) => one.subject)).toEqual(['Start', 'Moved', 'T001: Make T001']);
  });

  test('and leaves it for another branch: the target goes on without the checkout', async () => {
    repo.stories(['T001', 'T002']);
    const { code } = await repo.play({
      T001: 'echo one > one; git -C "$MAIN" switch -qc elsewhere',
      T002: 'merged T001; echo two > two',
    });
    expect(code).toBe(0);
    expect([...repo.tasks('main').keys()]).toEqual(['T001', 'T002']);
    expect(repo.git('symbolic-ref', '--short', 'HEAD')).toBe('elsewhere');
    expect(rig.exists('one') || rig.exists('two')).toBe(false);
  });
});

describe('somebody rewrites the target', () => {
  test('the run stops merging, keeps the work on branches and says so', async () => {
    repo.stories(['T001', 'T002', 'T003'], { 'a.txt': 'a\n' });
    repo.commit('Before', { before: 'x\n' });
    const start = repo.git('rev-parse', 'main');
    const { code, stdout, stderr } = await repo.play({
      T001: 'echo one > one',
      T002: 'merged T001; git -C "$MAIN" reset -q --hard HEAD~2; say reset; echo two > two',
      T003: 'hear reset; echo three > three',
    });
    expect(code).toBe(1);
    const run = rig.runs()[0];
    expect(repo.git('rev-parse', 'main')).toBe(repo.git('rev-parse', `${start}^`));
    expect(repo.waiting()).toEqual([`implement/${run}/T002/1`, `implement/${run}/T003/1`]);
    expect(repo.show(`implement/${run}/T002/1`, 'two')).toBe('two\n');
    expect(stdout + stderr).toMatch(/main was rewritten/);
    expect(repo.status()).toBe('');
    expect(rig.read('tasks.md')).toContain('- [ ] T002');
  });
});
