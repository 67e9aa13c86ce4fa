/** `--continue`: what is taken from the journal, from the checkpoint, from the boxes, and from an edited file. */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtCommand } from '../support/built.ts';
import { started, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

/** Writes the id of every task that it completes, and fails for T003 and `#3` until something is mended. */
const LEDGER =
  'case "$IMPLEMENT_TASK_ID" in T003|"#3") test -e mended || exit 1;; esac; echo "$IMPLEMENT_TASK_ID $IMPLEMENT_TASK_TITLE" >> ledger';
const TASKS = '- [ ] T001 One\n- [ ] T002 Two\n- [ ] T003 Three\n- [ ] T004 Four\n';

async function failAtThird(text = TASKS): Promise<void> {
  rig.write('tasks.md', text);
  const { code } = await rig.run(['--retries', '0', '--exec', LEDGER]);
  expect(code).toBe(1);
  rig.write('mended', '');
}

async function complete(...args: string[]): Promise<string> {
  const { code, stderr, stdout } = await rig.run(['--continue', ...args]);
  expect(code, stderr).toBe(0);
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓ (Resumed)');
  return stderr;
}

describe('with nothing to continue', () => {
  test('it says so and starts a session', async () => {
    rig.write('tasks.md', TASKS);
    const { code, stdout, stderr } = await rig.run(['--continue', '--exec', 'true']);
    expect(code).toBe(0);
    expect(stderr).toContain('There is no session to continue; this starts one.');
    expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓');
  });

  test('a session that is complete has nothing to run', async () => {
    rig.write('tasks.md', TASKS);
    await rig.run(['--exec', LEDGER.replace('exit 1', 'true')]);
    const { code, stderr } = await rig.run(['--resume']);
    expect(code).toBe(0);
    expect(stderr).toContain('Nothing to run: everything selected is done.');
    expect(rig.lines('ledger')).toHaveLength(4);
  });
});

describe('options', () => {
  test('come from the session, and flags that are given override them', async () => {
    rig.write('tasks.md', '- [ ] T001 [P] One\n- [ ] T002 [P] Two\n- [ ] T003 [P] Three\n- [ ] T004 [P2] Later\n');
    const first = await rig.run(['-j3', '--retries', '0', '--filter', '!P2', '--exec', 'false']);
    expect(first.code).toBe(1);
    const second = rig.start(['--continue', '--exec', stage.command], { env: stage.env });
    for (const actor of [await stage.next(), await stage.next(), await stage.next()]) await actor.exit(1);
    expect((await second.ended).code).toBe(1);
    const third = rig.start(['--continue', '-j2', '--exec', stage.command], { env: stage.env });
    const two = [await stage.next(), await stage.next()];
    expect(stage.seen).toHaveLength(5);
    for (const actor of two) await actor.exit();
    await (await stage.next()).exit();
    expect((await third.ended).code).toBe(0);
    expect(stage.seen).not.toContain('T004');
    expect(rig.of('run-started').map(({ options }) => [options.parallel, options.jobs, options.filter[0]])).toEqual([
      [true, 3, '!P2'],
      [true, 3, '!P2'],
      [true, 2, '!P2'],
    ]);
  });

  test('failed tasks get fresh attempts, whose numbers go on', async () => {
    rig.write('tasks.md', '- [ ] T001 Fails\n');
    await rig.run(['--retries', '1', '--exec', 'false']);
    const second = await rig.run([
      '--continue',
      '--exec',
      'test "$IMPLEMENT_TASK_ATTEMPT" = 4; s=$?; basename "$IMPLEMENT_FEEDBACK_FILE"; exit $s',
    ]);
    expect(second.code).toBe(0);
    expect(rig.of('attempt-started').map((event) => event.attempt)).toEqual([1, 2, 3, 4]);
    expect(rig.log('T001', 3)).toBe('T001.2.log\n');
    expect(second.stderr).toContain('attempt 1/2');
    expect(second.stdout).toContain('- Failed Task Retry: T001 (successful, 2 attempts)\n');
  });

  test('plain `implement` after it starts a new run, and names --continue', async () => {
    await failAtThird();
    const { code, stdout, stderr } = await rig.run(['--exec', LEDGER]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /Run \S+ was not finished\. This starts a new one; to go on with that one, .*implement --continue/,
    );
    expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓');
    expect(rig.runs()).toHaveLength(2);
    expect(rig.lines('ledger')).toEqual(['T001 One', 'T002 Two', 'T003 Three', 'T004 Four']);
  });
});

describe('a task file that was edited meanwhile', () => {
  test('new tasks join, removed ones leave, a changed text is reported', async () => {
    await failAtThird();
    rig.write('tasks.md', '# New\n- [x] T001 One, said otherwise\n- [ ] T003 Three, said otherwise\n- [ ] T005 Five\n');
    const said = await complete();
    expect(said).toContain('The text of T001 has changed since the last session. It is done and is not run again');
    expect(said).toContain('The text of T003 has changed since the last session. It runs with its new text.');
    expect(said).toContain('2 tasks are no longer in the file.');
    expect(rig.lines('ledger').slice(2)).toEqual(['T003 Three, said otherwise', 'T005 Five']);
  });

  test('generated ids are matched by text and occurrence', async () => {
    await failAtThird('- [ ] Same\n- [ ] Other\n- [ ] Same\n- [ ] Last\n');
    expect(rig.lines('ledger')).toEqual(['#1 Same', '#2 Other']);
    rig.write('tasks.md', '- [ ] Before\n- [x] Same\n- [ ] Between\n- [x] Other\n- [ ] Same\n- [ ] Last\n');
    await complete();
    expect(rig.lines('ledger').slice(2)).toEqual(['#1 Before', '#3 Between', '#5 Same', '#6 Last']);
  });
});

describe("generated ids that were another task's in an earlier session", () => {
  const WORK =
    'case "$IMPLEMENT_TASK_TITLE" in Beta|New) test -e mended || { echo "$IMPLEMENT_TASK_TITLE is broken"; exit 1; };; esac; cat "$IMPLEMENT_FEEDBACK_FILE" 2>/dev/null; echo "$IMPLEMENT_TASK_TITLE" >> ledger';

  test('mean the task of the last one', async () => {
    rig.write('tasks.md', '- [ ] Alpha\n- [ ] Beta\n- [ ] Gamma\n');
    expect((await rig.run(['--retries', '0', '--exec', WORK])).code).toBe(1);
    // As if the run had been cut off before Alpha was ticked.
    const path = rig.path(`.implement/runs/${rig.runs()[0]}/journal.ndjson`);
    truncateSync(path, readFileSync(path, 'utf8').indexOf('{"kind":"box-ticked","task":"#1"'));
    rig.write('tasks.md', '- [ ] New\n- [ ] Alpha\n- [ ] Beta\n- [ ] Gamma\n');
    expect((await rig.run(['--continue'])).code).toBe(1);
    expect(rig.read('tasks.md')).toBe('- [ ] New\n- [x] Alpha\n- [ ] Beta\n- [ ] Gamma\n');
    rig.write('mended', '');
    const said = await complete();
    expect(said).not.toContain('Somebody');
    expect(said).toContain('Found 1 completed task, 1 failed (#1), 2 pending');
    expect(rig.lines('ledger')).toEqual(['Alpha', 'New', 'Beta', 'Gamma']);
    // New has its own last output; what stands under the old number of Beta was not Beta's.
    expect(rig.log('@1', 3)).toBe('New is broken\n');
    expect(rig.log('@3', 1)).toBe('');
  });

  test('also where only the checkpoint was left in between', async () => {
    rig.write('tasks.md', '- [ ] Alpha\n- [ ] Beta\n- [ ] Gamma\n');
    expect((await rig.run(['--retries', '0', '--exec', WORK])).code).toBe(1);
    rig.call('rm', '-r', '.implement/runs');
    rig.write('tasks.md', '- [ ] New\n- [ ] Alpha\n- [ ] Beta\n- [ ] Gamma\n');
    expect((await rig.run(['--continue'])).code).toBe(1);
    rig.write('tasks.md', '- [ ] Beta\n- [ ] New\n- [x] Alpha\n- [ ] Gamma\n- [ ] Alpha\n');
    rig.write('mended', '');
    await complete();
    expect(rig.lines('ledger')).toEqual(['Alpha', 'Beta', 'New', 'Gamma', 'Alpha']);
  });
});

describe('from current-session.md alone', () => {
  test('where the journal was deleted and the boxes are open again', async () => {
    await failAtThird();
    rig.call('rm', '-r', '.implement/runs');
    rig.write('tasks.md', TASKS);
    const said = await complete();
    expect(said).toContain('Found 2 completed tasks, 1 failed (T003), 1 pending');
    expect(rig.lines('ledger').slice(2)).toEqual(['T003 Three', 'T004 Four']);
    expect(rig.read('tasks.md')).toBe(TASKS.replaceAll('[ ]', '[x]'));
    expect(rig.of('adopted').map((event) => event.done)).toEqual([['T001', 'T002']]);
  });

  test('copied into a fresh clone, without ids in the file', async () => {
    const text =
      '- [ ] Alpha\n- [ ] Beta: with "quotes" and [brackets]\n- [ ] Gamma\n- [ ] Beta: with "quotes" and [brackets]\n';
    rig.write('origin/tasks.md', text);
    rig.call('git', 'init', '-q', 'origin');
    rig.call('git', '-C', 'origin', 'add', '-A');
    rig.call('git', '-C', 'origin', 'commit', '-qm', 'Begin');
    const first = await rig.run(['-C', 'origin', '--retries', '0', '--exec', LEDGER]);
    expect(first.code).toBe(1);
    rig.call('git', 'clone', '-q', 'origin', 'clone');
    rig.write('clone/.implement/current-session.md', rig.read('origin/.implement/current-session.md'));
    rig.write('clone/mended', '');
    const second = await rig.run(['-C', 'clone', '--continue']);
    expect(second.code, second.stderr).toBe(0);
    expect(rig.lines('clone/ledger')).toEqual(['#3 Gamma', '#4 Beta: with "quotes" and [brackets]']);
    expect(rig.read('clone/tasks.md')).toBe(text.replaceAll('[ ]', '[x]'));
  });

  test('what the first attempt here is told to read exists', async () => {
    await failAtThird();
    rig.call('rm', '-r', '.implement/runs');
    await complete('--exec', 'test -z "$IMPLEMENT_FEEDBACK_FILE" || test -e "$IMPLEMENT_FEEDBACK_FILE"');
  });

  test('a box that a person ticks in it is believed', async () => {
    await failAtThird();
    rig.call('rm', '-r', '.implement/runs');
    rig.write('.implement/current-session.md', rig.session().replace('- [ ] T003', '- [x] T003'));
    await complete();
    expect(rig.lines('ledger').slice(2)).toEqual(['T004 Four']);
  });

  test('one that cannot be read is refused, naming the line', async () => {
    await failAtThird();
    rig.call('rm', '-r', '.implement/runs');
    rig.write('.implement/current-session.md', rig.session().replace(/^options: .*/m, 'options: [1'));
    const { code, stderr } = await rig.run(['--continue']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[state-broken\]: .*current-session\.md:\d+: /);
  });
});

describe('after kill -9', () => {
  test('orphans are ended before their task starts again, and a tick of theirs does not count', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    await (await stage.next('T001')).exit();
    const orphan = await stage.next('T002');
    await orphan.fork({ detached: true });
    const child = await stage.next('child');
    await child.ignore('SIGTERM');
    command.send('SIGKILL');
    expect((await command.ended).signal).toBe('SIGKILL');
    rig.write('tasks.md', TASKS.replaceAll('[ ]', '[x]').replace('[x] T004', '[ ] T004'));

    const gone: string[] = [];
    void orphan.gone.then(() => gone.push('orphan'));
    void child.gone.then(() => gone.push('child'));
    const status = await rig.run(['status']);
    expect(status.stdout).toContain('was interrupted');
    expect(gone).toEqual([]);
    const again = rig.start(['--continue', '--grace', '20ms'], { env: stage.env });
    const second = await stage.next('T002');
    expect(gone.toSorted()).toEqual(['child', 'orphan']);
    expect(rig.read('tasks.md')).toContain('[ ] T002');
    await second.exit();
    // Ticked while nothing of it ran: a person's word.
    await (await stage.next('T004')).exit();
    const { code, stderr } = await again.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('The last session was cut off and left 2 processes running; ended.');
    expect(stderr).toContain('The box of T002 was ticked while it ran, but the run was cut off before it ended');
    expect(started(rig)).toEqual(['T001', 'T002', 'T002', 'T004']);
  });

  test('plain `implement` ends the orphans too, and what was in flight is not done', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const orphan = await stage.next('T001');
    command.send('SIGKILL');
    await command.ended;
    rig.write('tasks.md', TASKS.replace('[ ]', '[x]'));
    const { code } = await rig.run(['--exec', LEDGER.replace('exit 1', 'true')]);
    await orphan.gone;
    expect(code).toBe(0);
    expect(rig.lines('ledger').map((line) => line.slice(0, 4))).toEqual(['T001', 'T002', 'T003', 'T004']);
  });

  test('a run of another file ends the orphans too', async () => {
    rig.write('a.md', TASKS);
    rig.write('b.md', TASKS);
    const command = rig.start(['a.md', '--exec', stage.command], { env: stage.env });
    const orphan = await stage.next('T001');
    command.send('SIGKILL');
    await command.ended;
    const other = rig.start(['b.md', '--exec', stage.command], { env: stage.env });
    await orphan.gone;
    for (const id of ['T001', 'T002', 'T003', 'T004']) await (await stage.next(id)).exit();
    expect((await other.ended).stderr).toContain('left 1 process running; ended');
    // And the first one goes on as if nothing had been.
    const again = await rig.run(['a.md', '--continue', '--exec', 'true']);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('Found 0 completed tasks');
  });

  test('orphans are ended even where nothing but the lock tells of their run', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const orphan = await stage.next('T001');
    command.send('SIGKILL');
    await command.ended;
    rig.call('rm', '-r', '.implement/runs', '.implement/current-session.md');
    const again = rig.start(['--continue', '--exec', stage.command], { env: stage.env });
    const second = await stage.next('T001');
    await orphan.gone;
    await second.exit(1);
    again.send('SIGTERM');
    expect((await again.ended).code).toBe(143);
  });

  test('a torn last line of the journal is survived', async () => {
    await failAtThird();
    appendFileSync(rig.path(`.implement/runs/${rig.runs()[0]}/journal.ndjson`), '{"kind":"attempt-sta');
    await complete();
    expect(started(rig)).toEqual(['T001', 'T002', 'T003', 'T003', 'T004']);
  });

  test('between the end of a task and its tick: ticked, not run', async () => {
    await failAtThird();
    const path = rig.path(`.implement/runs/${rig.runs()[0]}/journal.ndjson`);
    const text = readFileSync(path, 'utf8');
    truncateSync(path, text.indexOf('{"kind":"box-ticked","task":"T002"'));
    rig.write('tasks.md', TASKS.replace('[ ] T001', '[x] T001'));
    await complete();
    expect(rig.lines('ledger').filter((line) => line.startsWith('T002'))).toHaveLength(1);
    expect(rig.read('tasks.md')).toBe(TASKS.replaceAll('[ ]', '[x]'));
    expect(rig.of('box-ticked').map((event) => event.task)).toEqual(['T001', 'T002', 'T003', 'T004']);
  });

  test('between the tick and its record: a box that is opened then runs again', async () => {
    await failAtThird();
    const path = rig.path(`.implement/runs/${rig.runs()[0]}/journal.ndjson`);
    const text = readFileSync(path, 'utf8');
    truncateSync(path, text.indexOf('{"kind":"box-ticked","task":"T002"'));
    const second = await rig.run(['--continue', '--exec', 'exit 1']);
    expect(second.code).toBe(1);
    rig.write('tasks.md', TASKS.replace('[ ] T001', '[x] T001'));
    const said = await complete('--exec', LEDGER);
    expect(said).toContain('Somebody has opened the box of T002');
    expect(
      rig
        .lines('ledger')
        .slice(2)
        .map((line) => line.slice(0, 4)),
    ).toEqual(['T002', 'T003', 'T004']);
  });
});

