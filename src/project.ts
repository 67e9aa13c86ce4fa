/**
 * Where things are: the task file, the project root. Looks at the disk and decides nothing about tasks.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CONFIGURATIONS } from './config/names.ts';
import { type Diagnostic, error, fail, ok, type Result } from './core/diagnostic.ts';
import { nearest } from './core/suggest.ts';

export interface TaskFile {
  /** Absolute, links resolved. */
  readonly path: string;
  /** As the user would write it: relative to where they are. */
  readonly name: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface Project {
  /** Absolute path of the project root: tasks run here, the state directory lies here. */
  readonly root: string;
  /** The task file relative to the root, `/` as separator. */
  readonly file: string;
}

/**
 * Finds the task file: the one named, else `./tasks.md`, else the feature that spec-kit names, else the only one of
 * `specs/*` and `features/*`. Errors: `file-missing`, `file-ambiguous`, and those of `readTaskFile`.
 */
export function findTaskFile(
  named: string | null,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Result<TaskFile> {
  if (named !== null) return readTaskFile(resolve(cwd, named), cwd);
  if (existsSync(join(cwd, 'tasks.md'))) return readTaskFile(join(cwd, 'tasks.md'), cwd);
  const bases = [...new Set([cwd, projectRoot(join(cwd, 'tasks.md'))])];
  for (const base of bases) {
    if (existsSync(join(base, 'tasks.md'))) return readTaskFile(join(base, 'tasks.md'), cwd);
    const feature = featureOf(base, env);
    if (feature !== null) {
      const path = join(feature.folder, 'tasks.md');
      if (existsSync(path)) return readTaskFile(path, cwd);
      return fail(
        error(
          'file-missing',
          `${feature.source} names the feature ${show(feature.folder, cwd)}, but there is no tasks.md in it.`,
          null,
          {
            hint: 'Make its task list first (/speckit.tasks), or name the file: implement path/to/tasks.md',
          },
        ),
      );
    }
    const found = ['specs', 'features'].flatMap((folder) => tasksBelow(join(base, folder)));
    if (found.length === 1) return readTaskFile(found[0] as string, cwd);
    if (found.length > 1) {
      const names = found.map((path) => show(path, cwd));
      const some = names.length > 8 ? `${names.slice(0, 8).join(', ')}, … (${names.length} in all)` : names.join(', ');
      return fail(
        error('file-ambiguous', `There are several task files: ${some}.`, null, {
          hint: `Say which: implement ${names.at(-1)}`,
        }),
      );
    }
  }
  return fail(
    error('file-missing', 'There is no tasks.md here, and no feature that has one.', null, {
      hint: 'Name the file: implement path/to/tasks.md. Looked for ./tasks.md, .specify/feature.json, SPECIFY_FEATURE, specs/*/tasks.md and features/*/tasks.md.',
    }),
  );
}

interface Feature {
  readonly folder: string;
  readonly source: string;
}

/** The feature that spec-kit works on: `.specify/feature.json` (`feature_directory`), else `SPECIFY_FEATURE`. */
function featureOf(base: string, env: Readonly<Record<string, string | undefined>>): Feature | null {
  const path = join(base, '.specify', 'feature.json');
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const fields = content as Record<string, unknown>;
    const named = fields['feature_directory'] ?? fields['featureDirectory'] ?? fields['feature'];
    if (typeof named === 'string' && named !== '')
      return { folder: inSpecs(base, named), source: '.specify/feature.json' };
  } catch {
    // No such file, or not one that names a feature: the next way decides.
  }
  const named = env['SPECIFY_FEATURE'];
  return named === undefined || named === '' ? null : { folder: inSpecs(base, named), source: 'SPECIFY_FEATURE' };
}

function inSpecs(base: string, named: string): string {
  const direct = resolve(base, named);
  return named.includes('/') || isAbsolute(named) || existsSync(join(direct, 'tasks.md'))
    ? direct
    : join(base, 'specs', named);
}

function tasksBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => join(folder, entry.name, 'tasks.md'))
      .filter((path) => existsSync(path))
      .sort();
  } catch {
    return [];
  }
}

