import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Work } from '../../src/core/assignment.ts';
import type { Outcome } from '../../src/core/event.ts';
import { createExecRunner } from '../../src/runners/exec.ts';
import { createProcesses, type Processes } from '../../src/runners/process.ts';
import { createScriptRunner } from '../../src/runners/script.ts';
import { systemClock } from '../../src/util/clock.ts';
import { createIo, createPlace, type Place } from '../support/attempt.ts';

let place: Place;
let processes: Processes;

beforeEach(() => {
  place = createPlace();
  processes = createProcesses({ env: process.env, redact: (text) => text, clock: systemClock });
});

afterEach(() => place.remove());

async function outputOf(work: Work, env: Record<string, string> = {}): Promise<{ outcome: Outcome; output: string }> {
  const assignment = place.assignment({ log: place.file('log'), env, prompt: 'the prompt' });
  const runner = work.kind === 'exec' ? createExecRunner(processes) : createScriptRunner(processes);
  const outcome = await runner.run(work as never, assignment, createIo());
  return { outcome, output: place.text('log') };
}

const SUCCESS: Outcome = { kind: 'success', verified: null };
const failedWith = (exitCode: number) => expect.objectContaining({ failure: expect.objectContaining({ exitCode }) });

describe('exec', () => {
  const exec = (command: string, env = {}) => outputOf({ kind: 'exec', command }, env);

  test('the command is a shell command, unchanged', async () => {
    expect(await exec(`echo "a  b" 'c' | tr a-z A-Z; cat; false; true`)).toEqual({
      outcome: SUCCESS,
      output: 'A  B C\nthe prompt',
    });
  });

  test('text of the task is data, whatever it looks like', async () => {
    const title = '$(touch planted) `touch planted`; touch planted #\n"\'';
    const { output } = await exec('printf %s "$IMPLEMENT_TASK_TITLE"; ls', { IMPLEMENT_TASK_TITLE: title });
    expect(output).toBe(`${title}log\n`);
  });

  test('a command that begins with a dash is not an option', async () => {
    expect((await exec('-e')).outcome).toEqual(failedWith(127));
  });

  test('a command that does not exist', async () => {
    expect((await exec('no-such-command-anywhere')).outcome).toEqual(failedWith(127));
  });
});

describe('script', () => {
  const script = (language: 'sh' | 'bash' | 'js', source: string) => outputOf({ kind: 'script', language, source });

  test('sh stops at the first command that fails', async () => {
    expect(await script('sh', 'echo one\nfalse\necho two\n')).toEqual({ outcome: failedWith(1), output: 'one\n' });
    expect(await script('sh', 'false | true\n')).toMatchObject({ outcome: SUCCESS });
  });

  test('bash too, and at a pipe that fails', async () => {
    expect(await script('bash', 'a=x; [[ $a == [x-z] ]] && echo y\nfalse | true\necho z\n')).toEqual({
      outcome: failedWith(1),
      output: 'y\n',
    });
  });

  test('js as a script and as a module', async () => {
    expect(await script('js', "const path = require('node:path');\nconsole.log(path.basename('/a/b'));\n")).toEqual({
      outcome: SUCCESS,
      output: 'b\n',
    });
    const module =
      "import { readFileSync } from 'node:fs';\nconsole.log(await readFileSync(0, 'utf8'));\nprocess.exit(3);\n";
    expect(await script('js', module)).toEqual({ outcome: failedWith(3), output: 'b\nthe prompt\n' });
  });

  test('no source is an option, and an empty one does nothing', async () => {
    expect((await script('sh', '-e')).outcome).toEqual(failedWith(127));
    expect((await script('bash', '--version')).outcome).toEqual(failedWith(127));
    expect((await script('js', '--version')).outcome).toEqual(failedWith(1));
    for (const language of ['sh', 'bash', 'js'] as const) expect((await script(language, '')).outcome).toEqual(SUCCESS);
  });
});
