/** A repository in a rig's folder, and runs in it whose tasks do what a small script says. */
import type { Ended, Rig, RunOptions } from './rig.ts';

export interface Committed {
  git(...args: string[]): string;
  /** Runs `implement --worktree` with the script, one task at a time unless said otherwise. */
  work(args?: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Subjects of the branch that is checked out, newest first. */
  subjects(): string[];
  /** What `git status` has to say, one line per file. */
  dirty(): string[];
}

/**
 * Makes the repository, with `tasks.md` and `do.sh` in its first commit.
 * @param script a line of shell per task id; it runs in the worktree of the attempt.
 */
export function commitIn(rig: Rig, tasks: string, script: Readonly<Record<string, string>>): Committed {
  const git = (...args: string[]): string => rig.call('git', ...args);
  git('init', '-q', '-b', 'main');
  rig.write('tasks.md', tasks);
  const cases = Object.entries(script).map(([id, line]) => `${id}) ${line};;`);
  rig.write('do.sh', `case $IMPLEMENT_TASK_ID in\n${cases.join('\n')}\nesac\n`);
  git('add', '-A');
  git('commit', '-qm', 'Start');
  return {
    git,
    work: (args = [], options = {}) =>
      rig.run(['--worktree', '--retries', '0', '--exec', 'sh do.sh', ...args], options),
    subjects: () => git('log', '--format=%s').trim().split('\n'),
    dirty: () =>
      git('status', '--porcelain')
        .split('\n')
        .filter((line) => line !== ''),
  };
}

export const TASKS = `# Tasks

## Phase 1: Setup

- [ ] T001 Create a.txt

## Phase 2: User Story 1 (Priority: P1)

- [ ] T002 [P] [US1] Create b.txt
- [ ] T003 [P] [US1] Create c.txt (depends on T002)

## Phase 3: User Story 2

- [ ] T004 [US2] Extend a.txt
`;

export const SCRIPT = {
  T001: 'echo a > a.txt',
  T002: 'echo b > b.txt',
  T003: 'echo c > c.txt',
  T004: 'echo more >> a.txt',
};