/** Reads and decodes a task file. Errors: `file-missing`, `file-is-directory`, `file-unreadable`, `file-not-utf8`, `file-empty`. */
export function readTaskFile(path: string, cwd: string): Result<TaskFile> {
  const name = show(path, cwd);
  let bytes: Uint8Array;
  let real: string;
  try {
    real = realpathSync(path);
    const found = statSync(real);
    if (found.isDirectory()) return fail(isDirectory(path, name));
    if (!found.isFile()) return fail(error('file-unreadable', `${name} is not a regular file.`, null));
    bytes = readFileSync(real);
  } catch (cause) {
    return fail(unreadable(path, name, cause));
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return fail(error('file-not-utf8', `${name} is UTF-16, not UTF-8.`, null, { hint: 'Save it as UTF-8.' }));
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail(
      error('file-not-utf8', `${name} is not UTF-8: byte ${firstBadByte(bytes)} belongs to no character.`, null, {
        hint: 'Save it as UTF-8.',
      }),
    );
  }
  if (text.replace(/^\uFEFF/, '').trim() === '') {
    return fail(
      error('file-empty', `${name} is empty.`, null, {
        hint: 'Write a task first: "- [ ] T001 Create the user model in src/models/user.ts".',
      }),
    );
  }
  return ok({ path: real, name, text, bytes });
}

/** What may be meant by a word in the place of the file. */
const COMMAND_NAMES = [
  'plan',
  'explain',
  'prompt',
  'graph',
  'status',
  'config',
  'history',
  'worktrees',
  'clean',
  'undo',
  'verify',
  'doctor',
  'init',
];

function isDirectory(path: string, name: string): Diagnostic {
  const inside = existsSync(join(path, 'tasks.md'));
  return error('file-is-directory', `${name} is a directory, not a task file.`, null, {
    hint: inside ? `Did you mean ${join(name, 'tasks.md')}?` : 'Name a file: implement path/to/tasks.md',
  });
}

function unreadable(path: string, name: string, cause: unknown): Diagnostic {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  if (code !== 'ENOENT' && code !== 'ENOTDIR') {
    const why = code === 'EACCES' ? 'permission denied' : code === 'ELOOP' ? 'its links go in a circle' : code;
    return error('file-unreadable', `${name} cannot be read: ${why}.`, null);
  }
  let siblings: string[] = [];
  try {
    siblings = readdirSync(dirname(path));
  } catch {
    // The folder does not exist either.
  }
  const base = path.slice(dirname(path).length + 1);
  const command = dirname(name) === '.' && !base.includes('.') ? nearest(base, COMMAND_NAMES) : null;
  const near = nearest(base, siblings);
  const hint =
    base === 'run'
      ? 'Without a word the command runs the tasks: implement --help tells how.'
      : command !== null
        ? `Did you mean the command implement ${command}?`
        : near === null
          ? 'Check the path, or leave it out to use ./tasks.md.'
          : `Did you mean ${join(dirname(name), near)}?`;
  return error('file-missing', `There is no file ${name}.`, null, { hint });
}

function firstBadByte(bytes: Uint8Array): number {
  // A streaming decoder fails in the chunk that holds the byte; halving finds it.
  const isGood = (length: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isGood(middle)) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/**
 * The project root of a task file: the git top level, else the nearest folder above it that holds `.specify`,
 * `.implement` or a configuration, else its own folder.
 */
export function projectRoot(taskFile: string): string {
  const own = dirname(taskFile);
  let marked: string | null = null;
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (marked === null && ['.specify', '.implement', ...CONFIGURATIONS].some((name) => existsSync(join(folder, name))))
      marked = folder;
    if (dirname(folder) === folder) return marked ?? own;
  }
}

export function projectOf(file: TaskFile): Project {
  const root = projectRoot(file.path);
  return { root, file: relative(root, file.path).split(sep).join('/') };
}

/** A path as the user would write it from `cwd`. */
export function show(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === '' ? '.' : near.startsWith(`..${sep}..${sep}..`) || isAbsolute(near) ? path : near;
}
