/** A worktree that can build: ignored files brought along, a setup once per slot, ports and names of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

const configuration = (worktree: object): string => JSON.stringify({ worktree });
const played = (name: string): string => readFileSync(join(repo.outside, name), 'utf8');

describe('ignored files', () => {
  test('come along where the configuration or .worktreeinclude names them, with mode and link, and nothing else does', async () => {
    repo.stories(['T001'], {
      '.gitignore': '.env*\nsecrets/\nlink\nother\n',
      '.worktreeinclude': '# what tasks need\nsecrets/**\n!secrets/not-this\n',
      'implement.config.json': configuration({ copy: ['.env', 'link', 'untracked'] }),
    });
    rig.write('.env', 'A=1\n');
    rig.write('.env.other', 'no\n');
    rig.write('secrets/deep/key file', 'k\n');
    rig.write('secrets/not-this', 'no\n');
    rig.write('other', 'no\n');
    rig.write('untracked', 'not ignored, so it would end up in commits\n');
    repo.git('config', 'core.symlinks', 'true');
    const { code, stderr } = await repo.play(
      {
        default:
          'find . -path ./.git -prune -o -type f -print | sort > "$PLAY/found"; cat .env > copied; test -e secrets/deep/"key file"',
      },
      { flags: ['--parallel', '--worktree', '--retries', '0', '--allow-dirty'] },
    );
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const found = played('found').trim().split('\n');
    expect(found).toContain('./.env');
    expect(found).toContain('./secrets/deep/key file');
    for (const absent of ['./.env.other', './secrets/not-this', './other', './untracked'])
      expect(found).not.toContain(absent);
    expect(repo.tasks().get('T001')?.files).toEqual(['A copied', 'M tasks.md']);
  });

  test('are those of the checkout again for the next attempt in the slot', async () => {
    repo.stories(['T001', 'T002'], {
      '.gitignore': '.env\n',
      'implement.config.json': configuration({ copy: ['.env'] }),
    });
    rig.write('.env', 'A=1\n');
    const { code } = await repo.play(
      { T001: 'echo spoilt > .env; echo 1 > one', T002: 'grep -qx A=1 .env && echo 2 > two' },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(0);
    expect(rig.read('.env')).toBe('A=1\n');
  });
});

describe('worktree.setup', () => {
  test('runs once per slot, in the slot, and again when a lock file has changed', async () => {
    repo.stories(['T001', 'T002', 'T003', 'T004'], {
      'implement.config.json': configuration({
        setup: 'pwd >> "$PLAY/setups"; echo made > cache',
        setupTimeout: '30s',
      }),
      '.gitignore': 'cache\n',
      'app/package-lock.json': '{}\n',
    });
    const { code } = await repo.play(
      {
        T001: 'test -e cache && echo 1 > one',
        T002: 'test -e cache && echo 2 > two; echo "{ }" > app/package-lock.json',
        T003: 'test -e cache && echo 3 > three',
        T004: 'test -e cache && echo 4 > four',
      },
      { flags: ['--worktree', '--retries', '0'] },
    );
    expect(code).toBe(0);
    const slot = rig.path('.implement/worktrees/slot-1');
    expect(played('setups').trim().split('\n')).toEqual([slot, slot]);
    expect(rig.log('T001', 1)).toContain('--- worktree.setup ---');
    expect(rig.log('T004', 1)).not.toContain('--- worktree.setup ---');
    expect(rig.exists('cache')).toBe(false);
  });

  test('that fails ends that attempt and nothing else, and is tried again with the next', async () => {
    repo.stories(['T001', 'T002'], {
      'implement.config.json': configuration({
        setup: 'if [ "$IMPLEMENT_TASK_ID.$IMPLEMENT_TASK_ATTEMPT" = T001.1 ]; then echo "no registry"; exit 7; fi',
      }),
    });
    const { code, stderr } = await repo.play(
      { default: 'echo x > "$IMPLEMENT_TASK_ID"' },
      { flags: ['--parallel', '--worktree', '--retries', '1'] },
    );
    expect(code).toBe(0);
    expect(rig.of('attempt-ended').filter((one) => one.outcome.kind === 'failure')).toMatchObject([
      { step: 'T001', outcome: { failure: { reason: 'setup', exitCode: 7, tail: 'no registry' } } },
    ]);
    expect(stderr).toContain('worktree.setup: exit code 7');
    expect([...repo.tasks().keys()].sort()).toEqual(['T001', 'T002']);
  });

  test('has a limit of time of its own, which is not that of the task', async () => {
    repo.stories(['T001'], {
      'implement.config.json': configuration({ setup: 'sleep 60 & wait', setupTimeout: '300ms' }),
    });
    const { code, stdout } = await repo.play(
      { default: 'true' },
      { flags: ['--worktree', '--retries', '0', '--timeout', '1h'] },
    );
    expect(code).toBe(1);
    expect(stdout).toContain('worktree.setup: timed out after 300 ms');
  });
});

test('each slot has a number, a block of ports and a project of its own', async () => {
  repo.stories(['T001', 'T002'], { 'implement.config.json': configuration({ ports: { base: 30_000, count: 10 } }) });
  const show =
    'echo "$IMPLEMENT_SLOT $IMPLEMENT_PORT_BASE $COMPOSE_PROJECT_NAME $(basename "$PWD")" > "$PLAY/$IMPLEMENT_TASK_ID"';
  const { code } = await repo.play({ T001: `say 1; hear 2; ${show}`, T002: `say 2; hear 1; ${show}` });
  expect(code).toBe(0);
  const lines = ['T001', 'T002'].map((id) => played(id).trim().split(' ')).sort();
  expect(lines.map(([slot, port]) => [slot, port])).toEqual([
    ['1', '30000'],
    ['2', '30010'],
  ]);
  for (const [slot, , project, folder] of lines) {
    expect(folder).toBe(`slot-${slot}`);
    expect(project).toMatch(new RegExp(`^[a-z0-9][a-z0-9_-]*-slot-${slot}$`));
  }
});

test.each([
  ['in a worktree', ['--worktree', '--retries', '0']],
  ['in the tree', ['--commit', '--retries', '0']],
])('%s, what a verification leaves behind is in no commit', async (_name, flags) => {
  repo.stories(['T001', 'T002']);
  const { code } = await repo.play(
    { default: 'echo x > "$IMPLEMENT_TASK_ID.txt"' },
    { flags: [...flags, '--verify', 'echo report >> report; true'] },
  );
  expect(code).toBe(0);
  expect(repo.tasks().get('T001')?.files).toEqual(['A T001.txt', 'M tasks.md']);
  expect(repo.tasks().get('T002')?.files).toEqual(['A T002.txt', 'M tasks.md']);
});
