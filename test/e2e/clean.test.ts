/** `implement worktrees` and `implement clean` with real git: what is shown, what goes, and that no work is lost. */
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commitIn, SCRIPT, TASKS } from '../support/committed.ts';
import { useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

interface Listed {
  worktrees: { number: number; dir: string; state: string; task: string | null; live: boolean; changes: string[] }[];
}
interface Cleaned {
  dryRun: boolean;
  removed: { kind: string; name: string; task: string | null; why: string }[];
  kept: { kind: string; name: string; task: string | null; why: string; look: string | null }[];
}

const worktrees = async (): Promise<Listed['worktrees']> =>
  (JSON.parse((await rig.run(['worktrees', '--json'])).stdout) as Listed).worktrees;
const clean = async (...flags: string[]): Promise<Cleaned> =>
  JSON.parse((await rig.run(['clean', '--json', ...flags])).stdout) as Cleaned;
const branches = (): string[] =>
  rig
    .call('git', 'for-each-ref', '--format=%(refname:short)', 'refs/heads/implement/')
    .split('\n')
    .filter((line) => line !== '');

const FAILS = { ...SCRIPT, T004: 'echo half > "half done.txt"; exit 3' };

describe('after a run with a failure', () => {
  it('lists the slots: free and kept', async () => {
    const { work } = commitIn(rig, TASKS, FAILS);
    await work(['--parallel']);
    const shown = await rig.run(['worktrees']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^slot \d {2}\.implement\/worktrees\/slot-\d {2}kept for T004, attempt 1, run \S+$/m);
    expect(shown.stdout).toContain('uncommitted: 1 file (half done.txt)');
    expect(shown.stdout).toMatch(/free; last used by T00\d, attempt 1/);
    const kept = (await worktrees()).find((one) => one.state === 'kept');
    expect(kept).toMatchObject({ task: 'T004', live: false, changes: ['half done.txt'] });
  });

  it('removes what holds nothing, and keeps what holds work until it is discarded', async () => {
    const { git, work, dirty } = commitIn(rig, TASKS, FAILS);
    await work(['--parallel']);
    const all = (await worktrees()).length;
    const list = git('worktree', 'list', '--porcelain');
    const planned = await clean('--dry-run');
    expect(planned.kept).toMatchObject([{ kind: 'worktree', task: 'T004' }]);
    expect(planned.removed).toHaveLength(all - 1);
    expect(git('worktree', 'list', '--porcelain')).toBe(list);
    const text = await rig.run(['clean']);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(
      /^Kept 1 worktree:\n.*T004.*it holds 1 file of uncommitted work\n {4}to look at it: git -C \S+ status$/m,
    );
    expect(text.stdout).toContain('implement clean --discard');
    const [kept] = await worktrees();
    expect(rig.read(`${kept?.dir}/half done.txt`)).toBe('half\n');
    expect(await clean()).toMatchObject({ removed: [], kept: [{ task: 'T004' }] });
    expect(await clean('--discard')).toMatchObject({ dryRun: false, removed: [{ task: 'T004' }], kept: [] });
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(rig.exists('.implement/worktrees')).toBe(false);
    expect((await rig.run(['clean'])).stdout).toBe('Ended runs left no worktrees and no branches.\n');
    // Journals and logs are not leftovers.
    expect(rig.exists(`.implement/runs/${rig.runs()[0]}/T004.1.log`)).toBe(true);
    expect(dirty()).toEqual([]);
    expect((await rig.run(['--continue', '--exec', 'true'])).code).toBe(0);
  });

  it('keeps commits that an attempt made by itself', async () => {
    const { work } = commitIn(rig, '- [ ] T001 own\n', {
      T001: 'echo x > x.txt; git add x.txt; git commit -qm own; exit 1',
    });
    await work();
    const planned = await clean();
    expect(planned.kept).toMatchObject([{ task: 'T001' }]);
    expect(planned.kept[0]?.why).toMatch(/uncommitted work|on no branch/);
  });

  it('does not take a worktree without a change for work', async () => {
    const { work } = commitIn(rig, '- [ ] T001 nothing\n', { T001: 'exit 1' });
    await work();
    expect(await worktrees()).toMatchObject([{ state: 'kept', changes: [] }]);
    expect(await clean()).toMatchObject({ removed: [{ task: 'T001' }], kept: [] });
  });
});

describe('work that was held back', () => {
  const held = async (): Promise<ReturnType<typeof commitIn>> => {
    const committed = commitIn(rig, TASKS, SCRIPT);
    await committed.work(['--filter', 'T001']);
    rig.write('a.txt', 'mine\n');
    await committed.work(['--filter', 'T004', '--allow-dirty']);
    expect(branches()).toHaveLength(1);
    return committed;
  };

  it('stays on its branch, with how to look at it', async () => {
    await held();
    const [branch = ''] = branches();
    const { kept } = await clean();
    expect(kept).toMatchObject([
      {
        kind: 'branch',
        name: branch,
        task: 'T004',
        why: 'its work is not in main',
        look: `git log -p main..${branch}`,
      },
    ]);
    expect(branches()).toEqual([branch]);
    const text = await rig.run(['clean', '--discard']);
    expect(text.stdout).toMatch(/branch implement\/\S+\/T004\/1 .* \(was [0-9a-f]{7}\)/);
    expect(branches()).toEqual([]);
  });

  it('is named in the history of its task', async () => {
    await held();
    const shown = await rig.run(['history', 'T004']);
    expect(shown.stdout).toContain('main has no commit of T004.\nFailed attempts:\n');
    expect(shown.stdout).toContain(`branch: ${branches()[0]}`);
  });

  it('goes once somebody has merged it by hand', async () => {
    const { git } = await held();
    const [branch = ''] = branches();
    git('checkout', '-q', '--', 'a.txt');
    git('commit', '--allow-empty', '-qm', 'Something else');
    git('cherry-pick', branch);
    const { removed } = await clean('--dry-run');
    expect(removed.find((one) => one.kind === 'branch')).toMatchObject({ name: branch, why: 'its work is in main' });
    git('switch', '-q', branch);
    expect((await clean('--discard')).kept).toMatchObject([{ name: branch, look: expect.any(String) }]);
    git('switch', '-q', 'main');
    await clean();
    expect(branches()).toEqual([]);
  });

  it('of other people’s branches nothing is touched', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    git('branch', 'implement/my-feature');
    git('branch', 'implement/a/b/1');
    await rig.run(['clean', '--discard']);
    expect(branches()).toEqual(['implement/a/b/1', 'implement/my-feature']);
  });
});

