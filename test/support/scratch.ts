/** A repository in a temporary folder, as the rooms of the product see it. Knows git, and nothing of runs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createGit, type Git } from '../../src/workspaces/git.ts';
import { openRepository, type Repository } from '../../src/workspaces/repository.ts';

export interface Scratch {
  readonly dir: string;
  readonly api: Git;
  git(...args: string[]): string;
  path(name: string): string;
  /** `null` removes the file. */
  write(files: Readonly<Record<string, string | null>>): void;
  /** Commits everything; gives the object id. */
  commit(message: string, files?: Readonly<Record<string, string | null>>): string;
  repository(): Promise<Repository>;
}

const ENV = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

function createScratch(): Scratch & { remove(): void } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-git-')));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: dir, env: ENV, encoding: 'utf8' }).trimEnd();
  const api = createGit({ env: ENV, marks: {}, sleep: async () => {} });
  const path = (name: string): string => join(dir, name);
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.org');
  const scratch = {
    dir,
    api,
    git,
    path,
    write(files: Readonly<Record<string, string | null>>) {
      for (const [name, text] of Object.entries(files)) {
        if (text === null) rmSync(path(name), { recursive: true, force: true });
        else {
          mkdirSync(dirname(path(name)), { recursive: true });
          writeFileSync(path(name), text);
        }
      }
    },
    commit(message: string, files: Readonly<Record<string, string | null>> = {}) {
      scratch.write(files);
      git('add', '--all');
      git('commit', '-q', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
    async repository() {
      const opened = await openRepository({
        git: api,
        root: dir,
        tasksFile: path('tasks.md'),
        stateDirs: [path('.implement')],
        branch: null,
        env: ENV,
      });
      if (!opened.ok) throw new Error(opened.diagnostics[0]?.message);
      return opened.value;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  return scratch;
}

/** A repository for each test of a file. */
export function useScratch(): Scratch {
  const held: { scratch: ReturnType<typeof createScratch> | null } = { scratch: null };
  beforeEach(() => {
    held.scratch = createScratch();
  });
  afterEach(() => held.scratch?.remove());
  return new Proxy({} as Scratch, { get: (_target, name) => (held.scratch as Scratch)[name as keyof Scratch] });
}