describe('a state that cannot be continued', () => {
  test('a journal of another version is refused with advice; a new run may start', async () => {
    await failAtThird();
    const path = rig.path(`.implement/runs/${rig.runs()[0]}/journal.ndjson`);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"format":1,"version":"0.1.0"', '"format":7,"version":"9.9.9"'),
    );
    const second = await rig.run(['--continue']);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('error[state-version]');
    expect(second.stderr).toContain('was written by implement 9.9.9 in format 7; this version reads format 1');
    expect(second.stderr).toContain('Finish that run with implement 9.9.9, or start anew with `implement`');
    expect((await rig.run(['status'])).code).toBe(2);
    const third = await rig.run(['--exec', LEDGER]);
    expect(third.code).toBe(0);
    expect(rig.lines('ledger')).toHaveLength(4);
  });

  test('a journal that is broken in the middle is refused, naming the line', async () => {
    await failAtThird();
    const path = rig.path(`.implement/runs/${rig.runs()[0]}/journal.ndjson`);
    writeFileSync(path, readFileSync(path, 'utf8').replace('{"kind":"plan-read"', '{"kind";"plan-read"'));
    const { code, stderr } = await rig.run(['--continue']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[state-broken\]: .*journal\.ndjson:2: not a record/);
  });
});

describe('one live run', () => {
  test('a second is refused, naming the first; status tells who works', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    const first = await stage.next('T001');
    for (const args of [['--exec', 'touch ran'], ['--continue'], ['--continue', '--exec', 'touch ran']]) {
      const { code, stderr } = await rig.run(args);
      expect(code).toBe(2);
      expect(stderr).toContain('error[locked]');
      expect(stderr).toContain(String(command.pid));
      expect(stderr).toContain(rig.runs()[0]);
    }
    const status = await rig.run(['status']);
    expect(status.code).toBe(0);
    expect(status.stdout).toContain(`is running (process ${command.pid} on `);
    expect(status.stdout).toContain('Running: T001\n');
    expect(JSON.parse((await rig.run(['status', '--json'])).stdout)).toMatchObject({
      status: 'running',
      running: ['T001'],
    });
    await first.exit(1);
    command.send('SIGTERM');
    await command.ended;
    expect(rig.exists('ran')).toBe(false);
    expect(rig.exists('.implement/lock')).toBe(false);
  });

  test('of several that start at once exactly one runs', async () => {
    rig.write('tasks.md', '- [ ] T001 One\n');
    const all = Array.from({ length: 5 }, () => rig.start(['--exec', stage.command], { env: stage.env }));
    const actor = await stage.next();
    const others = all.map(async (command) => {
      const { code, stderr } = await command.ended;
      if (code !== 0) expect([code, stderr]).toEqual([2, expect.stringContaining('error[locked]')]);
      return code;
    });
    // The four are refused while the one runs, so they end before it may.
    const refused = new Promise<void>((resolve) => {
      let count = 0;
      for (const one of others) void one.then((code) => code === 2 && ++count === 4 && resolve());
    });
    await refused;
    await actor.exit();
    expect((await Promise.all(others)).toSorted()).toEqual([0, 2, 2, 2, 2]);
    expect(stage.seen).toEqual(['T001']);
  });

  test('a task may run the command in another project', async () => {
    rig.write('tasks.md', '- [ ] T001 Outer\n');
    rig.write('inner/.specify/x', '');
    rig.write('inner/tasks.md', '- [ ] T007 Inner\n');
    const inner = `test "$IMPLEMENT_TASK_ID" = T007 && test -z "$IMPLEMENT_FEEDBACK_FILE" && pwd`;
    const { code, stderr } = await rig.run(
      [
        '--retries',
        '0',
        '--exec',
        'node "$COMMAND" -C inner --exec "$INNER" && cat inner/.implement/runs/*/T007.1.log',
      ],
      { env: { COMMAND: await builtCommand(), INNER: inner } },
    );
    expect(code, stderr).toBe(0);
    expect(rig.read('inner/tasks.md')).toBe('- [x] T007 Inner\n');
    expect(rig.log('T001', 1)).toContain(`${rig.path('inner')}\n`);
  });

  test('also one that goes on from the checkpoint alone', async () => {
    await failAtThird();
    rig.call('rm', '-r', '.implement/runs');
    const command = rig.start(['--continue', '--exec', stage.command], { env: stage.env });
    const third = await stage.next('T003');
    expect((await rig.run(['status'])).stdout).toContain(`is running (process ${command.pid} on `);
    // Cut off before any checkpoint of its own may have been written.
    command.send('SIGKILL');
    await command.ended;
    rig.call('rm', '-r', '.implement/runs');
    await complete('--exec', LEDGER);
    await third.gone;
  });

  test('the lock of a dead owner is taken over with a notice', async () => {
    rig.write('tasks.md', TASKS);
    const command = rig.start(['--exec', stage.command], { env: stage.env });
    await stage.next('T001');
    command.send('SIGKILL');
    await command.ended;
    const owner = JSON.parse(rig.read('.implement/lock'));
    expect(owner).toMatchObject({ pid: command.pid, run: rig.runs()[0] });
    expect(typeof owner.host).toBe('string');
    const { code, stderr } = await rig.run(['--continue', '--exec', 'true']);
    expect(code).toBe(0);
    expect(stderr).toContain(`took over the lock of a process that is gone: process ${command.pid} on ${owner.host}`);
    expect(rig.exists('.implement/lock')).toBe(false);
  });
});
