/**
 * Git through its command line: how it is started, what its environment may hold, how its failures are read. Knows no
 * tasks and no worktrees.
 */
import { copyFileSync, statSync, utimesSync } from 'node:fs';
import { execa } from 'execa';

/** Git said no. Thrown inside this room only; whoever answers to the outside turns it into a value. */
export class GitFault extends Error {
  readonly code: number | null;
  /** What git printed on standard error, trimmed. */
  readonly said: string;
  constructor(args: readonly string[], code: number | null, said: string) {
    super(`git ${args.find((arg) => !arg.startsWith('-')) ?? ''}: ${firstFault(said) || `exit code ${code}`}`);
    this.code = code;
    this.said = said;
  }
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Where a call works. Without `gitDir` git looks for the repository itself. */
export interface GitPlace {
  readonly dir: string;
  /** Named, so that nothing that lies in the tree can send git elsewhere. */
  readonly gitDir?: string;
  /** Another index than that of the work tree. */
  readonly index?: string;
  /** With nothing but the user's own settings. */
  readonly asConfigured?: boolean;
}

export interface Git {
  /** Any exit code is an answer. Throws only where git cannot be started. */
  ask(place: GitPlace, args: readonly string[], input?: string | Buffer): Promise<GitResult>;
  /** Standard output; throws `GitFault` on any other exit code than 0. */
  run(place: GitPlace, args: readonly string[], input?: string | Buffer): Promise<Buffer>;
  /** The same, as one trimmed line. */
  line(place: GitPlace, args: readonly string[], input?: string | Buffer): Promise<string>;
}

export interface GitInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that mark git's processes as those of a run. */
  readonly marks: Readonly<Record<string, string>>;
  /** Settles after so many ms. */
  sleep(ms: number): Promise<void>;
}

/** What would send git to another repository, index or object store than the one meant (`git rev-parse --local-env-vars`). */
export const LOCAL_VARIABLES = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_COUNT',
  'GIT_OBJECT_DIRECTORY',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_GRAFT_FILE',
  'GIT_INDEX_FILE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_REPLACE_REF_BASE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_COMMON_DIR',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_EXTERNAL_DIFF',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
] as const;

/** Hooks run only where they are meant to; nothing is left behind that watches or collects. */
const QUIET = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
];

/** Waits before a locked file is tried again, in ms. */
const PATIENCE = [30, 100, 300, 700];

export function createGit({ env, marks, sleep }: GitInput): Git {
  const base: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) base[name] = value;
  for (const name of LOCAL_VARIABLES) delete base[name];
  Object.assign(base, {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    ...marks,
  });

  async function ask(place: GitPlace, args: readonly string[], input?: string | Buffer): Promise<GitResult> {
    for (let attempt = 0; ; attempt++) {
      const result = await start(place, args, input);
      const wait = PATIENCE[attempt];
      if (result.code === 0 || wait === undefined || !isLocked(result.stderr)) return result;
      await sleep(wait);
    }
  }

  async function start(place: GitPlace, args: readonly string[], input?: string | Buffer): Promise<GitResult> {
    const own = { ...base };
    if (place.gitDir !== undefined) Object.assign(own, { GIT_DIR: place.gitDir, GIT_WORK_TREE: place.dir });
    if (place.index !== undefined) own['GIT_INDEX_FILE'] = place.index;
    const result = await execa('git', place.asConfigured === true ? [...args] : [...QUIET, ...args], {
      cwd: place.dir,
      env: own,
      extendEnv: false,
      encoding: 'buffer',
      stripFinalNewline: false,
      maxBuffer: 1 << 30,
      reject: false,
      cleanup: false,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    });
    if (result.exitCode === undefined && result.signal === undefined) {
      throw new GitFault(args, null, `cannot be started: ${result.code ?? result.shortMessage}`);
    }
    return {
      code: result.exitCode ?? 128,
      stdout: Buffer.from(result.stdout),
      stderr: Buffer.from(result.stderr).toString('utf8'),
    };
  }

  const git: Git = {
    ask,
    async run(place, args, input) {
      const result = await ask(place, args, input);
      if (result.code !== 0) throw new GitFault(args, result.code, result.stderr.trim());
      return result.stdout;
    },
    async line(place, args, input) {
      return (await git.run(place, args, input)).toString('utf8').trim();
    },
  };
  return git;
}

/** Another git process holds a lock file for the moment. */
function isLocked(stderr: string): boolean {
  return /Unable to create '.*\.lock': File exists/.test(stderr);
}

/** The line of git's complaint that says most. */
function firstFault(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const found = lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines[0] ?? '';
  return found.replace(/^(?:fatal|error): /, '').trim();
}

/**
 * Copies an index with its time: git takes a file for unchanged if it was written before the index was, and looks into
 * it if both fall into the same second.
 */
export function copyIndex(from: string, to: string): void {
  copyFileSync(from, to);
  const { atime, mtime } = statSync(from);
  utimesSync(to, atime, mtime);
}

/** Records that end with NUL, as text in which each character is one byte: names of files need not be UTF-8. */
export function records(output: Buffer): string[] {
  const text = output.toString('latin1');
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** A name as people read it. */
export function shown(raw: string): string {
  return Buffer.from(raw, 'latin1').toString('utf8');
}

/** Paths below `dir` (absolute) that git tracks; empty where there is no repository or no git. */
export async function trackedFiles(dir: string): Promise<string[]> {
  const result = await execa('git', ['-C', dir, 'ls-files', '-z', '--', '.'], {
    reject: false,
    stdin: 'ignore',
    encoding: 'buffer',
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
  });
  return result.exitCode === 0 ? records(Buffer.from(result.stdout)).map(shown) : [];
}
