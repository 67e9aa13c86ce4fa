/** Runs with agents, whose clients are small programs of the test under the names of the real ones. */
import { chmodSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { type Ended, useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const DONE = `echo '{"type":"result","session_id":"s","is_error":false,"result":"Done."}'`;
const REFUSED = `echo '{"type":"result","is_error":true,"api_error_status":401,"result":"Who are you?"}'; exit 1`;

/** Puts a client where it is found, outside of the repository. */
function install(name: string, script: string): void {
  mkdirSync(`${repo.outside}/bin`, { recursive: true });
  const path = `${repo.outside}/bin/${name}`;
  rig.write('client', `#!/bin/sh\n${script}\n`);
  rig.call('mv', rig.path('client'), path);
  chmodSync(path, 0o755);
}

/** Nothing is installed but what a test installs. */
function run(...args: readonly string[]): Promise<Ended> {
  const path = [`${repo.outside}/bin`, dirname(realpathSync(process.execPath)), '/usr/bin', '/bin'].join(delimiter);
  return rig.run(args, { env: { PATH: path, PLAY: repo.outside } });
}

const plain = (text: string): void => rig.write('tasks.md', text);

describe('a run with an agent', () => {
  test('gives each task to it, as a prompt, with what was said', async () => {
    install('claude', `cat >> prompt.txt; echo "$@" >> args.txt; ${DONE}`);
    plain('- [ ] T001 Say hello in hello.md\n- [ ] T002 Say more\n');
    const { code, stderr } = await run('--agent=claude', '--model', 'opus', '--agent-args', `--max-turns 5`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(rig.read('prompt.txt')).toMatch(/^T001 Say hello in hello\.md\n[\s\S]*T002 Say more\n/);
    expect(rig.read('args.txt')).toMatch(/--model opus .*--max-turns 5\n/);
    expect(rig.read('tasks.md')).toBe('- [x] T001 Say hello in hello.md\n- [x] T002 Say more\n');
    expect(rig.log('T001', 1)).toBe('--- claude: session s ---\nDone.\n');
  });

  test('that is found by itself says so', async () => {
    install('qwen', DONE);
    plain('- [ ] T001 Do it\n');
    const { code, stderr } = await run('--agent=auto');
    expect(code).toBe(0);
    expect(stderr).toContain('info[agent]: The agent is qwen: the first that is installed.');
    expect(rig.of('run-started')[0]?.options.agent).toBe('qwen');
  });

  test('takes no other try where another would not help', async () => {
    install('claude', REFUSED);
    plain('- [ ] T001 Do it\n');
    const { code, stdout } = await run('--agent=claude', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).tasks[0]).toMatchObject({
      attempts: 1,
      error: { reason: 'auth', message: 'Who are you? (HTTP 401)' },
    });
    expect(rig.of('attempt-ended')).toHaveLength(1);
  });

  test('is continued with the same agent, and a command said now takes its place', async () => {
    install('claude', REFUSED);
    plain('- [ ] T001 Do it\n- [ ] T002 Do more\n');
    await run('--agent=auto');
    install('claude', DONE);
    rmSync(`${repo.outside}/bin/qwen`, { force: true });
    install('codex', 'exit 1');
    expect((await run('--continue', '--filter=T001')).code).toBe(0);
    expect((await run('--continue', '--filter=T002', '--exec', 'true')).code).toBe(0);
    expect(rig.read('tasks.md')).toBe('- [x] T001 Do it\n- [x] T002 Do more\n');
  });

  test('leaves what has a script to the script', async () => {
    install('claude', `touch agent.txt; ${DONE}`);
    plain('- [ ] T001 Do it\n\n  ```sh run\n  touch script.txt\n  ```\n');
    expect((await run('--agent=claude', '--scripts')).code).toBe(0);
    expect([rig.exists('script.txt'), rig.exists('agent.txt')]).toEqual([true, false]);
  });

  test('is set by a configuration, which a command on the command line outdoes', async () => {
    install('claude', `touch agent.txt; ${DONE}`);
    rig.write('implement.config.json', '{"agent": "claude", "silence": "5m"}');
    plain('- [ ] T001 Do it\n- [ ] T002 Do more\n');
    expect((await run('--filter=T001', '--exec', 'true')).code).toBe(0);
    expect(rig.exists('agent.txt')).toBe(false);
    expect((await run()).code).toBe(0);
    expect(rig.exists('agent.txt')).toBe(true);
    expect(rig.of('run-started')[0]?.options.silenceMs).toBe(300_000);
  });
});

describe('agents side by side in a repository', () => {
  const work = `echo "$PWD" > "$PLAY/$IMPLEMENT_TASK_ID"; echo made > "$IMPLEMENT_TASK_ID.txt"; ${DONE}`;

  test('work in worktrees, and that is said', async () => {
    install('claude', work);
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
    const { code, stderr } = await run('--agent=claude', '--parallel');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('info[agent]: Agents side by side work in worktrees of their own');
    expect(rig.call('cat', `${repo.outside}/T001`)).toContain('.implement/worktrees/slot-');
    expect(repo.log().map((commit) => commit.subject)).toHaveLength(3);
  });

  test('work in one tree where that is said', async () => {
    install('claude', work);
    repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
    const { code, stderr } = await run('--agent=claude', '--parallel', '--no-worktree');
    expect(code).toBe(0);
    expect(stderr).not.toContain('worktrees of their own');
    expect(rig.exists('T001.txt')).toBe(true);
  });
});

describe('refused', () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    ['an unknown agent', ['--agent=clade'], /There is no agent clade\.\n {2}→ Did you mean claude\?/],
    [
      'one that is not there',
      ['--agent=codex'],
      /codex is not installed.*\n {2}→ To install it: npm install -g @openai/,
    ],
    ['nothing to be found', ['--agent=auto'], /No coding agent is installed/],
    ['agent and command', ['--agent=claude', '--exec', 'true'], /cannot be used with option/],
    ['an open quote', ['--agent=claude', '--agent-args', "'x"], /A quote in it is not closed/],
    ['freedom for nobody', ['--exec', 'true', '--yolo'], /--yolo is about an agent/],
  ])('%s', async (_what, args, message) => {
    plain('- [ ] T001 Do it\n');
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(rig.exists('.implement')).toBe(false);
  });

  test('everything in the tree of the user, unless that is said twice', async () => {
    install('claude', `echo "$@" > args.txt; ${DONE}`);
    plain('- [ ] T001 Do it\n');
    const refused = await run('--agent=claude', '--yolo');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('confirm that this tree is meant: --yolo --yolo-in-place');
    expect((await run('--agent=claude', '--yolo', '--yolo-in-place')).code).toBe(0);
    expect(rig.read('args.txt')).toContain('bypassPermissions');
  });

  test('goose without the word that it needs', async () => {
    install('goose', DONE);
    plain('- [ ] T001 Do it\n');
    expect((await run('--agent=goose')).stderr).toContain('goose cannot be allowed to edit files without');
  });
});
