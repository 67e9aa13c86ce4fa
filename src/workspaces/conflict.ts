/**
 * A merge conflict as the next attempt needs it: the paths, what stood there, both sides, and whose the other side is.
 * Knows git's plumbing; decides nothing.
 */
import { type Git, type GitPlace, records, shown } from './git.ts';

export interface ConflictPath {
  readonly path: string;
  /** Text in the commit from which the attempt started; `null`: no such file, or no text. */
  readonly base: string | null;
  /** Text in the target now. */
  readonly theirs: string | null;
  /** Text that the attempt made. */
  readonly ours: string | null;
  /** Both, with conflict markers. */
  readonly merged: string | null;
}

export interface Conflict {
  readonly base: string;
  readonly theirs: string;
  readonly ours: string;
  /** Tasks that changed these paths meanwhile. */
  readonly tasks: readonly string[];
  readonly paths: readonly ConflictPath[];
}

interface Sides {
  readonly base: string;
  readonly head: string;
  readonly commit: string;
  /** The tree of the merge, with conflict markers in its files. */
  readonly tree: string;
  /** One character per byte. */
  readonly paths: readonly string[];
}

/** A longer file is left out; its path is still named. In bytes. */
const LONGEST = 256 * 1024;

export async function conflictOf(
  git: Git,
  place: GitPlace,
  { base, head, commit, tree, paths }: Sides,
): Promise<Conflict> {
  const unique = [...new Set(paths)];
  const text = async (commitish: string, path: string): Promise<string | null> => {
    const name = Buffer.concat([Buffer.from(`${commitish}:`), Buffer.from(path, 'latin1')]);
    const found = await git.ask(place, ['cat-file', '--batch'], Buffer.concat([name, Buffer.from('\n')]));
    const end = found.stdout.indexOf(10);
    const header = found.stdout.subarray(0, end).toString('latin1');
    if (found.code !== 0 || path.includes('\n') || !/ blob \d+$/.test(header)) return null;
    const content = found.stdout.subarray(end + 1, -1);
    return content.length > LONGEST || content.includes(0) ? null : content.toString('utf8');
  };
  const listed = unique.map((path) => `:(top,literal)${shown(path)}`);
  const [log, ...sides] = await Promise.all([
    git.ask(place, [
      'log',
      '-z',
      '--format=%(trailers:key=Implement-Task,valueonly,separator=%x2C)',
      `${base}..${head}`,
      '--',
      ...listed,
    ]),
    ...unique.map(async (path): Promise<ConflictPath> => {
      const [before, theirs, ours, merged] = await Promise.all(
        [base, head, commit, tree].map((one) => text(one, path)),
      );
      return {
        path: shown(path),
        base: before ?? null,
        theirs: theirs ?? null,
        ours: ours ?? null,
        merged: merged ?? null,
      };
    }),
  ]);
  const tasks = records(log.stdout)
    .map((one) => shown(one).trim())
    .filter((one) => one !== '');
  return { base, theirs: head, ours: commit, tasks: [...new Set(tasks)], paths: sides };
}
