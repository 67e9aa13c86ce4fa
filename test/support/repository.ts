/**
 * A git repository in a rig's folder, and tasks whose work the test writes as shell scripts: runs them, and reads the
 * history that came of it. Knows git as a person does, through its commands; nothing of how the product uses it.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { program } from './attempt.ts';
import type { Ended, Rig, RunOptions, Started } from './rig.ts';

/** A commit as `git log` tells it. */
export interface Commit {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly subject: string;
  /** The whole message. */
  readonly message: string;
  /** `Implement-Task` and so on, without the prefix, in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
  /** `A src/a.txt`, sorted by path. */
  readonly files: readonly string[];
}

interface Playing extends RunOptions {
  /** Without it: `--parallel --worktree --retries 0`. */
  readonly flags?: readonly string[];
}

export interface Repo {
  /** A folder outside the repository, for scripts and for what tasks say to each other: `$PLAY`. */
  readonly outside: string;
  /** Makes the repository on `main` with a first commit of these files. */
  init(files: Readonly<Record<string, string>>): void;
  /** `init` with one story for each task, all of which may overlap. */
  stories(ids: readonly string[], files?: Readonly<Record<string, string>>): void;
  /** Git in the folder of the rig; gives what it prints, without the newline at the end. Throws if it fails. */
  git(...args: string[]): string;
  /** Git elsewhere. */
  gitIn(dir: string, ...args: string[]): string;
  commit(message: string, files: Readonly<Record<string, string>>): void;
  /**
   * Runs the command; each task runs its script with `sh` (`default` where it has none). Scripts know `$MAIN` (the
   * user's checkout), `$PLAY`, `say NAME` and `hear NAME` (one waits for the other), `merged ID` (waits until the
   * target holds the task's commit).
   */
  play(scripts: Readonly<Record<string, string>>, options?: Playing): Promise<Ended>;
  start(scripts: Readonly<Record<string, string>>, options?: Playing): Started;
  /** Commits of `range`, oldest first. */
  log(range?: string): Commit[];
  /** Commits of `range` that hold tasks, by task. */
  tasks(range?: string): Map<string, Commit>;
  status(): string;
  /** Text of a file in a commit, to the byte. */
  show(ref: string, path: string): string;
  /** Short names of the branches below `implement/`. */
  waiting(): string[];
  /** Lock files and indexes of strangers in the git directory. */
  locks(): string[];
}

/** How a task file looks in which nothing but `ids` stands, each in a story of its own. */
export function storyFile(ids: readonly string[]): string {
  const phases = ids.map(
    (id, i) =>
      `## Phase ${i + 3}: User Story ${i + 1} - Part ${i + 1} (Priority: P1)\n\n- [ ] ${id} [US${i + 1}] Make ${id}\n`,
  );
  return `# Tasks\n\n${phases.join('\n')}`;
}

const DEFAULT_FLAGS = ['--parallel', '--worktree', '--retries', '0'];

/** For `Playing.flags`: one commit per task in the user's tree. */
export const IN_TREE = ['--commit', '--retries', '0'];

