/** Resources with real processes and real git, through the library: what must not meet does not meet. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent, RunOptions } from '../../src/core/event.ts';
import type { RunReport } from '../../src/core/report.ts';
import { DEFAULT_SETTINGS, type Resource } from '../../src/core/settings.ts';
import type { Engine } from '../../src/engine.ts';
import { readTaskFile, run, systemClock } from '../../src/index.ts';

let dir = '';
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-resources-')));
  mkdirSync(join(dir, 'project'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const TASKS = `- [ ] T001 [P] [DB] Make a.txt
- [ ] T002 [P] [DB] Make b.txt
- [ ] T003 [P] Make c.txt
- [ ] T004 [P] Make d.txt
`;
const RESOURCES: readonly Resource[] = [
  { name: 'db', slots: 1, labels: ['db'], phases: [], paths: [], verify: false },
  { name: 'e2e', slots: 1, labels: [], phases: [], paths: [], verify: true },
];

/** Fails where another of the same name is there: two that meet are two that fail. */
const alone = (name: string): string => `mkdir "$LOCKS/${name}" || exit 3; sleep 0.05; rmdir "$LOCKS/${name}"`;
const WORK = `case $IMPLEMENT_TASK_ID in T001|T002) ${alone('db')};; esac; echo made > "made-$IMPLEMENT_TASK_ID"`;

interface Ran {
  readonly report: RunReport;
  readonly events: readonly RunEvent[];
  readonly notes: readonly string[];
}

async function runTasks(
  given: Partial<RunOptions>,
  hear: (event: RunEvent, engine: Pick<Engine, 'interrupt'>) => void = () => {},
  resources: readonly Resource[] = RESOURCES,
): Promise<Ran> {
  const cwd = join(dir, 'project');
  const file = readTaskFile(join(cwd, 'tasks.md'), cwd);
  if (!file.ok) throw new Error('no file');
  const events: RunEvent[] = [];
  const notes: string[] = [];
  let engine: Pick<Engine, 'interrupt'> = { interrupt: () => {} };
  const ended = await run(
    {
      file: file.value,
      resume: false,
      given: { parallel: true, jobs: 4, retries: 0, ...given },
      configured: {},
      settings: { ...DEFAULT_SETTINGS, resources },
      stateDir: null,
      said: { stateDir: null, cwd: null, config: null },
      graceMs: 100,
      version: '0.0.0',
    },
    {
      cwd,
      env: environment(),
      clock: systemClock,
      reporter: {
        begin: () => {},
        on(event) {
          events.push(event);
          hear(event, engine);
        },
        note: (one) => void notes.push(one.message),
        end: () => {},
      },
      onEngine(made) {
        engine = made;
      },
    },
  );
  if (!ended.ok) throw new Error(ended.diagnostics.map((one) => one.message).join('\n'));
  return { report: ended.value, events, notes };
}

function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: dir,
    LOCKS: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Rig',
    GIT_AUTHOR_EMAIL: 'rig@example.org',
    GIT_COMMITTER_NAME: 'Rig',
    GIT_COMMITTER_EMAIL: 'rig@example.org',
  };
}

function git(...args: readonly string[]): string {
  const called = spawnSync('git', args, { cwd: join(dir, 'project'), env: environment(), encoding: 'utf8' });
  if (called.status !== 0) throw new Error(`git ${args.join(' ')}: ${called.stderr}`);
  return called.stdout;
}

const write = (name: string, text: string): void => writeFileSync(join(dir, 'project', name), text);

const stepsOf = (events: readonly RunEvent[], kind: RunEvent['kind']): string[] =>
  events.flatMap((event) => (event.kind === kind && 'step' in event ? [event.step] : []));

test('tasks and verifications that share something never meet, and the rest goes on beside them', async () => {
  write('tasks.md', TASKS);
  const { report, events } = await runTasks({ exec: WORK, verify: alone('e2e'), verifyEnd: alone('e2e') });
  expect([report.exitCode, report.status]).toEqual([0, 'complete']);
  expect(stepsOf(events, 'verification-started').toSorted()).toEqual(['T001', 'T002', 'T003', 'T004']);
  const first = events.findIndex((event) => event.kind === 'attempt-ended');
  expect(stepsOf(events.slice(0, first), 'attempt-started')).toEqual(['T001', 'T003', 'T004']);
});

test('without a resource of verifications nothing is recorded of them', async () => {
  write('tasks.md', TASKS);
  const [db] = RESOURCES as [Resource];
  const { report, events } = await runTasks({ exec: WORK, verify: 'true' }, undefined, [db]);
  expect(report.exitCode).toBe(0);
  expect(stepsOf(events, 'verification-started')).toEqual([]);
});

test('in worktrees, verifications of merges take turns as well', async () => {
  write('tasks.md', TASKS);
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'Begin');
  const { report, events } = await runTasks({ worktree: true, commit: true, exec: WORK, verify: alone('e2e') });
  expect(report.tasks.map((task) => [task.id, task.status])).toEqual(
    ['T001', 'T002', 'T003', 'T004'].map((id) => [id, 'done']),
  );
  // Once each for the attempt, and again for each merge onto what others have merged meanwhile.
  expect(stepsOf(events, 'verification-started').length).toBeGreaterThan(4);
  expect(git('log', '--format=%s').split('\n')).toHaveLength(6);
});

test('a stop ends what waits for its turn, and starts no verification any more', async () => {
  write('tasks.md', TASKS);
  const { report, events } = await runTasks({ exec: 'true', verify: 'sleep 60' }, (event, engine) => {
    if (event.kind === 'verification-started') engine.interrupt('SIGTERM', 2);
  });
  expect(report.exitCode).toBe(143);
  expect(stepsOf(events, 'verification-started')).toHaveLength(1);
  expect(new Set(report.tasks.map((task) => task.status))).toEqual(new Set(['cancelled', 'pending']));
});

test('a rule that looks misspelt is told before anything runs', async () => {
  write('tasks.md', TASKS.replaceAll('[DB]', '[DATABASE]'));
  const misspelt: Resource = { name: 'db', slots: 1, labels: ['DATABSE'], phases: [], paths: [], verify: false };
  const { notes } = await runTasks({ exec: 'true' }, undefined, [misspelt]);
  expect(notes).toEqual(['The resource db names the label DATABSE, which no task has.']);
});
