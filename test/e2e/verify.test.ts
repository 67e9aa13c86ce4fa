/** `implement verify` with the built command: phantom completions of every kind, `--fix`, the hook, refusals. */
import { statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { commitIn, SCRIPT, TASKS } from '../support/committed.ts';
import { useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

interface Report {
  ticked: number;
  held: string[];
  unchecked: string[];
  fix: boolean;
  phantoms: {
    task: string;
    line: number;
    opened: boolean;
    missing: { kind: string; what: string; why: string; line: number }[];
  }[];
}
const report = async (...args: string[]): Promise<Report> =>
  JSON.parse((await rig.run(['verify', '--json', ...args])).stdout) as Report;
const tasks = (...lines: string[]): void => rig.write('tasks.md', `# Tasks\n\n${lines.join('\n')}\n`);

describe('files and evidence lines', () => {
  it('are looked for in the project, and each phantom is named with its place', async () => {
    tasks(
      '- [x] T001 Create src/a.ts',
      '- [x] T002 Create src/b.ts',
      '- [x] T003 Follow docs/spec.md',
      '  - evidence: code path=src/a.ts symbol=createUser contains="export function"',
      '- [x] T004 Talk about it',
      '- [x] T005 Check it',
      '  - evidence: code path=src/a.ts symbol=create',
      '- [ ] T006 Create src/c.ts',
      '- [-] T007 Create src/d.ts',
    );
    rig.write('src/a.ts', 'export function createUser() {}\n');
    const shown = await rig.run(['verify']);
    expect(shown.code).toBe(1);
    expect(shown.stderr).toBe('');
    expect(shown.stdout).toBe(
      [
        'tasks.md:4:1: not done: T002 Create src/b.ts',
        '  ✗ src/b.ts does not exist: the task names the file as the one that it changes',
        'tasks.md:8:1: not done: T005 Check it',
        '  ✗ src/a.ts has no create: an evidence line of the task says so (tasks.md:9:5)',
        'tasks.md: 5 ticked tasks: 2 held, 2 not done, 1 with nothing to check',
        'To open their boxes: implement verify --fix',
        '',
      ].join('\n'),
    );
    expect(await report()).toMatchObject({
      ticked: 5,
      held: ['T001', 'T003'],
      unchecked: ['T004'],
      fix: false,
      phantoms: [
        { task: 'T002', line: 4 },
        { task: 'T005', line: 8, missing: [{ kind: 'evidence', line: 9 }] },
      ],
    });
    expect(rig.exists('.implement')).toBe(false);
    rig.write('src/b.ts', '');
    rig.write('src/a.ts', 'export function createUser() { create; }\n');
    const well = await rig.run(['verify']);
    expect(well).toMatchObject({ code: 0, stdout: 'tasks.md: 5 ticked tasks: 4 held, 1 with nothing to check\n' });
  });

  it('knows that files are taken away again, and where bare names may lie', async () => {
    tasks(
      '- [x] T001 Create src/old.ts',
      '- [x] T002 Write helper.ts',
      '- [x] T003 Remove src/old.ts',
      '- [x] T004 Create models/user.py',
    );
    rig.write('lib/deep/helper.ts', '');
    rig.write('backend/models/user.py', '');
    const { phantoms, held } = await report();
    expect(held).toEqual(['T002']);
    expect(phantoms).toMatchObject([
      { task: 'T004', missing: [{ what: 'models/user.py does not exist (there is backend/models/user.py)' }] },
    ]);
  });

  it('never looks outside the project', async () => {
    tasks(
      '- [x] T001 Create out/secret.ts',
      '- [x] T002 Look',
      '  evidence: code path=out/secret.ts contains=x',
      '- [x] T003 Change ../../etc/passwd.conf',
    );
    symlinkSync(tmpdir(), rig.path('out'));
    const { phantoms, unchecked } = await report();
    expect(phantoms.map((one) => one.task)).toEqual(['T001', 'T002']);
    expect(unchecked).toEqual(['T003']);
  });

  it('refuses evidence that it cannot read, at its place', async () => {
    tasks('- [x] T001 Do it', '  evidence: code path=a.ts symbl=x');
    const refused = await rig.run(['verify']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(
      [
        'tasks.md:4:28: error[evidence]: Evidence of code has no key symbl.',
        '  4 |   evidence: code path=a.ts symbl=x',
        '    |                            ^^^^^',
        '  → Did you mean symbol?',
        '',
      ].join('\n'),
    );
    expect((await rig.run(['verify', 'nothing.md'])).code).toBe(2);
  });
});

describe('--fix', () => {
  it('opens the boxes of phantoms, and no other byte', async () => {
    const text = '# T\r\n\r\n- [X] T001 Create a.ts\r\n- [x] T002 Create b.ts  \r\n* [x] T003 Create c.ts';
    rig.write('tasks.md', text);
    rig.write('b.ts', '');
    const fixed = await rig.run(['verify', '--fix']);
    expect(fixed.code).toBe(1);
    expect(fixed.stdout).toContain('not done: T001 Create a.ts (box opened)');
    expect(fixed.stdout).not.toContain('To open their boxes');
    expect(rig.read('tasks.md')).toBe(text.replace('[X] T001', '[ ] T001').replace('[x] T003', '[ ] T003'));
    expect((await rig.run(['verify', '--fix'])).code).toBe(0);
    expect(rig.exists('.implement/lock')).toBe(false);
  });

  it('is refused while a run is alive, a look is not', async () => {
    tasks('- [x] T001 Create a.ts', '- [ ] T002 Create b.ts');
    const run = rig.start(['--exec', stage.command], { env: stage.env });
    const actor = await stage.next('T002');
    const refused = await rig.run(['verify', '--fix']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('error[locked]');
    expect((await rig.run(['verify'])).code).toBe(1);
    expect(rig.read('tasks.md')).toContain('[x] T001');
    await actor.exit();
    await run.ended;
  });

  it('makes the next run do the task again', async () => {
    tasks('- [ ] T001 Create a.ts', '- [ ] T002 Create b.ts');
    await rig.run(['--exec', 'touch a.ts b.ts']);
    rig.call('rm', 'a.ts');
    expect((await rig.run(['verify', '--fix'])).code).toBe(1);
    expect((await rig.run(['--continue', '-q'])).code).toBe(0);
    expect(rig.exists('a.ts')).toBe(true);
    expect((await rig.run(['verify'])).code).toBe(0);
  });
});

describe('commits', () => {
  it('hold where they are, and are missed where they were taken back or lost', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    expect(await report()).toMatchObject({ ticked: 4, phantoms: [], held: ['T001', 'T002', 'T003', 'T004'] });
    git('revert', '--no-edit', 'HEAD~1');
    rig.write('tasks.md', rig.read('tasks.md').replace('[ ] T003', '[x] T003'));
    rig.write('c.txt', 'c\n');
    expect((await report()).phantoms).toMatchObject([
      {
        task: 'T003',
        missing: [{ kind: 'commit', what: expect.stringMatching(/^its commit \w{7} was taken back by \w{7}$/) }],
      },
    ]);
  });

  it('that a run made and nobody has any more are missed by record and by journal', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    const text = rig.read('tasks.md');
    git('reset', '-q', '--hard', 'HEAD~4');
    rig.write('tasks.md', text);
    for (const name of ['a.txt', 'b.txt', 'c.txt']) rig.write(name, 'by hand\n');
    const lost = await report();
    expect(lost.phantoms.map((one) => one.task)).toEqual(['T001', 'T002', 'T003', 'T004']);
    expect(lost.phantoms[0]?.missing[0]).toMatchObject({
      kind: 'commit',
      what: expect.stringMatching(/is not on main$/),
    });
    const run = `.implement/runs/${rig.runs()[0]}`;
    for (const id of ['T001', 'T002', 'T003', 'T004']) rig.call('rm', `${run}/${id}.json`);
    expect((await report()).phantoms).toHaveLength(4);
    // Other commits with the same trailers, as a rebase makes them, are as good.
    for (const name of ['a.txt', 'b.txt', 'c.txt']) rig.call('rm', name);
    git('reset', '-q', '--hard', 'ORIG_HEAD');
    git('commit', '-q', '--amend', '--no-edit', '--date', '2020-01-01T00:00:00Z');
    expect((await report()).phantoms).toEqual([]);
  });
});

describe('the evidence hook', () => {
  const THREE = ['- [x] T001 Say $(touch pwned) `x`', '- [x] T002 Two', '- [ ] T003 Three'];

  it('is asked about each ticked task, with the task in variables', async () => {
    tasks(...THREE);
    const hook = 'echo "$IMPLEMENT_TASK_ID: $IMPLEMENT_TASK_TITLE"; test "$IMPLEMENT_TASK_ID" = T001';
    const asked = await rig.run(['verify', '--evidence-hook', hook]);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toBe(
      'T001 evidence hook:\n  │ T001: Say $(touch pwned) `x`\nT002 evidence hook:\n  │ T002: Two\n',
    );
    expect(asked.stdout).toContain(
      'not done: T002 Two\n  ✗ the evidence hook says no (exit code 1): the hook is asked about each ticked task',
    );
    expect(rig.exists('pwned')).toBe(false);
    const byVariable = await rig.run(['verify', '-q'], { env: { EVIDENCE_HOOK: 'true' } });
    expect(byVariable).toMatchObject({ code: 0, stdout: 'tasks.md: 2 ticked tasks: 2 held\n', stderr: '' });
  });

  it('shows no secrets and no control codes', async () => {
    tasks('- [x] T001 One');
    const env = { API_KEY: 'sesame-open', EVIDENCE_HOOK: 'printf "key $API_KEY \\033[31mred\\033[0m\\n"' };
    expect((await rig.run(['verify'], { env })).stderr).toBe('T001 evidence hook:\n  │ key *** red\n');
  });

  it('ends with the command, and then nothing is changed', async () => {
    tasks('- [x] T001 Create a.ts', '- [x] T002 Create b.ts');
    const run = rig.start(['verify', '--fix', '--evidence-hook', stage.command], { env: stage.env });
    const actor = await stage.next('T001');
    run.send('SIGINT');
    await actor.gone;
    expect((await run.ended).code).toBe(130);
    expect(rig.read('tasks.md')).not.toContain('[ ]');
    expect(stage.seen).toEqual(['T001']);
  });
});

describe('records', () => {
  interface Written {
    task: string;
    attempt: number;
    commit: string | null;
    attribution: string;
    files: { path: string }[] | null;
    verification: { command: string; exitCode: number; lastLine: string | null } | null;
  }
  const path = (id: string): string => `.implement/runs/${rig.runs().at(-1)}/${id}.json`;
  const record = (id: string): Written => JSON.parse(rig.read(path(id))) as Written;

  it('are left of each done task, for its owner alone', async () => {
    tasks('- [ ] T001 One', '- [ ] T002 Two', '- [ ] T003 Three');
    const env = { API_KEY: 'sesame-open' };
    await rig.run(
      ['--exec', 'test $IMPLEMENT_TASK_ID != T002', '--retries', '0', '--verify', 'echo fine; : sesame-open'],
      { env },
    );
    expect(record('T001')).toMatchObject({
      task: 'T001',
      attempt: 1,
      commit: null,
      attribution: 'alone',
      files: null,
      verification: { command: 'echo fine; : ***', exitCode: 0, lastLine: 'fine' },
    });
    expect(statSync(rig.path(path('T001'))).mode & 0o777).toBe(0o600);
    expect(rig.exists(path('T002'))).toBe(false);
  });

  it('name the commit and its files, or say that nobody can tell', async () => {
    const { git, work } = commitIn(rig, TASKS, SCRIPT);
    await work();
    expect(record('T004')).toMatchObject({
      commit: git('rev-parse', 'HEAD').trim(),
      attribution: 'commit',
      files: [{ path: 'a.txt', how: 'modified' }],
    });
  });

  it('say that nobody can tell where tasks shared a tree', async () => {
    tasks('- [ ] T001 [P] One', '- [ ] T002 [P] Two');
    const run = rig.start(['-j', '2', '--exec', stage.command], { env: stage.env });
    const actors = [await stage.next('T001'), await stage.next('T002')];
    for (const actor of actors) await actor.exit();
    expect((await run.ended).code).toBe(0);
    expect(['T001', 'T002'].map((id) => record(id).attribution)).toEqual(['not attributable', 'not attributable']);
  });

  it('that a crash kept from being written are written by --continue', async () => {
    tasks('- [ ] T001 One', '- [ ] T002 Two');
    const run = rig.start(['--exec', stage.command], { env: stage.env });
    await (await stage.next('T001')).exit();
    await stage.next('T002');
    run.send('SIGKILL');
    await run.ended;
    await rig.endAll();
    rig.call('rm', '-f', path('T001'));
    const again = rig.start(['--continue'], { env: stage.env });
    await (await stage.next('T002')).exit();
    expect((await again.ended).code).toBe(0);
    expect(record('T001')).toMatchObject({ task: 'T001', attempt: 1, attribution: 'alone' });
    expect(record('T002')).toMatchObject({ task: 'T002', attempt: 2 });
    expect(rig.runs()).toHaveLength(1);
  });
});
