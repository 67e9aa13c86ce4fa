/** `implement doctor` with the built command: a healthy project, and each thing that can be wrong with one. */
import { chmodSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

interface Seen {
  exitCode: number;
  findings: { name: string; state: string; message: string; hint: string | null }[];
  agents: { name: string; path: string | null; version: string | null; fault: string | null }[];
}

/** Agents of the machine that the test runs on do not count. */
const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);

async function doctor(
  env: Record<string, string> = {},
  ...args: string[]
): Promise<Seen & { of(name: string): Seen['findings'][0] | undefined }> {
  const ended = await rig.run(['doctor', '--json', ...args], { env: { PATH, ...env } });
  const seen = JSON.parse(ended.stdout) as Seen;
  expect(ended.code).toBe(seen.exitCode);
  return { ...seen, of: (name) => seen.findings.find((one) => one.name === name) };
}

function healthy(): void {
  rig.call('git', 'init', '-q', '-b', 'main');
  rig.write('tasks.md', '# T\n\n- [x] T001 One\n- [ ] T002 Two\n');
  rig.call('git', 'add', '-A');
  rig.call('git', 'commit', '-qm', 'Start');
}

it('has nothing against a healthy project, and changes nothing', async () => {
  healthy();
  const seen = await doctor();
  expect(seen.exitCode).toBe(0);
  expect(seen.of('task file')).toMatchObject({ state: 'ok', message: 'tasks.md: 2 tasks, 1 done' });
  expect(seen.of('repository')).toMatchObject({ state: 'ok', message: 'main' });
  expect(seen.of('state directory')).toMatchObject({ state: 'ok', message: '.implement, made by the first run' });
  for (const name of ['node', 'git', 'identity', 'configuration', 'leftovers'])
    expect(seen.of(name)?.state, name).toBe('ok');
  expect(rig.exists('.implement')).toBe(false);
  const shown = await rig.run(['doctor'], { env: { PATH } });
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(/^ok {7}task file +tasks\.md: 2 tasks, 1 done$/m);
});

it('knows what a project lacks', async () => {
  const bare = await doctor();
  expect(bare.exitCode).toBe(0);
  expect(bare.of('repository')).toMatchObject({ state: 'warning', message: 'none' });
  expect(bare.of('task file')).toMatchObject({ state: 'warning' });
  expect((await doctor({}, 'gone.md')).of('task file')).toMatchObject({ state: 'problem' });
  rig.write('tasks.md', '- [ ] T001 a (depends on T002)\n- [ ] T002 b (depends on T001)\n');
  rig.write('implement.config.yaml', 'retires: 3\n');
  const wrong = await doctor();
  expect(wrong.exitCode).toBe(1);
  expect(wrong.of('task file')).toMatchObject({ state: 'problem', hint: 'implement plan tasks.md shows them.' });
  expect(wrong.of('configuration')).toMatchObject({ state: 'problem' });
  expect(wrong.of('configuration')?.message).toMatch(/^implement\.config\.yaml:1:1: /);
  expect(wrong.of('configuration')?.hint).toContain('retries');
});

it('knows when git does not know who commits', async () => {
  healthy();
  const nobody = { GIT_AUTHOR_NAME: '', GIT_AUTHOR_EMAIL: '', GIT_COMMITTER_NAME: '', GIT_COMMITTER_EMAIL: '' };
  const seen = await doctor(nobody);
  expect(seen.of('identity')).toMatchObject({ state: 'problem' });
  expect(seen.of('identity')?.hint).toContain('git config user.name');
});

it('knows a state directory that git tracks', async () => {
  healthy();
  rig.write('.implement/x', '');
  rig.call('git', 'add', '-f', '.implement/x');
  expect((await doctor()).of('state directory')).toMatchObject({ state: 'problem' });
});

it('knows what runs left: locks, unfinished work, worktrees', async () => {
  healthy();
  const run = rig.start(['--worktree', '--exec', stage.command], { env: stage.env });
  await stage.next('T002');
  expect((await doctor()).of('lock')).toMatchObject({ state: 'ok' });
  run.send('SIGKILL');
  await run.ended;
  await rig.endAll();
  const seen = await doctor();
  expect(seen.exitCode).toBe(0);
  expect(seen.of('lock')).toMatchObject({ state: 'warning' });
  expect(seen.of('last run')).toMatchObject({ state: 'warning', hint: 'To go on with it: implement --continue' });
  expect(seen.of('leftovers')).toMatchObject({ state: 'warning' });
  expect(seen.of('leftovers')?.message).toMatch(/^1 worktree and /);
});

it('asks coding agents for their versions, and believes none of what they print', async () => {
  const bin = rig.path('bin');
  const agent = (name: string, script: string): void => {
    rig.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(rig.path(`bin/${name}`), 0o755);
  };
  agent('claude', 'test "$*" = --version && printf "\\n\\033[31m2.1.197 (Claude Code)\\033[0m $API_KEY\\nmore\\n"');
  agent('codex', 'echo 1; exit 3');
  agent('cursor-agent', 'true');
  rig.write('bin/gemini', 'not executable');
  const seen = await doctor({ PATH: [bin, PATH].join(delimiter), API_KEY: 'sesame-open' });
  const of = (name: string) => seen.agents.find((one) => one.name === name);
  expect(of('claude')).toEqual({
    name: 'claude',
    path: `${bin}/claude`,
    version: '2.1.197 (Claude Code) ***',
    fault: null,
  });
  expect(of('codex')).toMatchObject({ version: null, fault: 'exit code 3' });
  expect(of('cursor')).toMatchObject({ path: `${bin}/cursor-agent`, fault: 'it printed no version' });
  expect(of('gemini')).toMatchObject({ path: null });
  expect(seen.agents).toHaveLength(10);
  expect(seen.of('codex')).toMatchObject({ state: 'warning', hint: 'Try it by hand: codex --version' });
  expect(seen.exitCode).toBe(0);
});
