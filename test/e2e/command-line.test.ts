/** Flags, exit codes, streams, colours, and where the task file is found. */
import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { builtCommand } from '../support/built.ts';
import { overlaps, started, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

const LEDGER = 'echo "$IMPLEMENT_TASK_ID" >> ledger';

const isCommand = (word: string): boolean => ['plan', 'explain', 'graph', 'status'].includes(word);

describe('what cannot be understood', () => {
  test.each([
    [['--paralel'], /unknown option '--paralel'/, /Did you mean --parallel\?/],
    [['plan', '--jso'], /unknown option '--jso'/, /Did you mean --json\?/],
    [['-j', '0'], /-j takes a whole number, 1 or more/, /--help lists the flags/],
    [['--retries', 'many'], /--retries takes a whole number/, /--help/],
    [['--timeout', 'soon'], /Write a duration such as 90s, 30m or 1h/, /--help/],
    [['--overlap', 'all'], /marked, stories/, /--help/],
    [['--exec'], /argument missing/, /--help/],
    [['one.md', 'two.md'], /too many arguments/, /--help/],
    [['graph', '--format', 'png'], /graph format png/, /mermaid, dot, svg, json/],
    [['-C', 'nowhere'], /There is no directory \S*nowhere/, /-C takes a directory/],
    [['statsu'], /There is no file statsu/, /Did you mean the command implement status\?/],
    [['taks.md'], /There is no file taks\.md/, /Did you mean tasks\.md\?/],
    [['--filter=P7', '--exec', 'true'], /P7/, /P1/],
    [['--filter=US11', '--exec', 'true'], /US11/, /US1\b/],
    [['--filter=T0002', '--exec', 'true'], /T0002/, /T002/],
    [['explain', 'T0O1'], /T0O1/, /T001/],
  ])('%j: exit 2, with advice', async (args, what, advice) => {
    rig.write('tasks.md', '- [ ] T001 [US1] [P1] One\n- [ ] T002 [US1] [P1] Two\n');
    // A picture that is asked for as JSON has no other format.
    for (const before of args[0] === 'graph' ? [[]] : [[], ['--json']]) {
      const { code, stdout, stderr } = await rig.run([
        ...args.filter(isCommand),
        ...before,
        ...args.filter((word) => !isCommand(word)),
      ]);
      expect(code).toBe(2);
      if (before.length === 0) {
        expect(stdout).toBe('');
        expect(stderr).toMatch(what);
        expect(stderr).toMatch(advice);
        expect(stderr).not.toContain('    at ');
      } else {
        const object = JSON.parse(stdout);
        expect(object).toMatchObject({ schemaVersion: 1, exitCode: 2 });
        expect(JSON.stringify(object.diagnostics)).toMatch(what);
      }
    }
    expect(rig.exists('.implement')).toBe(false);
  });
});

test('--help and --version', async () => {
  const help = await rig.run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const flag of [
    ...[
      '--parallel',
      '--jobs',
      '--overlap',
      '--filter',
      '--only',
      '--continue',
      '--resume',
      '--dry-run',
      '--fail-fast',
    ],
    ...['--max-failures', '--retries', '--timeout', '--deps', '--scripts', '--exec', '--json', '--quiet', '--verbose'],
    ...['--cwd', '--color', '--verify', '--verify-phase', '--verify-end', '--state-dir'],
  ])
    expect(help.stdout).toContain(flag);
  const version = await rig.run(['--version']);
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('what may overlap', () => {
  const MARKED =
    '- [ ] T001 [P] A\n- [ ] T002 [P] B\n- [ ] T003 [P] C\n- [ ] T004 [P] D\n- [ ] T005 [P] E\n- [ ] T006 [P] F\n';

  test.each([
    [['--parallel'], 4],
    [['-j', '2'], 2],
    [['--jobs=6'], 6],
    [['--parallel', '-j', '1'], 1],
    [['-j', '1'], 1],
    [[], 1],
  ])('%j: %i at a time', async (args, slots) => {
    rig.write('tasks.md', MARKED);
    const command = rig.start([...args, '--exec', stage.command], { env: stage.env });
    const first = [];
    for (let i = 0; i < slots; i++) first.push(await stage.next());
    for (let i = slots; i < 6; i++) {
      await first.shift()?.exit();
      first.push(await stage.next());
      expect(stage.seen).toHaveLength(i + 1);
    }
    for (const actor of first) await actor.exit();
    expect((await command.ended).code).toBe(0);
    const events = rig.events();
    let running = 0;
    let most = 0;
    for (const event of events) {
      running += event.kind === 'attempt-started' ? 1 : event.kind === 'attempt-ended' ? -1 : 0;
      most = Math.max(most, running);
    }
    expect(most).toBe(slots);
  });

  test('--overlap=stories lets stories run side by side, one task of each', async () => {
    rig.write('tasks.md', '- [ ] T001 [US1] A\n- [ ] T002 [US1] B\n- [ ] T003 [US2] C\n- [ ] T004 [US2] D\n');
    const command = rig.start(['--parallel', '--overlap=stories', '--exec', stage.command], { env: stage.env });
    const [first, third] = [await stage.next('T001'), await stage.next('T003')];
    await third.exit();
    const fourth = await stage.next('T004');
    await first.exit();
    await (await stage.next('T002')).exit();
    await fourth.exit();
    expect((await command.ended).code).toBe(0);
    expect(overlaps(rig).map((pair) => pair.join(' '))).not.toContain('T001 T002');
  });

  test('two tasks that write the same file never overlap, whatever is marked', async () => {
    rig.write(
      'tasks.md',
      '- [ ] T001 [P] Begin src/a.ts\n- [ ] T002 [P] Extend src/a.ts\n- [ ] T003 [P] Write src/b.ts\n',
    );
    const command = rig.start(['--parallel', '--exec', stage.command], { env: stage.env });
    const [first, third] = [await stage.next('T001'), await stage.next('T003')];
    await third.exit();
    await command.said('✓ T003');
    await first.exit();
    await (await stage.next('T002')).exit();
    expect((await command.ended).code).toBe(0);
    expect(overlaps(rig)).toEqual([['T001', 'T003']]);
  });

  test('--deps=explicit leaves the inferred order out', async () => {
    rig.write('tasks.md', '- [ ] T001 [P] A\n- [ ] T002 B\n- [ ] T003 [P] C (depends on T002)\n- [ ] T004 [P] D\n');
    const command = rig.start(['--parallel', '--deps=explicit', '--exec', stage.command], { env: stage.env });
    await (await stage.next('T002')).exit();
    const three = [await stage.next(), await stage.next(), await stage.next()];
    expect(three.map((actor) => actor.id).toSorted()).toEqual(['T001', 'T003', 'T004']);
    for (const actor of three) await actor.exit();
    expect((await command.ended).code).toBe(0);
  });
});

describe('--filter', () => {
  const TASKS = `## Phase 1: Setup
- [ ] T001 Base
## Phase 2: User Story 1 (P1)
- [ ] T002 [US1] One
- [ ] T003 [US1] [TEST] Two
## Phase 3: User Story 2 (P2)
- [ ] T004 [US2] Three
- [ ] T005 [P] [US2] Four (depends on T003)
## Phase 4: Polish
- [ ] T006 [ALL] Five
`;
  test.each([
    ['P1', ['T001', 'T002', 'T003']],
    ['us2', ['T001', 'T002', 'T003', 'T004', 'T005']],
    ['T002', ['T001', 'T002']],
    ['T001..T002', ['T001', 'T002']],
    ['Phase 1', ['T001']],
    ['phase 2', ['T001', 'T002', 'T003']],
    ['label:TEST', ['T001', 'T002', 'T003']],
    ['P1,T004', ['T001', 'T002', 'T003', 'T004']],
    ['P1&label:test', ['T001', 'T002', 'T003']],
    ['!US2&!T006', ['T001', 'T002', 'T003']],
  ])('%s runs %j', async (filter, ran) => {
    rig.write('tasks.md', TASKS);
    const { code, stderr } = await rig.run([`--filter=${filter}`, '--exec', LEDGER]);
    expect(code, stderr).toBe(0);
    expect(rig.lines('ledger')).toEqual(ran);
  });

  test('says what a selected task needs, may be repeated, and --only leaves that out', async () => {
    rig.write('tasks.md', TASKS);
    const { stderr } = await rig.run(['--filter', 'T002', '--filter', 'T001', '-n']);
    expect(stderr).not.toContain('error');
    const needed = await rig.run(['--filter', 'T003', '--exec', LEDGER]);
    expect(needed.stderr).toContain('  T001: needed by ');
    expect(needed.stderr).toContain('  T002: needed by T003\n');
    const only = await rig.run(['--filter', 'T006', '--only', '--exec', LEDGER]);
    expect(only.code).toBe(1);
    expect(only.stderr).toMatch(/⊘ T006 .*: blocked by T00\d, which is outside the filter/);
    expect(rig.lines('ledger')).toEqual(['T001', 'T002', 'T003']);
  });

  test('everything selected done already: exit 0', async () => {
    rig.write('tasks.md', TASKS.replaceAll('[ ]', '[x]'));
    const { code, stderr } = await rig.run(['--filter', 'P1', '--exec', 'false']);
    expect(code).toBe(0);
    expect(stderr).toContain('Nothing to run: everything selected is done.');
  });

  test('failed selects what failed in the last run', async () => {
    rig.write('tasks.md', TASKS);
    await rig.run(['--retries', '0', '--exec', 'test "$IMPLEMENT_TASK_ID" != T002']);
    const { code } = await rig.run(['--continue', '--filter', 'failed', '--exec', LEDGER]);
    expect(code).toBe(0);
    expect(rig.lines('ledger')).toEqual(['T002']);
  });
});

describe('streams', () => {
  const TASKS = '- [ ] T001 One\n- [ ] T002 Two\n';

  test('-q tells failures and the summary only, -v more', async () => {
    rig.write('tasks.md', TASKS);
    const quiet = await rig.run(['-q', '--exec', 'true']);
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
    expect(quiet.stdout).toContain('Implementation Complete ✓');
    rig.write('tasks.md', TASKS);
    const failing = await rig.run(['-q', '--retries', '0', '--exec', 'echo the output; false']);
    expect(failing.stderr).toContain('✗ T001 One');
    expect(failing.stderr).toContain('│ the output');
    const verbose = await rig.run(['-v', '--exec', 'true']);
    expect(verbose.stderr).toContain('▸ T001 One');
  });

  test('--json prints one object, alone, whatever the end', async () => {
    rig.write('tasks.md', TASKS);
    const good = await rig.run(['--json', '--exec', 'echo noise; echo noise >&2']);
    expect(good.code).toBe(0);
    const report = JSON.parse(good.stdout);
    expect(report).toMatchObject({ schemaVersion: 1, runId: rig.runs()[0], status: 'complete', exitCode: 0, slots: 1 });
    expect(report.counts).toMatchObject({ selected: 2, done: 2, failed: 0, blocked: 0 });
    expect(report.tasks[0]).toMatchObject({ id: 'T001', status: 'done', attempts: 1, blockedBy: null, error: null });
    expect(report.tasks[0].log).toBe(rig.path(`.implement/runs/${rig.runs()[0]}/T001.1.log`));
    expect(new Date(report.tasks[0].startedAt).toISOString()).toBe(report.tasks[0].startedAt);
    const sum = report.tasks.reduce((all: number, task: { durationMs: number }) => all + task.durationMs, 0);
    expect(report.serialMs).toBe(sum);
    expect(good.stderr).toContain('✓ T001 One');

    rig.write('tasks.md', TASKS);
    const bad = await rig.run(['--json', '--retries', '0', '--exec', 'echo why; exit 9']);
    expect(bad.code).toBe(1);
    const second = JSON.parse(bad.stdout);
    expect(second).toMatchObject({ status: 'partial', exitCode: 1, counts: { failed: 1, blocked: 1 } });
    expect(second.tasks[0].error).toEqual({ reason: 'exit-code', message: 'exit code 9', exitCode: 9, tail: 'why' });
    expect(second.tasks[1]).toMatchObject({
      status: 'blocked',
      blockedBy: 'T001',
      attempts: 0,
      startedAt: null,
      log: null,
    });

    rig.write('tasks.md', '- [ ] T001 One (depends on T009)\n- [ ] T001 Other\n');
    const refused = await rig.run(['--json', '--exec', 'true']);
    expect(refused.code).toBe(2);
    const third = JSON.parse(refused.stdout);
    expect(third).toMatchObject({ schemaVersion: 1, exitCode: 2 });
    expect(third.diagnostics[0]).toMatchObject({ severity: 'error', line: 1 });
    for (const key of ['code', 'message', 'column', 'hint']) expect(third.diagnostics[0]).toHaveProperty(key);
  });

  test('colours follow --color, NO_COLOR and FORCE_COLOR', async () => {
    rig.write('tasks.md', TASKS);
    const colours = async (args: string[], env: Record<string, string>): Promise<boolean> => {
      rig.write('tasks.md', TASKS);
      const { stdout, stderr } = await rig.run(['--exec', 'true', ...args], { env });
      return /\u001B\[\d+m/.test(stdout + stderr);
    };
    expect(await colours([], {})).toBe(false);
    expect(await colours([], { FORCE_COLOR: '1' })).toBe(true);
    expect(await colours([], { FORCE_COLOR: '0' })).toBe(false);
    expect(await colours([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await colours(['--color=always'], { NO_COLOR: '1' })).toBe(true);
    expect(await colours(['--color=never'], { FORCE_COLOR: '1' })).toBe(false);
    expect(await colours(['--no-color'], { FORCE_COLOR: '1' })).toBe(false);
    expect(await colours(['--color', 'auto'], {})).toBe(false);
  });

  test.each([
    ['plan', 'stdout'],
    ['run', 'stderr'],
    ['run', 'stdout'],
  ] as const)('%s: a reader of %s that goes away is no crash', async (what, closed) => {
    rig.write(
      'tasks.md',
      Array.from({ length: what === 'plan' ? 3000 : 20 }, (_, i) => `- [ ] T${1000 + i} Task\n`).join(''),
    );
    const args = what === 'plan' ? ['plan', '-v'] : ['--exec', 'true', '-v'];
    const child = spawn(process.execPath, [await builtCommand(), ...args], {
      cwd: rig.dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    if (closed === 'stdout') child.stderr.on('data', (chunk) => (stderr += chunk));
    else child.stdout.resume();
    child[closed].destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(stderr).not.toContain('EPIPE');
    if (what === 'run') expect(rig.read('tasks.md')).not.toContain('[ ]');
  });
});

describe('the task file', () => {
  const ONE = '- [ ] T001 One\n';

  test('is ./tasks.md, before anything else', async () => {
    rig.write('tasks.md', ONE);
    rig.write('specs/001-a/tasks.md', ONE);
    expect((await rig.run(['--exec', 'true'])).code).toBe(0);
    expect(rig.read('tasks.md')).toContain('[x]');
  });

  test('is the one that spec-kit names', async () => {
    for (const name of ['001-a', '002-b', '003-c']) rig.write(`specs/${name}/tasks.md`, ONE);
    const several = await rig.run(['--exec', 'true']);
    expect(several.code).toBe(2);
    expect(several.stderr).toContain(
      'There are several task files: specs/001-a/tasks.md, specs/002-b/tasks.md, specs/003-c/tasks.md.',
    );
    expect(several.stderr).toContain('→ Say which: implement specs/003-c/tasks.md');

    expect((await rig.run(['--exec', 'true'], { env: { SPECIFY_FEATURE: '002-b' } })).code).toBe(0);
    expect(rig.read('specs/002-b/tasks.md')).toContain('[x]');
    rig.write('.specify/feature.json', '{"feature_directory": "specs/003-c"}');
    expect((await rig.run(['--exec', 'true'], { env: { SPECIFY_FEATURE: '002-b' } })).code).toBe(0);
    expect(rig.read('specs/003-c/tasks.md')).toContain('[x]');
    expect(rig.read('specs/001-a/tasks.md')).toContain('[ ]');
    rig.write('.specify/feature.json', '{"feature_directory": "specs/004-d"}');
    const missing = await rig.run(['--exec', 'true']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain(
      '.specify/feature.json names the feature specs/004-d, but there is no tasks.md in it.',
    );
  });

  test.each(['specs', 'features'])('is the only one of %s/*', async (folder) => {
    rig.write(`${folder}/001-a/tasks.md`, ONE);
    rig.write(`${folder}/002-b/plan.md`, '');
    expect((await rig.run(['--exec', 'true'])).code).toBe(0);
    expect(rig.read(`${folder}/001-a/tasks.md`)).toContain('[x]');
  });

  test('is looked for where -C says, and from within a folder of the project', async () => {
    rig.call('git', 'init', '-q', 'project');
    rig.write('project/specs/001-a/tasks.md', ONE);
    rig.write('project/src/deep/keep', '');
    const { code, stderr } = await rig.run(['-C', 'project/src/deep', '--exec', 'pwd'], {});
    expect(code, stderr).toBe(0);
    expect(rig.exists('project/.implement')).toBe(true);
    const run = rig.call('ls', 'project/.implement/runs').trim();
    expect(rig.read(`project/.implement/runs/${run}/T001.1.log`)).toBe(`${rig.path('project')}\n`);
    expect(rig.exists('project/src/deep/.implement')).toBe(false);
  });

  test('the project root is the git top level, else what holds .specify, else its own folder', async () => {
    rig.write('a/.specify/x', '');
    rig.write('a/specs/001/tasks.md', ONE);
    rig.write('b/specs/001/tasks.md', ONE);
    await rig.run(['a/specs/001/tasks.md', '--exec', 'true']);
    expect(rig.exists('a/.implement/current-session.md')).toBe(true);
    await rig.run(['b/specs/001/tasks.md', '--exec', 'true']);
    expect(rig.exists('b/specs/001/.implement/current-session.md')).toBe(true);
    expect(rig.exists('.implement')).toBe(false);
  });

  test('--continue without a file goes on with the last one', async () => {
    for (const name of ['001-a', '002-b']) rig.write(`specs/${name}/tasks.md`, ONE);
    rig.call('git', 'init', '-q');
    await rig.run(['specs/002-b/tasks.md', '--exec', 'false', '--retries', '0']);
    const { code } = await rig.run(['--continue', '--exec', 'true']);
    expect(code).toBe(0);
    expect(rig.read('specs/002-b/tasks.md')).toContain('[x]');
    expect(rig.read('specs/001-a/tasks.md')).toContain('[ ]');
  });

  test.each([
    ['', /error\[file-empty\]/],
    ['# Only prose\n\nNothing to do.\n', /error\[no-tasks\]/],
    ['- [ ] T001 A (depends on T002)\n- [ ] T002 B (depends on T001)\n', /error\[cycle\]/],
    ['- [ ] T001 A (depends on T020)\n- [ ] T002 B\n', /error\[unknown-id\]: There is no task T020/],
  ])('%j: exit 2, and nothing is touched', async (text, what) => {
    rig.write('tasks.md', text);
    const { code, stderr } = await rig.run(['--exec', 'true']);
    expect(code).toBe(2);
    expect(stderr).toMatch(what);
    expect(rig.read('tasks.md')).toBe(text);
    expect(rig.exists('.implement')).toBe(false);
  });

  test('that is a directory, or not UTF-8', async () => {
    rig.write('specs/001-a/tasks.md', ONE);
    const folder = await rig.run(['specs/001-a', '--exec', 'true']);
    expect(folder.code).toBe(2);
    expect(folder.stderr).toContain('Did you mean specs/001-a/tasks.md?');
    rig.call('sh', '-c', "printf -- '- [ ] T001 \\377\\n' > latin.md");
    const latin = await rig.run(['latin.md', '--exec', 'true']);
    expect(latin.code).toBe(2);
    expect(latin.stderr).toContain('latin.md is not UTF-8: byte 12 belongs to no character.');
  });
});

test('--dry-run prints the plan and runs nothing', async () => {
  rig.write('tasks.md', '- [ ] T001 One\n- [ ] T002 [P] Two\n');
  const dry = await rig.run(['--dry-run', '--parallel']);
  const plan = await rig.run(['plan', '--parallel']);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toBe(plan.stdout);
  expect(rig.exists('.implement')).toBe(false);
  expect(started(rig)).toEqual([]);
});