describe('what was deleted by hand', () => {
  it('is forgotten: a slot', async () => {
    const { git, work } = commitIn(rig, TASKS, FAILS);
    await work();
    for (const { dir } of await worktrees()) rmSync(rig.path(dir), { recursive: true });
    expect((await worktrees()).every((one) => one.state === 'gone')).toBe(true);
    expect((await clean()).kept).toEqual([]);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  it('is forgotten: the whole state directory', async () => {
    const { git, work } = commitIn(rig, TASKS, FAILS);
    await work();
    rmSync(rig.path('.implement'), { recursive: true });
    const ended = await rig.run(['clean']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('its directory is gone');
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(rig.exists('.implement')).toBe(false);
  });

  it('leaves a directory that git has forgotten alone', async () => {
    const { git, work } = commitIn(rig, TASKS, FAILS);
    await work();
    rmSync(rig.path('.git/worktrees'), { recursive: true });
    const { kept } = await clean();
    expect(kept.map((one) => one.why)).toContain(
      'git does not know it any more, so nobody can tell what is work in it',
    );
    expect((await clean('--discard')).kept).toEqual([]);
    expect(rig.exists('.implement/worktrees')).toBe(false);
    git('fsck');
  });
});

it('has nothing to do where no worktrees were ever used', async () => {
  rig.write('tasks.md', TASKS);
  expect(await rig.run(['clean'])).toMatchObject({ code: 0, stderr: '' });
  expect((await rig.run(['worktrees'])).stdout).toBe('There are no worktrees of runs here.\n');
  commitIn(rig, TASKS, SCRIPT);
  expect(await clean()).toMatchObject({ removed: [], kept: [] });
  rig.call('git', 'checkout', '-q', '--detach');
  expect(await clean()).toMatchObject({ removed: [], kept: [] });
  expect(rig.exists('.implement')).toBe(false);
});

it('leaves the runs of another checkout alone', async () => {
  const { git, work } = commitIn(rig, TASKS, SCRIPT);
  await work(['--filter', 'T001']);
  rig.write('a.txt', 'mine\n');
  await work(['--filter', 'T004', '--allow-dirty']);
  git('worktree', 'add', '-q', '--detach', 'linked');
  const [branch] = branches();
  const ended = await rig.run(['clean', '--discard'], { cwd: 'linked' });
  expect(ended.stdout).toContain(`branch ${branch}`);
  expect(ended.stdout).toContain('its run belongs to');
  expect(branches()).toEqual([branch]);
});

describe('while a run is alive', () => {
  it('clean and undo refuse, and the list shows who works where', async () => {
    commitIn(rig, TASKS, SCRIPT);
    const run = rig.start(['--worktree', '--exec', stage.command], { env: stage.env });
    const actor = await stage.next('T001');
    expect(await worktrees()).toMatchObject([{ state: 'running', task: 'T001', live: true }]);
    for (const command of [['clean'], ['clean', '--dry-run', '--discard'], ['undo', 'T001']]) {
      const ended = await rig.run(command);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(
        /error\[locked\]: another run is alive in this project: process \d+ on .*, run \d{8}-/,
      );
    }
    run.send('SIGTERM');
    await actor.gone;
    await run.ended;
    expect((await rig.run(['clean'])).code).toBe(0);
  });

  it('and after it was killed, its work stays and its processes end', async () => {
    commitIn(rig, TASKS, SCRIPT);
    const run = rig.start(['--worktree', '--exec', `echo half > half.txt; ${stage.command}`], { env: stage.env });
    const actor = await stage.next('T001');
    run.send('SIGKILL');
    await run.ended;
    const { kept } = await clean();
    await actor.gone;
    expect(kept).toMatchObject([{ kind: 'worktree', task: 'T001' }]);
    expect(rig.read('.implement/worktrees/slot-1/half.txt')).toBe('half\n');
  });
});
