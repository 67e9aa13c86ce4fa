/**
 * The text of `current-session.md` as a session again, also where a person has edited it. Knows the words of the
 * lists and what may be missing; reads no file.
 */
import { error, fail, ok, type Result } from '../core/diagnostic.ts';
import type { Session, SessionTask, TaskStatus } from '../core/session.ts';
import { unescapeText } from './session-escape.ts';
import { frontMatter, SessionFault } from './session-front.ts';
import { LISTS, OWED } from './session-render.ts';

/**
 * Reads what `renderSession` wrote: an equal session comes back. Tolerates edits by hand: a ticked box means done
 * and an unticked one pending, tasks may be moved between the lists, added or removed, times and counts left out.
 * `generated` follows from the id, which begins with `#` only where the task file gives none.
 * `name` stands in messages. Errors: `state-broken` with `name:line`, `state-version`. Linear in the text.
 */
export async function parseSession(text: string, name = 'current-session.md'): Promise<Result<Session>> {
  try {
    const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
    const open = lines.findIndex((line) => line.trim() !== '');
    const close = lines.indexOf('---', open + 1);
    if (open < 0 || lines[open] !== '---' || close < 0)
      throw new SessionFault(Math.max(open, 0) + 1, 'no front matter');
    const front = await frontMatter(lines.slice(open + 1, close), open + 2);
    const body = bodyOf(lines, close + 1);
    const options = front.options();
    const tasks = inOrder(body.tasks, front.text('order', ''), options.retries + 1);
    return ok({
      run: front.run(),
      session: front.count('session', 1),
      status: front.status(),
      file: front.text('file'),
      digest: front.text('digest', ''),
      options,
      startedAt: front.time('started'),
      updatedAt: front.time('updated'),
      elapsedMs: front.count('elapsed-ms', 0),
      tasks,
      verifications: front.verifications(),
      blocker: body.blocker,
      action: body.action,
    });
  } catch (fault) {
    if (!(fault instanceof SessionFault)) throw fault;
    return fail(error(fault.code, `${name}:${fault.line}: ${fault.message}`, null, { hint: fault.hint }));
  }
}

/** A task as its lines tell it; attempts only where a line names them. */
type Listed = Omit<SessionTask, 'attempts' | 'allowed'> & { attempts: number | null; allowed: number | null };

const STATUS_OF: ReadonlyMap<string, TaskStatus> = new Map(
  (Object.entries(LISTS) as [TaskStatus, string][]).flatMap(([status, word]) => [
    [`${word} Task:`, status],
    [`${word} Tasks:`, status],
  ]),
);

function bodyOf(lines: readonly string[], first: number) {
  const tasks: Listed[] = [];
  const seen = new Set<string>();
  let list: TaskStatus | 'owed' | null = null;
  let last: Listed | null = null;
  let blocker: string | null = null;
  let action: string | null = null;
  for (let index = first; index < lines.length; index++) {
    const line = (lines[index] ?? '').replace(/[ \t]+$/, '');
    if (line === '') continue;
    const item = /^ ?[-*+] \[(.?)\](?: +(.*))?$/su.exec(line);
    if (item !== null) {
      last = null;
      if (list === 'owed') continue;
      if (list === null) throw new SessionFault(index + 1, 'a task outside the lists of tasks');
      last = taskOf(item[1] ?? '', item[2] ?? '', list, index + 1);
      if (seen.has(last.id)) throw new SessionFault(index + 1, 'a task that stood above already');
      seen.add(last.id);
      tasks.push(last);
    } else if (/^[ \t]/.test(line)) {
      if (last !== null) detail(last, line.trimStart());
    } else {
      last = null;
      if (line.endsWith(':')) list = line === OWED ? 'owed' : (STATUS_OF.get(line) ?? null);
      blocker = remainder(line, 'Blocker:') ?? blocker;
      action = remainder(line, 'Action:') ?? action;
    }
  }
  return { tasks, blocker, action };
}

function taskOf(box: string, text: string, list: TaskStatus, line: number): Listed {
  const end = text.indexOf(' ');
  const id = unescapeText(end < 0 ? text : text.slice(0, end));
  if (id === '') throw new SessionFault(line, 'a task without an id');
  let rest = end < 0 ? '' : text.slice(end);
  const stories: string[] = [];
  for (;;) {
    const story = /^ \[((?:[^\]\\]|\\.)*)\](?= |$)/su.exec(rest);
    if (story === null) break;
    stories.push(unescapeText(story[1] ?? ''));
    rest = rest.slice(story[0].length);
  }
  const cause = rest.endsWith(')') ? rest.indexOf(' (blocked by ') : -1;
  const blockedBy = cause < 0 ? null : unescapeText(rest.slice(cause + ' (blocked by '.length, -1));
  const title = unescapeText((cause < 0 ? rest : rest.slice(0, cause)).replace(/^ /, ''));
  const status = statusOf(box, list);
  return {
    id,
    title,
    generated: id.startsWith('#'),
    stories,
    status,
    attempts: null,
    allowed: null,
    error: null,
    blockedBy,
  };
}

/** The box speaks before the list that it stands in: somebody ticked or unticked it by hand. */
function statusOf(box: string, list: TaskStatus): TaskStatus {
  if (box === 'x' || box === 'X') return 'done';
  if (box === '-') return 'skipped';
  return list === 'done' || list === 'skipped' ? 'pending' : list;
}

function detail(task: { -readonly [K in keyof Listed]: Listed[K] }, line: string): void {
  const message = remainder(line, 'Error:');
  if (message !== null) task.error = message;
  const retry = /^Retry: (\d+)\/(\d+)/.exec(line);
  if (retry !== null) [task.attempts, task.allowed] = [Number(retry[1]), Number(retry[2])];
}

function remainder(line: string, key: string): string | null {
  return line.startsWith(key) ? unescapeText(line.slice(key.length).replace(/^ /, '')) : null;
}

/**
 * The tasks in the order of their file. Where the lists were edited, so that they no longer fit `order`, they stay as
 * they stand, except that generated ids, which are numbered in that order, come in it.
 */
function inOrder(tasks: readonly Listed[], order: string, allowed: number): SessionTask[] {
  const queues = new Map<string, Listed[]>();
  for (const task of tasks) {
    const queue = queues.get(task.status);
    if (queue === undefined) queues.set(task.status, [task]);
    else queue.push(task);
  }
  const next = new Map<string, number>();
  const sorted: SessionTask[] = [];
  for (const run of order === '' ? [] : order.split(', ')) {
    const [, count, status = '', attempts, most] = /^(\d+) ([a-z]+) (\d+)\/(\d+)$/.exec(run) ?? [];
    const start = next.get(status) ?? 0;
    const part = queues.get(status)?.slice(start, start + Number(count)) ?? [];
    if (part.length !== Number(count)) break;
    next.set(status, start + part.length);
    for (const task of part) {
      sorted.push({ ...task, attempts: task.attempts ?? Number(attempts), allowed: task.allowed ?? Number(most) });
    }
  }
  if (sorted.length === tasks.length) return sorted;
  const number = (task: Listed) => (task.generated ? Number(task.id.slice(1)) || 0 : 0);
  const asListed = tasks.map((task) => ({ ...task, attempts: task.attempts ?? 0, allowed: task.allowed ?? allowed }));
  return asListed.some((task) => !task.generated) ? asListed : asListed.sort((a, b) => number(a) - number(b));
}
