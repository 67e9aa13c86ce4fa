/** `implement history` with real git: commits, what took them back, failed attempts, words that mean nothing. */
import { expect, it } from 'vitest';
import { commitIn, SCRIPT, TASKS } from '../support/committed.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();

interface Trail {
  branch: string | null;
  task: string | null;
  commits: { commit: string; kind: string; task: string; title: string; attempt: number; files: object[] }[];
  failed: { task: string; attempt: number; reason: string; log: string; worktree: string | null }[];
}
const trail = async (...args: string[]): Promise<Trail> =>
  JSON.parse((await rig.run(['history', '--json', ...args])).stdout) as Trail;

it('shows each commit with its run, its task and its files', async () => {
  const { work } = commitIn(rig, TASKS, SCRIPT);
  await work();
  const shown = await rig.run(['history']);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  const lines = shown.stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('main: 4 commits of 4 tasks');
  expect(lines[1]).toBe(`Run ${rig.runs()[0]}`);
  expect(lines[2]).toMatch(/^ {2}[0-9a-f]{7} \d{4}-\d\d-\d\d \d\d:\d\d T001 Create a\.txt$/);
  expect(lines[3]).toBe('          + a.txt');
  expect(lines.at(-1)).toBe('          ~ a.txt');
  const { commits } = await trail();
  expect(commits.map((one) => one.task)).toEqual(['T001', 'T002', 'T003', 'T004']);
  expect(commits[0]).toMatchObject({ kind: 'task', attempt: 1, files: [{ path: 'a.txt', how: 'created' }] });
});

it('knows all of one task: retries, failures, where they left something', async () => {
  const { work } = commitIn(rig, TASKS, {
    ...SCRIPT,
    T001: 'echo a > a.txt; test "$IMPLEMENT_TASK_ATTEMPT" = 2',
    T004: 'echo no; exit 4',
  });
  await work(['--retries', '1']);
  const one = await trail('t001');
  expect(one.task).toBe('T001');
  expect(one.commits).toMatchObject([{ task: 'T001', attempt: 2 }]);
  expect(one.failed).toMatchObject([{ attempt: 1, reason: 'exit-code', worktree: null }]);
  const four = await trail('T004');
  expect(four.commits).toEqual([]);
  expect(four.failed.map((each) => each.attempt)).toEqual([1, 2]);
  expect(rig.read(four.failed[1]?.log as string)).toBe('no\n');
  expect(rig.exists(four.failed[1]?.worktree as string)).toBe(true);
});

it('speaks of other branches, and of HEAD', async () => {
  const { git, work } = commitIn(rig, TASKS, SCRIPT);
  await work(['--branch', 'feature', '--filter', 'T001']);
  expect((await rig.run(['history'])).stdout).toContain('main has no commit of a task.');
  expect((await trail('--branch', 'feature')).commits).toHaveLength(1);
  const unknown = await rig.run(['history', '--branch', 'featur']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('There is no branch featur.\n  → Did you mean feature?');
  git('checkout', '-q', '--force', '--detach', 'feature');
  expect(await trail()).toMatchObject({ branch: null, commits: [{ task: 'T001' }] });
  expect((await rig.run(['history'])).stdout).toContain('HEAD: 1 commit of 1 task');
});

it('has a friendly word where there is nothing', async () => {
  const bare = await rig.run(['history']);
  expect(bare).toMatchObject({ code: 0, stderr: '' });
  expect(bare.stdout).toBe('There is no git repository with commits here, so no task has one.\n');
  rig.call('git', 'init', '-q');
  expect((await rig.run(['history'])).code).toBe(0);
  rig.write('tasks.md', TASKS);
  expect((await rig.run(['history', 'T001'])).code).toBe(0);
  const unknown = await rig.run(['history', 'T0004']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain(
    'error[unknown-id]: There is no task T0004, and no commit of one.\n  → Did you mean T004?',
  );
  expect(rig.exists('.implement')).toBe(false);
});

it('reads both styles of messages, and long titles', async () => {
  const title = `Create ${'a very long title '.repeat(8)}in x.txt`;
  const { git, work } = commitIn(rig, `- [ ] T001 ${title}\n- [ ] T002 [US1] Make y\n`, {});
  await work(['--filter', 'T001']);
  await work(['--commit-style', 'conventional']);
  expect(git('log', '-1', '--format=%s').trim()).toBe('feat(us1): make y (T002)');
  expect((await trail()).commits.map((one) => one.title)).toEqual([title.replace(/\s+/g, ' '), 'make y']);
});

it('is not confused by settings of git', async () => {
  const { git, work } = commitIn(rig, TASKS, SCRIPT);
  await work();
  for (const [key, value] of [
    ['trailer.separators', '#'],
    ['log.showSignature', 'true'],
    ['color.ui', 'always'],
    ['diff.noprefix', 'true'],
    ['core.quotePath', 'true'],
    ['i18n.logOutputEncoding', 'UTF-16'],
  ] as const)
    git('config', key, value);
  expect((await trail()).commits).toHaveLength(4);
});

it('answers to mistyped commands', async () => {
  rig.write('other.md', TASKS);
  for (const [typed, meant] of [
    ['histroy', 'history'],
    ['worktree', 'worktrees'],
    ['claen', 'clean'],
    ['undoo', 'undo'],
  ] as const) {
    const ended = await rig.run([typed]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`Did you mean the command implement ${meant}?`);
  }
});
