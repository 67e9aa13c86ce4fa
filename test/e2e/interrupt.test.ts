/** Ctrl-C once, twice, three times; TERM and HUP: what runs, what is written, how the command ends. */
import { describe, expect, test } from 'vitest';
import { started, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

const TASKS = '- [ ] T001 [P] First\n- [ ] T002 [P] Second\n- [ ] T003 Third\n';

function start(...more: string[]) {
  rig.write('tasks.md', TASKS);
  return rig.start(['--exec', stage.command, ...more], { env: stage.env });
}

async function finish(): Promise<void> {
  const { code, stdout } = await rig.run(['--continue', '--exec', 'true']);
  expect(code).toBe(0);
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓ (Resumed)');
  expect(rig.read('tasks.md')).toBe(TASKS.replaceAll('[ ]', '[x]'));
}

test('the first Ctrl-C starts nothing new and waits for what runs', async () => {
  const command = start();
  const first = await stage.next('T001');
  command.send('SIGINT');
  await command.said('SIGINT: nothing new is started, 1 task is running; press again to end it');
  await first.exit(0);
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  expect(stage.seen).toEqual(['T001']);
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Partially Complete');
  expect(stdout).toContain('- Tasks Completed: 1/3\n');
  expect(stdout).toContain('- Tasks Not Started: 2 (T002, T003)\n');
  expect(stdout).toMatch(/^ {2}implement --continue {3}# goes on where this stopped$/m);
  expect(rig.read('tasks.md')).toBe(TASKS.replace('[ ] T001', '[x] T001'));
  expect(rig.session()).toContain('\nStatus: INTERRUPTED\nProgress: 1/3 tasks\n');
  expect(rig.session()).toContain('\nAction: Go on with: implement --continue\n');
  await finish();
  expect(started(rig)).toEqual(['T001', 'T002', 'T003']);
});

test('the second Ctrl-C ends what runs with TERM', async () => {
  const command = start('-j2');
  const running = [await stage.next('T001'), await stage.next('T002')];
  command.send('SIGINT');
  await command.said('2 tasks are running; press again to end them');
  command.send('SIGINT');
  await Promise.all(running.map((actor) => actor.gone));
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  expect(stdout).toContain('- Tasks Cancelled: 2 (T001, T002)\n');
  expect(rig.read('tasks.md')).toBe(TASKS);
  expect(rig.session()).toContain('Cancelled Tasks:\n- [ ] T001 First\n');
  await finish();
});

test('what ignores TERM is killed when the grace is over', async () => {
  const command = start('--grace', '20ms');
  const first = await stage.next('T001');
  await first.ignore('SIGTERM');
  command.send('SIGINT');
  await command.said('press again to end it');
  command.send('SIGINT');
  await first.heard('SIGTERM');
  await first.gone;
  expect((await command.ended).code).toBe(130);
  await finish();
});

test('the third Ctrl-C does not wait for the grace', async () => {
  const command = start('--grace', '10h', '-j2');
  const [first, second] = [await stage.next('T001'), await stage.next('T002')];
  await first.ignore('SIGTERM');
  await first.fork({ detached: true });
  const child = await stage.next('child');
  await child.ignore('SIGTERM');
  command.send('SIGINT');
  await command.said('press again to end them');
  command.send('SIGINT');
  await Promise.all([first.heard('SIGTERM'), child.heard('SIGTERM'), second.gone]);
  command.send('SIGINT');
  await Promise.all([first.gone, child.gone]);
  const { code, stderr } = await command.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('SIGINT: killing what runs');
  expect(rig.of('interrupted').map((event) => event.stage)).toEqual([1, 2, 3]);
  await finish();
});

describe.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s', (signal, exit) => {
  test('ends what runs at once, and the next one kills it', async () => {
    const command = start('--grace', '10h');
    const first = await stage.next('T001');
    await first.ignore('SIGTERM');
    command.send(signal);
    await first.heard('SIGTERM');
    command.send(signal);
    await first.gone;
    const { code, stdout } = await command.ended;
    expect(code).toBe(exit);
    expect(stdout).toContain('- Tasks Cancelled: 1 (T001)\n');
    expect(rig.of('interrupted').map((event) => event.stage)).toEqual([2, 3]);
    expect(rig.session()).toContain('\nStatus: INTERRUPTED\n');
    await finish();
  });
});

test('a box that was ticked by a cancelled attempt is opened again', async () => {
  const command = start();
  const first = await stage.next('T001');
  rig.write('tasks.md', TASKS.replace('[ ] T001', '[x] T001'));
  command.send('SIGTERM');
  await first.gone;
  expect((await command.ended).code).toBe(143);
  expect(rig.read('tasks.md')).toBe(TASKS);
  await finish();
});

test('Ctrl-C while a task waits for its next attempt ends the run, and that attempt is not made', async () => {
  rig.write('tasks.md', '- [ ] T001 Fails\n- [ ] T002 Needs it\n');
  const command = rig.start(['--exec', 'false', '--retries', '10']);
  // Long enough a wait to be met: four seconds.
  await command.said('attempt 3/11');
  command.send('SIGINT');
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  expect(stdout).toContain('- Tasks Failed: 1 (T001)\n');
  expect(stdout).toContain('    Retry: 3/11\n');
  expect(stdout).toContain('- Tasks Blocked: 1 (T002)\n');
  expect(started(rig)).toEqual(['T001', 'T001', 'T001']);
  expect(rig.session()).toContain('  Retry: 3/11\n');
});

test('Ctrl-C during the verification of a phase', async () => {
  rig.write('tasks.md', TASKS);
  const command = rig.start(['--exec', 'true', '--verify-phase', stage.command], { env: stage.env });
  const verification = await stage.next('verify');
  command.send('SIGINT');
  await command.said('SIGINT');
  command.send('SIGINT');
  await verification.gone;
  expect((await command.ended).code).toBe(130);
  expect(rig.session()).toContain('\nVerifications Owed:\n- [ ] verification of Tasks\n');
  const again = rig.start(['--continue'], { env: stage.env });
  await (await stage.next('verify')).exit(0);
  expect((await again.ended).code).toBe(0);
  expect(started(rig).filter((step) => step.startsWith('T'))).toEqual(['T001', 'T002', 'T003']);
});

test('an interrupted run tells its exit code as JSON too', async () => {
  const command = start('--json');
  const first = await stage.next('T001');
  command.send('SIGHUP');
  await first.gone;
  const { code, stdout } = await command.ended;
  expect(code).toBe(129);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ schemaVersion: 1, status: 'interrupted', exitCode: 129 });
  expect(report.tasks.map((task: { status: string }) => task.status)).toEqual(['cancelled', 'pending', 'blocked']);
  expect(report.tasks[0].error).toMatchObject({ reason: 'cancelled' });
});
