/**
 * The commits of tasks, read from git by their trailers. Knows the output of `git log`; what the entries mean together
 * is in `core/trail.ts`.
 */
import type { FileChange } from '../core/change.ts';
import { revertedBy, type TrailEntry, titleOf } from '../core/trail.ts';
import { type Git, type GitPlace, records, shown } from './git.ts';

const KEYS = ['Task', 'Undo', 'Run', 'Attempt', 'Story'] as const;
const SEPARATOR = '\x1f';
const FORMAT = [
  '%H',
  '%P',
  '%cI',
  '%s',
  '%b',
  ...KEYS.map((key) => `%(trailers:key=Implement-${key},valueonly,unfold,separator=%x1F)`),
].join('%x00');
const FIELDS = 5 + KEYS.length;

interface Commit {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly date: string;
  readonly subject: string;
  readonly body: string;
  readonly task: readonly string[];
  readonly undo: readonly string[];
  readonly run: string | null;
  readonly attempt: number | null;
  readonly stories: readonly string[];
}

/**
 * Everything on the way to `revision` that belongs to a task, oldest first. A commit that holds several tasks has an
 * entry for each of them. Throws `GitFault`.
 */
export async function readTrail(git: Git, place: GitPlace, revision: string): Promise<TrailEntry[]> {
  const grep = ['--extended-regexp', '--grep=^Implement-(Task|Undo): ', '--grep=^This reverts commit '];
  const commits = await logOf(git, place, ['--topo-order', '--reverse', ...grep], `${revision}\n`);
  const known = new Map<string, { readonly task: string; readonly title: string }>();
  const drafts: { readonly commit: Commit; readonly entry: Omit<TrailEntry, 'files'> }[] = [];
  for (const commit of commits) {
    for (const entry of entriesOf(commit, known)) {
      drafts.push({ commit, entry });
      known.set(entry.commit, { task: entry.task, title: entry.title });
    }
  }
  const files = await filesIn(git, place, [...new Set(drafts.map(({ entry }) => entry.commit))]);
  return drafts.map(({ entry }) => ({ ...entry, files: files.get(entry.commit) ?? [] }));
}

/** What the messages of these commits (object ids) say of a task; others are left out. Throws `GitFault`. */
export async function readTips(git: Git, place: GitPlace, commits: readonly string[]): Promise<TrailEntry[]> {
  if (commits.length === 0) return [];
  const found = await logOf(git, place, ['--no-walk=unsorted'], commits.map((one) => `${one}\n`).join(''));
  return found.flatMap((commit) => entriesOf(commit, new Map()).map((entry) => ({ ...entry, files: [] })));
}

async function logOf(git: Git, place: GitPlace, args: readonly string[], revisions: string): Promise<Commit[]> {
  const output = await git.run(
    place,
    [
      '-c',
      'trailer.separators=:',
      'log',
      '-z',
      '--no-show-signature',
      '--no-notes',
      '--no-color',
      '--encoding=UTF-8',
      `--format=tformat:${FORMAT}`,
      ...args,
      '--stdin',
    ],
    revisions,
  );
  const fields = records(output).map(shown);
  const commits: Commit[] = [];
  for (let i = 0; i + FIELDS <= fields.length; i += FIELDS) {
    const [commit = '', parents = '', date = '', subject = '', body = '', ...trailers] = fields.slice(i, i + FIELDS);
    const [task = [], undo = [], run = [], attempt = [], stories = []] = trailers.map(valuesIn);
    const number = Number(attempt[0] ?? Number.NaN);
    commits.push({
      commit,
      parents: parents.split(' ').filter((one) => one !== ''),
      date,
      subject,
      body,
      task,
      undo,
      run: run[0] ?? null,
      attempt: Number.isInteger(number) && number > 0 ? number : null,
      stories,
    });
  }
  return commits;
}

function valuesIn(text: string): string[] {
  return [
    ...new Set(
      text
        .split(SEPARATOR)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    ),
  ];
}

function entriesOf(
  commit: Commit,
  known: ReadonlyMap<string, { readonly task: string; readonly title: string }>,
): Omit<TrailEntry, 'files'>[] {
  const { commit: oid, parents, date, subject, body, run, attempt, stories } = commit;
  const reverts = revertedBy(body);
  const base = { commit: oid, parents, date, subject, run, attempt, stories, reverts };
  const target = reverts === null ? undefined : known.get(reverts);
  if (commit.undo.length > 0) {
    return commit.undo.map((task) => ({ ...base, kind: 'undo', task, title: target?.title ?? subject }));
  }
  if (commit.task.length > 0 && run !== null) {
    return commit.task.map((task) => ({ ...base, kind: 'task', task, title: titleOf(task, { subject, body }) }));
  }
  return target === undefined ? [] : [{ ...base, kind: 'revert', task: target.task, title: target.title }];
}

/** The files of each commit, compared with its parent; of a merge or a first commit none. */
async function filesIn(git: Git, place: GitPlace, commits: readonly string[]): Promise<Map<string, FileChange[]>> {
  const files = new Map<string, FileChange[]>();
  if (commits.length === 0) return files;
  const output = await git.run(
    place,
    ['diff-tree', '--stdin', '-r', '-z', '--no-renames', '--raw'],
    commits.map((one) => `${one}\n`).join(''),
  );
  const fields = records(output);
  let current: FileChange[] = [];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as string;
    if (!field.startsWith(':')) {
      current = [];
      files.set(field.trim(), current);
      continue;
    }
    const letter = field.slice(field.lastIndexOf(' ') + 1);
    const how = letter.startsWith('A') ? 'created' : letter.startsWith('D') ? 'deleted' : 'modified';
    i += 1;
    current.push({ path: shown(fields[i] as string), how });
  }
  return files;
}
