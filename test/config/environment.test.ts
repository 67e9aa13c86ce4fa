/** Options as variables: a closed list of names, and values as a shell writes them. */
import { describe, expect, it } from 'vitest';
import { readEnvironment, VARIABLES } from '../../src/config/environment.ts';
import { KEYS } from '../../src/config/layer.ts';
import { TASK_VARIABLES } from '../../src/core/brief.ts';

it('there is a variable for each key, and none of them is one that tasks get', () => {
  expect([...VARIABLES.values()].sort()).toEqual([...KEYS].sort());
  expect(TASK_VARIABLES.filter((name) => VARIABLES.has(name))).toEqual([]);
  expect([...VARIABLES.keys()]).toContain('IMPLEMENT_OPT_WORKTREE_SETUP_TIMEOUT');
});

describe('readEnvironment', () => {
  it('reads toggles, numbers, text and lists', () => {
    const { value, faults } = readEnvironment({
      IMPLEMENT_OPT_JOBS: '8',
      IMPLEMENT_OPT_PARALLEL: 'yes',
      IMPLEMENT_OPT_FAIL_FAST: '0',
      IMPLEMENT_OPT_VERIFY_PHASE: 'npm test',
      IMPLEMENT_OPT_WORKTREE: '1',
      IMPLEMENT_OPT_WORKTREE_COPY: '.env, config/*.local',
      IMPLEMENT_OPT_COMMIT_STYLE: 'conventional',
      IMPLEMENT_OPT_WORKTREE_PORTS_BASE: '30000',
      IMPLEMENT_OPT_EXEC: '',
      IMPLEMENT_TASK_ID: 'T001',
      OTHER: 'x',
    });
    expect(faults).toEqual([]);
    expect(value).toEqual({
      jobs: 8,
      parallel: true,
      failFast: false,
      verifyPhase: 'npm test',
      worktree: { enabled: true, copy: ['.env', 'config/*.local'], ports: { base: 30_000 } },
      commit: { style: 'conventional' },
    });
  });

  it('names what there is not, and never its value', () => {
    const { faults } = readEnvironment({
      IMPLEMENT_OPT_JBOS: 'geheim',
      IMPLEMENT_OPT_SCRIPTS: '1',
      IMPLEMENT_OPT_API_KEY: 'geheim',
    });
    expect(faults.map((one) => [one.code, one.message, one.hint])).toEqual([
      [
        'config-key',
        'There is no variable IMPLEMENT_OPT_API_KEY.',
        expect.stringContaining('There are: IMPLEMENT_OPT_'),
      ],
      [
        'config-key',
        'There is no variable IMPLEMENT_OPT_JBOS.',
        expect.stringContaining('Did you mean IMPLEMENT_OPT_JOBS?'),
      ],
      ['config-key', 'IMPLEMENT_OPT_SCRIPTS does not exist.', expect.stringContaining('only when you say --scripts')],
    ]);
    expect(JSON.stringify(faults)).not.toContain('geheim');
  });
});
