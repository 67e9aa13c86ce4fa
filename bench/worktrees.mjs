/**
 * What isolation costs: tasks that write one file each, in a repository of 5,000 files, with and without worktrees,
 * against what git takes to make and remove a worktree of the same repository.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, middle, runProcess } from './support/measure.mjs';
import { command, workFolder } from './support/paths.mjs';
import { digits, times } from './support/table.mjs';

const WIDTH = 4;
const FILES = 5000;

export default async function worktrees({ rounds = 3, quick = false }) {
  const folder = workFolder();
  const counts = quick ? [20, 40] : [25, 100, 200];
  const files = quick ? 500 : FILES;
  const template = join(folder, 'template');
  makeRepository(template, files);
  const runIn = (count, flags) => () => {
    const cwd = mkdtempSync(join(folder, 'project-'));
    cpSync(template, cwd, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(cwd, 'tasks.md'), taskFile(count));
    git(cwd, 'add', '-A');
    git(cwd, 'commit', '-qm', 'tasks');
    const argv = [
      process.execPath,
      command,
      '-j',
      String(WIDTH),
      ...flags,
      '--exec',
      'mkdir -p src/new; echo done > "$IMPLEMENT_TASK_PATHS"',
    ];
    settle();
    const measured = runProcess(argv, { cwd });
    rmSync(cwd, { recursive: true });
    return measured;
  };
  const cases = {};
  for (const count of counts) {
    cases[`${count} tasks, in the tree`] = runIn(count, ['--overlap=stories']);
    cases[`${count} tasks, worktrees`] = runIn(count, ['--worktree']);
  }
  let turn = 0;
  cases['git worktree add + remove'] = () => {
    const path = join(folder, `reference-${turn++}`);
    settle();
    const began = process.hrtime.bigint();
    git(template, 'worktree', 'add', '--quiet', '--detach', path);
    git(template, 'worktree', 'remove', path);
    return { ms: Number(process.hrtime.bigint() - began) / 1e6, cpuMs: 0 };
  };
  const results = await interleave(cases, rounds);
  const reference = middle(results['git worktree add + remove'], 'ms');
  const rows = counts.map((count) => {
    const plain = middle(results[`${count} tasks, in the tree`], 'ms');
    const own = middle(results[`${count} tasks, worktrees`], 'ms');
    const overhead = (own - plain) / count;
    return [
      String(count),
      digits(plain, 0),
      digits(own, 0),
      digits(overhead, 1),
      digits(reference, 0),
      times(overhead / reference),
    ];
  });
  return [
    {
      title: `Worktrees: one file a task, ${WIDTH} slots, a repository of ${digits(files, 0)} files`,
      note: [
        `${rounds} rounds, whole processes: slots made, changes committed, merged, the checkout following. Overhead: the difference to the same run without`,
        'git, per task. Target: at most half of one `git worktree add` and `remove`, and no growth with the number of tasks.',
      ].join('\n'),
      header: [
        'tasks',
        'in the tree, ms',
        'worktrees, ms',
        'overhead ms a task',
        'add + remove, ms',
        'overhead / add + remove',
      ],
      rows,
    },
  ];
}

/** What making and removing copies has left to do in the file system would slow down whatever is measured next. */
function settle() {
  execFileSync('sync');
  execFileSync('sleep', ['3']);
}

function git(cwd, ...args) {
  execFileSync('git', args, {
    cwd,
    stdio: 'ignore',
    env: {
      ...process.env,
      GIT_AUTHOR_NAME: 'bench',
      GIT_AUTHOR_EMAIL: 'b@b',
      GIT_COMMITTER_NAME: 'bench',
      GIT_COMMITTER_EMAIL: 'b@b',
    },
  });
}

function makeRepository(dir, files) {
  mkdirSync(dir, { recursive: true });
  for (let i = 0; i < files; i++) {
    const sub = join(dir, `src/module-${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, `file-${i}.ts`), `export const value${i} = ${i};\n`.repeat(20));
  }
  git(dir, 'init', '-qb', 'main');
  git(dir, 'config', 'user.name', 'bench');
  git(dir, 'config', 'user.email', 'bench@example.com');
  git(dir, 'add', '-A');
  git(dir, 'commit', '-qm', 'start');
}

function taskFile(count) {
  const lines = ['# Tasks', '', '## Phase 1: Work', ''];
  for (let i = 1; i <= count; i++) lines.push(`- [ ] T${String(i).padStart(3, '0')} [P] Write src/new/task-${i}.ts`);
  return `${lines.join('\n')}\n`;
}
