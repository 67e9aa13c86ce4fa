/** Verifications: after a task, behind a phase, at the end; what their failure blocks, and who tries again. */
import { expect, test } from 'vitest';
import { overlaps, started, useRig } from '../support/rig.ts';

const rig = useRig();

const PHASES = `## Phase 1: Setup
- [ ] T001 [P] First
- [ ] T002 [P] Second

## Phase 2: Foundational
- [ ] T003 Third

## Phase 3: Polish
- [ ] T004 Fourth
`;

test('--verify runs after each task, with its variables; a failure is a failed attempt', async () => {
  rig.write('tasks.md', PHASES);
  const verify =
    'echo "$IMPLEMENT_TASK_ID $IMPLEMENT_TASK_ATTEMPT" >> verified; echo "checked $IMPLEMENT_TASK_ID"; test "$IMPLEMENT_TASK_ID.$IMPLEMENT_TASK_ATTEMPT" != T003.1';
  const { code, stdout, stderr } = await rig.run(['--exec', 'echo worked', '--verify', verify]);
  expect(code).toBe(0);
  expect(rig.lines('verified')).toEqual(['T001 1', 'T002 1', 'T003 1', 'T003 2', 'T004 1']);
  expect(stderr).toContain('↻ T003 Third: verification: exit code 1; attempt 1/3');
  expect(stdout).toContain('- Verification: checked T004\n');
  expect(rig.log('T003', 1)).toBe('worked\n--- verification ---\nchecked T003\n');
  expect(rig.of('attempt-ended')[2]?.outcome).toMatchObject({ failure: { reason: 'verification' } });
});

test('a task whose verification fails is not done, and its box stays open', async () => {
  rig.write('tasks.md', PHASES);
  const { code, stdout } = await rig.run(['--exec', 'true', '--verify', 'echo 3 tests fail; exit 1', '--retries', '0']);
  expect(code).toBe(1);
  expect(rig.read('tasks.md')).toBe(PHASES);
  expect(stdout).toContain('- Verification: failed: 3 tests fail\n');
  expect(started(rig)).toEqual(['T001', 'T002']);
});

test('--verify-phase runs behind each phase, alone, and --verify-end at the end', async () => {
  rig.write('tasks.md', PHASES);
  const { code, stderr } = await rig.run([
    ...['-j4', '--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger'],
    ...['--verify-phase', 'echo phase >> ledger; echo good', '--verify-end', 'echo end >> ledger'],
  ]);
  expect(code).toBe(0);
  expect(rig.lines('ledger').slice(0, 2).toSorted()).toEqual(['T001', 'T002']);
  expect(rig.lines('ledger').slice(2)).toEqual(['phase', 'T003', 'phase', 'T004', 'phase', 'end']);
  expect(overlaps(rig).flat().toSorted()).toEqual(['T001', 'T002']);
  expect(stderr).toContain('✓ verification of Phase 1: good (');
});

test('a phase that fails its verification blocks what waits for it; --continue tries it first', async () => {
  rig.write('tasks.md', `${PHASES}`);
  rig.write('report', '2 of 20 tests fail\n');
  const first = await rig.run([
    ...[
      '--exec',
      'echo "$IMPLEMENT_TASK_ID" >> ledger',
      '--verify-phase',
      'echo phase >> ledger; cat report; test ! -s report',
    ],
  ]);
  expect(first.code).toBe(1);
  expect(rig.lines('ledger')).toEqual(['T001', 'T002', 'phase']);
  expect(first.stdout.trimStart().split('\n')[0]).toBe('Implementation Partially Complete');
  expect(first.stdout).toContain('(blocked by verification of Phase 1)\n');
  expect(first.stdout).toMatch(
    /Failed Task:\n {2}verification of Phase 1\n {4}Error: verification: exit code 1\n {4}Output: 2 of 20 tests fail\n {4}Log: /,
  );
  expect(first.stdout).toContain('Fix what the verification found, then:\n  implement --continue');
  expect(rig.session()).toContain(
    'Verifications Owed:\n- [ ] verification of Phase 1\n  Error: verification: exit code 1: 2 of 20 tests fail\n',
  );
  expect(rig.session()).toContain('- [ ] T003 Third (blocked by verification of Phase 1)\n');
  expect(rig.session()).toContain('Blocker: verification of Phase 1: ');

  const second = await rig.run(['--continue']);
  expect(second.code).toBe(1);
  expect(rig.lines('ledger').slice(3)).toEqual(['phase']);

  rig.write('report', '');
  const third = await rig.run(['--continue']);
  expect(third.code).toBe(0);
  expect(rig.lines('ledger').slice(4)).toEqual(['phase', 'T003', 'phase', 'T004', 'phase']);
});

test('a failed verification at the end exits 1, and --continue runs nothing but it', async () => {
  rig.write('tasks.md', PHASES);
  const first = await rig.run(['--exec', 'echo "$IMPLEMENT_TASK_ID" >> ledger', '--verify-end', 'test -e mended']);
  expect(first.code).toBe(1);
  expect(first.stdout).toContain('- Tasks Completed: 4/4\n');
  expect(rig.session()).toContain('\nStatus: FAILED\n');
  rig.write('mended', '');
  const second = await rig.run(['--continue']);
  expect(second.code).toBe(0);
  expect(rig.lines('ledger')).toHaveLength(4);
  expect(rig.session()).toContain('\nStatus: COMPLETE\n');
});

test('nothing of it is owed where only the checkpoint is left and it had passed', async () => {
  rig.write('tasks.md', PHASES);
  const verify = ['--verify-phase', 'echo phase >> ledger'];
  const first = await rig.run([
    '--exec',
    'echo "$IMPLEMENT_TASK_ID" >> ledger; test -e mended || test "$IMPLEMENT_TASK_ID" != T003',
    '--retries',
    '0',
    ...verify,
  ]);
  expect(first.code).toBe(1);
  expect(rig.lines('ledger')).toEqual(['T001', 'T002', 'phase', 'T003']);
  rig.call('rm', '-r', '.implement/runs');
  rig.write('mended', '');
  expect((await rig.run(['--continue'])).code).toBe(0);
  expect(rig.lines('ledger').slice(4)).toEqual(['T003', 'phase', 'T004', 'phase']);
});

test('a filter does not hold up the verification of what it selects', async () => {
  rig.write('tasks.md', PHASES);
  const args = [
    '--filter',
    'T001',
    '--exec',
    'echo "$IMPLEMENT_TASK_ID" >> ledger',
    '--verify-phase',
    'echo phase >> ledger',
  ];
  expect((await rig.run(args)).code).toBe(0);
  expect(rig.lines('ledger')).toEqual(['T001', 'phase']);
});