export function createRepo(rig: Rig): Repo & { remove(): void } {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'implement-play-')));

  const gitIn = (dir: string, ...args: string[]): string => {
    const done = spawnSync('git', args, { cwd: dir, env: environment(), encoding: 'utf8', maxBuffer: 1 << 28 });
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}${done.stdout}`);
    return done.stdout.replace(/\n$/, '');
  };
  const git = (...args: string[]): string => gitIn(rig.dir, ...args);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(outside, name)), { recursive: true });
    writeFileSync(join(outside, name), text);
  };

  const repo: Repo & { remove(): void } = {
    outside,
    git,
    gitIn,
    init(files) {
      git('init', '-q', '-b', 'main');
      git('config', 'user.name', 'Ada');
      git('config', 'user.email', 'ada@example.org');
      repo.commit('Start', files);
    },
    stories: (ids, files = {}) => repo.init({ 'tasks.md': storyFile(ids), ...files }),
    commit(message, files) {
      for (const [name, text] of Object.entries(files)) rig.write(name, text);
      git('add', '--all');
      git('commit', '-q', '-m', message);
    },
    play: (scripts, options) => repo.start(scripts, options).ended,
    start(scripts, { flags = DEFAULT_FLAGS, env = {}, ...options } = {}) {
      for (const [id, script] of Object.entries(scripts)) write(`${id}.sh`, script);
      const script = `f="$PLAY/$IMPLEMENT_TASK_ID.sh"; [ -e "$f" ] || f="$PLAY/default.sh"; . "$TOOLS"; . "$f"`;
      return rig.start([...flags, '--exec', script], {
        ...options,
        env: {
          PLAY: outside,
          MAIN: rig.dir,
          TOOLS: program('tools.sh'),
          GIT_AUTHOR_NAME: undefined,
          GIT_AUTHOR_EMAIL: undefined,
          GIT_COMMITTER_NAME: undefined,
          GIT_COMMITTER_EMAIL: undefined,
          ...env,
        },
      });
    },
    log(range = 'main') {
      const format = ['%H', '%P', '%an <%ae>', '%s', '%B', '%(trailers:only,unfold)'].join('%x01');
      const out = git('log', '--topo-order', '--reverse', '-z', `--format=${format}`, range);
      return out
        .split('\0')
        .filter((one) => one !== '')
        .map((one) => {
          const [oid = '', parents = '', author = '', subject = '', message = '', trailers = ''] = one.split('\x01');
          const files = git(
            'diff-tree',
            '--root',
            '-r',
            '-z',
            '--no-commit-id',
            '--no-renames',
            '--name-status',
            oid,
          ).split('\0');
          return {
            oid,
            parents: parents.split(' ').filter((parent) => parent !== ''),
            author,
            subject,
            message,
            trailers: Object.fromEntries(
              [...trailers.matchAll(/^Implement-(\w+): (.*)$/gm)].map((found) => [
                (found[1] ?? '').toLowerCase(),
                found[2] ?? '',
              ]),
            ),
            files: Array.from(
              { length: Math.floor(files.length / 2) },
              (_, i) => `${files[2 * i]} ${files[2 * i + 1]}`,
            ).sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1)),
          };
        });
    },
    tasks(range) {
      const found = new Map<string, Commit>();
      for (const commit of repo.log(range)) {
        const id = commit.trailers['task'];
        if (id === undefined) continue;
        if (found.has(id)) throw new Error(`${id} has two commits`);
        found.set(id, commit);
      }
      return found;
    },
    status: () => git('status', '--porcelain', '--untracked-files=all'),
    show(ref, path) {
      const done = spawnSync('git', ['show', `${ref}:${path}`], { cwd: rig.dir, env: environment(), encoding: 'utf8' });
      if (done.status !== 0) throw new Error(done.stderr);
      return done.stdout;
    },
    waiting: () =>
      git('for-each-ref', '--format=%(refname:short)', 'refs/heads/implement')
        .split('\n')
        .filter((name) => name !== ''),
    locks() {
      const folder = git('rev-parse', '--path-format=absolute', '--git-common-dir');
      if (!existsSync(folder)) return [];
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));
    },
    remove: () => rmSync(outside, { recursive: true, force: true }),
  };
  return repo;
}

/** Git as the test uses it: no configuration but the repository's own. */
function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  };
}

/** Makes a file that can be run. */
export function executable(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** A repository for each test of a file; `rig` comes from `useRig`. */
export function useRepo(rig: Rig): Repo {
  const held: { repo: ReturnType<typeof createRepo> | null } = { repo: null };
  beforeEach(() => {
    held.repo = createRepo(rig);
  });
  afterEach(() => held.repo?.remove());
  return new Proxy({} as Repo, {
    get: (_target, name) => (held.repo as Repo)[name as keyof Repo],
  });
}
