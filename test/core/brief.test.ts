import { describe, expect, test } from 'vitest';
import { checkWork, commandsIn, runEnv, TASK_VARIABLES, taskEnv, workOf } from '../../src/core/brief.ts';
import { draw } from '../../src/core/caret.ts';
import type { Task } from '../../src/core/task.ts';
import { planOf } from '../support/random-plan.ts';

const TEXT = `## Phase 1: User Story 1 (Priority: P1)

- [ ] T001 [P] [US1+US2] Make \`src/a.ts\` and src/b.ts; $(rm -rf /)
  - Mind the edges
  \`\`\`sh run
  echo one
  \`\`\`
  \`\`\`js run
  console.log(2)
  \`\`\`
- [ ] T002 [ALL] Tidy
`;
const plan = planOf(TEXT);
const [one, two] = plan.tasks as [Task, Task];
const context = {
  plan,
  run: '20260101-120000-0000',
  attempt: 2,
  slot: 3,
  tasksFile: '/p/tasks.md',
  conflict: null,
  feedback: '/p/.implement/runs/r/T001.1.log',
};

describe('taskEnv', () => {
  test('tells the task, its place and what the last attempt said', () => {
    expect(taskEnv(one, context)).toEqual({
      IMPLEMENT_RUN_ID: '20260101-120000-0000',
      IMPLEMENT_TASKS_FILE: '/p/tasks.md',
      IMPLEMENT_SLOT: '3',
      IMPLEMENT_TASK_ID: 'T001',
      IMPLEMENT_TASK_TITLE: one.title,
      IMPLEMENT_TASK_STORY: 'US1,US2',
      IMPLEMENT_TASK_PHASE: 'Phase 1: User Story 1 (Priority: P1)',
      IMPLEMENT_TASK_PRIORITY: 'P1',
      IMPLEMENT_TASK_PATHS: 'src/a.ts\nsrc/b.ts',
      IMPLEMENT_TASK_ATTEMPT: '2',
      IMPLEMENT_FEEDBACK_FILE: '/p/.implement/runs/r/T001.1.log',
    });
  });

  test('leaves empty what there is not, and out the feedback of a first attempt', () => {
    const bare = planOf('- [ ] T001 Make a\n');
    const env = taskEnv(bare.tasks[0] as Task, { ...context, plan: bare, feedback: null, conflict: null });
    expect(env).toMatchObject({ IMPLEMENT_TASK_STORY: '', IMPLEMENT_TASK_PHASE: '', IMPLEMENT_TASK_PRIORITY: '' });
    expect('IMPLEMENT_FEEDBACK_FILE' in env).toBe(false);
  });

  test('uses no name that is not known to be its own', () => {
    const known: readonly string[] = TASK_VARIABLES;
    expect(Object.keys(taskEnv(one, context)).filter((name) => !known.includes(name))).toEqual([]);
    expect(Object.keys(runEnv(context))).toEqual(['IMPLEMENT_RUN_ID', 'IMPLEMENT_TASKS_FILE', 'IMPLEMENT_SLOT']);
  });
});

const NO_AGENT = { agent: null, model: null, agentArgs: null, yolo: 'off' } as const;

describe('workOf', () => {
  test('gives the scripts of the task in order when they are allowed, else the command, else nothing', () => {
    const scripts = [
      { kind: 'script', language: 'sh', source: 'echo one\n' },
      { kind: 'script', language: 'js', source: 'console.log(2)\n' },
    ];
    const trimmed = (work: readonly object[]) =>
      work.map((piece) => ('source' in piece ? { ...piece, source: `${String(piece.source).trim()}\n` } : piece));
    expect(trimmed(workOf(one, { ...NO_AGENT, scripts: true, exec: 'make' }))).toEqual(scripts);
    expect(workOf(two, { ...NO_AGENT, scripts: true, exec: 'make "$X"' })).toEqual([
      { kind: 'exec', command: 'make "$X"' },
    ]);
    expect(workOf(one, { ...NO_AGENT, scripts: false, exec: 'make' })).toEqual([{ kind: 'exec', command: 'make' }]);
    expect(workOf(one, { ...NO_AGENT, scripts: false, exec: null })).toEqual([]);
  });
});

test('an agent gets what has no script, with its arguments apart', () => {
  const agent = { agent: 'claude', model: 'm', agentArgs: `--a 'b c' "" d\\ e`, yolo: 'worktree', exec: null } as const;
  const work = { kind: 'agent', agent: 'claude', model: 'm', args: ['--a', 'b c', '', 'd e'], yolo: true };
  const plan = planOf(TEXT);
  expect(plan.tasks.map((task) => workOf(task, { ...agent, scripts: false }))).toEqual(plan.tasks.map(() => [work]));
  expect(workOf(plan.tasks[0] as Task, { ...agent, scripts: true })[0]).toMatchObject({ kind: 'script' });
});

describe('checkWork', () => {
  const said = (text: string, options: { scripts: boolean; exec: string | null }): string[] => {
    const read = planOf(text);
    return checkWork(read.tasks, { ...NO_AGENT, ...options }).map(
      (one) => draw(one, read.source).split('\n')[0] as string,
    );
  };

  test('finds nothing wrong where every task has work', () => {
    expect(said(TEXT, { scripts: false, exec: 'make' })).toEqual([]);
    expect(said(TEXT, { scripts: true, exec: 'make' })).toEqual([]);
  });

  test('names scripts that are not allowed, and tasks with nothing to run', () => {
    expect(said(TEXT, { scripts: false, exec: null })).toEqual([
      'tasks.md:5:3: error[script-not-allowed]: T001 has a script of its own, and the commands of a task file run only when you allow them.',
      'tasks.md:11:1: error[nothing-to-run]: T002 has nothing to run.',
    ]);
    expect(said(TEXT, { scripts: true, exec: null })).toEqual([
      'tasks.md:11:1: error[nothing-to-run]: T002 has nothing to run.',
    ]);
  });

  test('names a few of many', () => {
    const many = Array.from({ length: 7 }, (_, i) => `- [ ] T00${i + 1} Make part ${i}`).join('\n');
    expect(said(many, { scripts: false, exec: null })).toEqual([
      'tasks.md:1:1: error[nothing-to-run]: T001, T002, T003, T004, T005 and 2 more have nothing to run.',
    ]);
    expect(said(many.split('\n').slice(0, 2).join('\n'), { scripts: false, exec: null })[0]).toContain(
      'T001 and T002 have',
    );
  });

  test('refuses a script that no process can be given', () => {
    const long = `- [ ] T001 Make a\n  \`\`\`sh run\n  # ${'x'.repeat(130_000)}\n  \`\`\`\n`;
    expect(said(long, { scripts: true, exec: null })).toEqual([
      'tasks.md:2:3: error[script-too-long]: The script of T001 is longer than a process can be given.',
    ]);
    expect(said(long, { scripts: false, exec: 'make' })).toEqual([]);
  });
});

test('commandsIn changes with every command of the file, and with nothing else', () => {
  const base = commandsIn(plan);
  expect(commandsIn(planOf(TEXT.replace('Tidy', 'Tidy up').replace('[ ] T001', '[x] T001')))).toBe(base);
  expect(commandsIn(planOf(TEXT.replace('echo one', 'echo two')))).not.toBe(base);
  expect(commandsIn(planOf(TEXT.replace('sh run', 'bash run')))).not.toBe(base);
  expect(commandsIn(planOf(`---\nverify: npm test\n---\n${TEXT}`))).not.toBe(base);
});
