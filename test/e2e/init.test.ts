/** `implement init` with the built command and real git: what it chooses, and that nothing is ever overwritten. */
import { expect, it } from 'vitest';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const NAME = 'implement.config.yaml';

function project(): void {
  rig.call('git', 'init', '-q', '-b', 'main');
  rig.write('package.json', JSON.stringify({ scripts: { test: 'node --test', lint: 'true', build: 'true' } }));
  rig.write('package-lock.json', '{}');
  rig.write('.gitignore', '.env\n.env.local\n');
  for (const name of ['.env', '.env.local', '.env.example', '.env.shared']) rig.write(name, 'A=1\n');
}

it('writes a configuration that holds, and says why', async () => {
  project();
  const done = await rig.run(['init']);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toBe(
    [
      `Wrote ${NAME}`,
      '  verify: npm run lint',
      '    because package.json has the script lint, and they are quick enough to run after each task',
      '  verifyPhase: npm run test',
      '    because package.json has a script test',
      '  verifyEnd: npm run build && npm run test',
      '    because package.json has a script build: the whole must build',
      '  worktree.setup: npm ci',
      '    because a fresh worktree has nothing installed (package-lock.json)',
      '  worktree.copy: .env, .env.local',
      '    because git ignores .env, .env.local, so no worktree has it',
      '',
    ].join('\n'),
  );
  const shown = await rig.run(['config', '--show-origin']);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^verify = "npm run lint"\s+project: implement\.config\.yaml/m);
  expect(shown.stdout).toMatch(/^worktree = false/m);
});

it('overwrites nothing, and with --force keeps what was there', async () => {
  project();
  rig.write('implement.config.json', '{ "jobs": 2 }');
  const refused = await rig.run(['init']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('error[config-file]: There is a configuration already: implement.config.json.');
  expect(rig.exists(NAME)).toBe(false);
  rig.write('implement.config.json.bak', 'older');
  const forced = await rig.run(['init', '--force']);
  expect(forced.stdout).toContain('Kept what was there: implement.config.json.bak.1\n');
  expect(rig.read('implement.config.json.bak.1')).toBe('{ "jobs": 2 }');
  expect(rig.read('implement.config.json.bak')).toBe('older');
  expect((await rig.run(['config'])).code).toBe(0);
  rig.write('package.json', '{ "implement": { "jobs": 3 } }');
  expect((await rig.run(['init', '--force'])).code).toBe(2);
});

it('prints with --dry-run, and writes nothing', async () => {
  project();
  const before = rig.call('git', 'status', '--porcelain', '--ignored');
  const { code, stdout, stderr } = await rig.run(['init', '--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toContain('verifyPhase: "npm run test"\n');
  expect(stderr).toContain('because package.json has a script test');
  expect(rig.call('git', 'status', '--porcelain', '--ignored')).toBe(before);
  rig.write(NAME, stdout);
  expect((await rig.run(['config'])).code).toBe(0);
});

it('finds something to say about an empty folder', async () => {
  const done = await rig.run(['init']);
  expect(done.code).toBe(0);
  expect(done.stdout).toContain('Nothing was found to verify with');
  expect(rig.read(NAME)).toContain('# Needs a git repository');
});
