/** On a real terminal: the live lines, what is left on the screen, and a Ctrl-C that is typed. */
import { describe, expect, test } from 'vitest';
import { hasTerminal, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

/** The last state of a screen of endless height, as far as our own codes go: erase a line, go up, go to its start. */
function screenOf(output: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  for (const part of output.match(/\u001B\[[\d;?]*[A-Za-z]|\r|\n|[^\u001B\r\n]+/g) ?? []) {
    const [, count, code] = /^\u001B\[(\d*)[\d;?]*([A-Za-z])$/.exec(part) ?? [];
    if (code === 'A') row = Math.max(0, row - Number(count || 1));
    else if (code === 'K') lines[row] = '';
    else if (code === 'J') lines.length = row + 1;
    else if (part === '\n') lines[++row] ??= '';
    else if (code === undefined && part !== '\r') lines[row] += part;
  }
  return lines;
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const TASKS = '- [ ] T001 [P] First\n- [ ] T002 [P] Second\n- [ ] T003 Third\n';

  test('what runs is shown with its age, and nothing of it is left behind', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['-j2', '--exec', stage.command], { env: stage.env, terminal: true });
    const two = [await stage.next(), await stage.next()];
    await command.said(' T001 First');
    await command.said(' T002 Second');
    for (const actor of two) await actor.exit();
    await (await stage.next('T003')).exit();
    const { code, stdout } = await command.ended;
    expect(code).toBe(0);
    const screen = screenOf(stdout);
    expect(screen.filter((line) => line.includes('▸'))).toEqual([]);
    expect(screen.filter((line) => line.includes('✓ T00'))).toHaveLength(3);
    expect(screen.filter((line) => line.includes('Implementation Complete ✓'))).toHaveLength(1);
    expect(stdout.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001B[?25l'));
  });

  test('a title of control codes draws nothing', async () => {
    rig.write('tasks.md', '- [ ] T001 Evil \u001B[2J\u001B]0;owned\u0007title\n');
    const command = rig.start(['--exec', stage.command], { env: stage.env, terminal: true });
    const actor = await stage.next();
    await command.said(' T001 Evil title');
    await actor.exit();
    const { stdout } = await command.ended;
    expect(stdout).not.toContain('\u001B[2J');
    expect(stdout).not.toContain('owned');
  });

  test('Ctrl-C reaches the command and not its tasks', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env, terminal: true });
    const first = await stage.next('T001');
    command.type('\u0003');
    await command.said('nothing new is started, 1 task is running');
    await first.print('still here\n');
    await first.exit(0);
    expect((await command.ended).code).toBe(130);
    expect(rig.read('tasks.md')).toBe(TASKS.replace('[ ]', '[x]'));
    expect(rig.log('T001', 1)).toBe('still here\n');
  });
});
