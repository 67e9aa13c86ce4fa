/**
 * A session as the text of `current-session.md`: front matter for the machine, below it lists for people.
 * Knows the words and the order of the file; writes nothing and asks no clock. Linear in the number of tasks.
 */
import type { Session, SessionTask, TaskStatus } from '../core/session.ts';
import { escapeText, escapeWord, toJson } from './session-escape.ts';

/** Version of the format of `current-session.md`; a file of another one is refused. */
export const SESSION_FORMAT = 1;

/** The lists of tasks: what stands before `Tasks:`, in the order of the file. */
export const LISTS: Readonly<Record<TaskStatus, string>> = {
  done: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  blocked: 'Blocked',
  running: 'Running',
  merging: 'Merging',
  delayed: 'Delayed',
  pending: 'Pending',
  skipped: 'Skipped',
  deferred: 'Deferred',
};

/** Lists whose tasks say how many attempts were made. */
const ATTEMPTED: ReadonlySet<TaskStatus> = new Set(['failed', 'delayed', 'running', 'merging', 'cancelled']);

export const OWED = 'Verifications Owed:';

/** The text of `current-session.md`; `parseSession` gives back an equal session. */
export function renderSession(session: Session): string {
  const byStatus = new Map<TaskStatus, SessionTask[]>();
  for (const task of session.tasks) {
    const list = byStatus.get(task.status);
    if (list === undefined) byStatus.set(task.status, [task]);
    else list.push(task);
  }
  const lines = [...frontMatter(session, byStatus), '', '# current-session.md', ...head(session, byStatus)];
  for (const [status, word] of Object.entries(LISTS) as [TaskStatus, string][]) {
    const tasks = byStatus.get(status) ?? [];
    if (tasks.length === 0) continue;
    lines.push('', `${word} ${status === 'failed' && tasks.length === 1 ? 'Task' : 'Tasks'}:`);
    for (const task of tasks) pushTask(lines, task);
  }
  const owed = session.verifications.filter((each) => each.status !== 'done');
  if (owed.length > 0) lines.push('', OWED);
  for (const each of owed) {
    lines.push(line('- [ ]', each.label));
    if (each.error !== null) lines.push(line('  Error:', each.error));
  }
  if (session.blocker !== null || session.action !== null) lines.push('');
  if (session.blocker !== null) lines.push(line('Blocker:', session.blocker));
  if (session.action !== null) lines.push(line('Action:', session.action));
  lines.push('');
  return lines.join('\n');
}

function frontMatter(session: Session, byStatus: ReadonlyMap<TaskStatus, readonly SessionTask[]>): string[] {
  const counts = Object.fromEntries([...byStatus].map(([status, tasks]) => [status, tasks.length]));
  const inFlight = (['running', 'merging', 'delayed'] as const).flatMap((status) =>
    (byStatus.get(status) ?? []).map((task) => task.id),
  );
  const lines = [
    '---',
    `implement: ${SESSION_FORMAT}`,
    `run: ${toJson(session.run)}`,
    `session: ${session.session}`,
    `status: ${session.status}`,
    `file: ${toJson(session.file)}`,
    `digest: ${toJson(session.digest)}`,
    `started: ${new Date(session.startedAt).toISOString()}`,
    `updated: ${new Date(session.updatedAt).toISOString()}`,
    `elapsed-ms: ${session.elapsedMs}`,
    `counts: ${toJson(counts)}`,
    `in-flight: ${toJson(inFlight)}`,
    `options: ${toJson(session.options)}`,
    `order: ${toJson(orderOf(session.tasks))}`,
  ];
  if (session.verifications.length > 0) lines.push('verifications:');
  for (const { id, label, status, error } of session.verifications) {
    lines.push(`  - ${toJson({ id, label, status, error })}`);
  }
  lines.push('---');
  return lines;
}

function line(key: string, text: string): string {
  return text === '' ? key : `${key} ${escapeText(text)}`;
}

/**
 * What the lists below cannot tell, because they are sorted by status: the order of the tasks in their file, and
 * their attempts. `6 done 1/3, 1 failed 3/3` means six tasks of the list of completed ones, then the first failed one.
 */
function orderOf(tasks: readonly SessionTask[]): string {
  const runs: string[] = [];
  for (let start = 0; start < tasks.length; ) {
    const kind = kindOf(tasks[start]);
    let end = start + 1;
    while (end < tasks.length && kindOf(tasks[end]) === kind) end++;
    runs.push(`${end - start} ${kind}`);
    start = end;
  }
  return runs.join(', ');
}

function kindOf(task: SessionTask | undefined): string {
  return task === undefined ? '' : `${task.status} ${task.attempts}/${task.allowed}`;
}

function head(session: Session, byStatus: ReadonlyMap<TaskStatus, readonly SessionTask[]>): string[] {
  const count = (status: TaskStatus) => byStatus.get(status)?.length ?? 0;
  const order: readonly TaskStatus[] = ['running', 'merging', 'failed', 'cancelled', 'delayed', 'pending'];
  const current = order.map((status) => byStatus.get(status)?.[0]).find((task) => task !== undefined);
  const failed = count('failed') > 0 || session.verifications.some((each) => each.status === 'failed');
  const status = session.status === 'partial' && failed ? 'FAILED' : session.status.toUpperCase();
  const done = count('done') + count('skipped');
  return [
    ...(current === undefined ? [] : [`Current Task: ${nameOf(current)}`]),
    `Status: ${status}`,
    `Progress: ${done}/${session.tasks.length - count('deferred')} tasks`,
  ];
}

function pushTask(lines: string[], task: SessionTask): void {
  const { status, error, blockedBy } = task;
  const box = status === 'done' ? 'x' : status === 'skipped' ? '-' : ' ';
  lines.push(`- [${box}] ${nameOf(task)}${blockedBy === null ? '' : ` (blocked by ${escapeText(blockedBy)})`}`);
  if (error !== null) lines.push(line('  Error:', error));
  if (ATTEMPTED.has(status)) {
    const exhausted = status === 'failed' && task.attempts >= task.allowed;
    lines.push(`  Retry: ${task.attempts}/${task.allowed}${exhausted ? ' (exhausted)' : ''}`);
  }
}

function nameOf(task: SessionTask): string {
  const stories = task.stories.map((story) => ` [${escapeWord(story)}]`).join('');
  return `${escapeWord(task.id)}${stories}${task.title === '' ? '' : ` ${escapeText(task.title)}`}`;
}
