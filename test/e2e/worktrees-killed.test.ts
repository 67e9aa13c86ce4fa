/** Killed with -9 at every call of git, one after the other, and continued: always the same history in the end. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { program } from '../support/attempt.ts';
import { createRepo, IN_TREE, type Repo } from '../support/repository.ts';
import { createRig, type Rig } from '../support/rig.ts';

const SCRIPTS = {
  T001: 'echo one > one; echo changed > a.txt; rm gone.txt; chmod +x run.sh; mkdir -p dir; echo x > dir/x',
  T002: 'cat one > two; rm -r dir; echo file > dir',
};

/** In CI only every so many calls; they are all of them in the long suite. */
const STRIDE = process.env['IMPLEMENT_LONG'] === '1' ? 1 : 9;

const PATH = process.env['PATH'] ?? '';

async function withRepo(work: (rig: Rig, repo: Repo) => Promise<void>): Promise<void> {
  const rig = await createRig();
  const repo = createRepo(rig);
  try {
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n', 'gone.txt': 'gone\n', 'run.sh': 'true\n', 'mine.txt': 'mine\n' });
    mkdirSync(join(repo.outside, 'bin'));
    copyFileSync(program('killing-git.sh'), join(repo.outside, 'bin/git'));
    await work(rig, repo);
  } finally {
    await rig.endAll();
    repo.remove();
    await rig.remove();
  }
}

const killing = (rig: Rig, repo: Repo, when: string, at: number): Record<string, string> => ({
  PATH: `${repo.outside}/bin:${PATH}`,
  KILL_PATH: PATH,
  KILL_COUNT: join(repo.outside, 'calls'),
  KILL_AT: String(at),
  KILL_WHEN: when,
  KILL_REPO: rig.path('.git'),
});

/** Continues until it is complete, and looks at what came of it. */
async function complete(rig: Rig, repo: Repo, flags: readonly string[], what: string): Promise<void> {
  const { code, stderr } = await repo.play(SCRIPTS, { flags: rig.runs().length > 0 ? ['--continue'] : flags });
  expect(code, `${what}\n${stderr}`).toBe(0);
  expect(stderr, what).not.toContain('outside its worktree');
  expect(
    repo.log().map((one) => [one.trailers['task'], one.files]),
    what,
  ).toEqual([
    [undefined, ['A a.txt', 'A gone.txt', 'A mine.txt', 'A run.sh', 'A tasks.md']],
    ['T001', ['M a.txt', 'A dir/x', 'D gone.txt', 'A one', 'M run.sh', 'M tasks.md']],
    ['T002', ['A dir', 'D dir/x', 'M tasks.md', 'A two']],
  ]);
  expect(repo.status(), what).toBe(' M mine.txt');
  expect(rig.read('mine.txt')).toBe('of the user\n');
  expect(rig.read('tasks.md')).toBe(repo.show('main', 'tasks.md'));
  expect(rig.read('tasks.md')).not.toContain('[ ]');
  expect(repo.waiting(), what).toEqual([]);
  expect(repo.locks(), what).toEqual([]);
}

describe.each([
  ['--worktree', ['--worktree', '--retries', '0', '--allow-dirty']],
  ['--commit', [...IN_TREE, '--allow-dirty']],
])('%s', (_name, flags) => {
  test.each(['before', 'after'])('%s each call of git', async (when) => {
    let isOver = false;
    let next = when === 'before' ? 1 : 1 + Math.floor(STRIDE / 2);
    const lane = async (): Promise<void> => {
      while (!isOver) {
        const at = next;
        next += STRIDE;
        await withRepo(async (rig, repo) => {
          rig.write('mine.txt', 'of the user\n');
          const { signal } = await repo.play(SCRIPTS, { flags, env: killing(rig, repo, when, at) });
          if (signal === null) isOver = true;
          const calls = readFileSync(join(repo.outside, 'calls'), 'utf8').split('\n');
          await complete(rig, repo, flags, `killed ${when} call ${at}: git ${calls[at - 1]}`);
        });
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    expect(next).toBeGreaterThan(20);
  }, 600_000);

  test('while it publishes, with the locks that git leaves then', () =>
    withRepo(async (rig, repo) => {
      rig.write('mine.txt', 'of the user\n');
      const { signal } = await repo.play(SCRIPTS, { flags, env: killing(rig, repo, 'locks', 0) });
      expect(signal).toBe('SIGKILL');
      expect(existsSync(rig.path('.git/index.lock'))).toBe(true);
      await complete(rig, repo, flags, 'with locks');
    }));
});
