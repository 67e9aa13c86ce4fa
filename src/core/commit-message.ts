/** The message of the commit that holds a task. Pure; trailers as `git interpret-trailers` reads them. */
import type { RunOptions } from './event.ts';
import type { Task } from './task.ts';

/** Whether done tasks become commits. */
export function isCommitting(options: Pick<RunOptions, 'worktree' | 'commit'>): boolean {
  return options.worktree || options.commit;
}

export interface MessageFacts {
  readonly run: string;
  readonly attempt: number;
  readonly style: 'plain' | 'conventional';
  /** The file gave the task no id: its number says nothing to anybody. */
  readonly generated: boolean;
  /** Takes secrets and control codes out. */
  readonly clean: (text: string) => string;
}

/** Columns of a subject; a longer title goes on in the body. */
const SUBJECT = 100;

/** `T012: Create the user model`, or `feat(us1): create the user model (T012)`, with its trailers. */
export function commitMessage(task: Task, facts: MessageFacts): string {
  const title = facts.clean(task.title).replace(/\s+/g, ' ').trim() || 'Untitled task';
  const whole = facts.style === 'plain' ? plain(task, title, facts) : conventional(task, title, facts);
  const subject = whole(title);
  const isLong = subject.length > SUBJECT;
  const cut = isLong ? whole(cutAtWord(title, title.length - (subject.length - SUBJECT) - 1)) : subject;
  const trailers = [
    `Implement-Task: ${facts.clean(task.id)}`,
    `Implement-Run: ${facts.run}`,
    `Implement-Attempt: ${facts.attempt}`,
    ...task.stories.map((story) => `Implement-Story: ${facts.clean(story)}`),
  ];
  return `${[cut, ...(isLong ? [title] : []), trailers.join('\n')].join('\n\n')}\n`;
}

type Subject = (title: string) => string;

function plain(task: Task, _title: string, { generated, clean }: MessageFacts): Subject {
  return (title) => (generated ? title : `${clean(task.id)}: ${title}`);
}

function conventional(task: Task, title: string, { generated, clean }: MessageFacts): Subject {
  const scope = task.stories[0] === undefined ? '' : `(${clean(task.stories[0]).toLowerCase()})`;
  const type = typeOf(task, title);
  const lower = (text: string): string =>
    /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
  return (text) => `${type}${scope}: ${lower(text)}${generated ? '' : ` (${clean(task.id)})`}`;
}

/** Kinds of the Conventional Commits convention, as far as title and files tell. */
function typeOf({ paths }: Task, title: string): string {
  const every = (pattern: RegExp): boolean => paths.length > 0 && paths.every((path) => pattern.test(path));
  if (/^fix(?:es|ed)?\b/i.test(title)) return 'fix';
  if (every(/(?:^|\/)(?:tests?|specs?|__tests__|e2e)\/|[._-](?:test|spec)\.[a-z]+$/i)) return 'test';
  if (every(/\.(?:md|mdx|rst|adoc)$|(?:^|\/)docs\//i)) return 'docs';
  if (/^refactor/i.test(title)) return 'refactor';
  if (/^(?:configure|set ?up|install|initiali[sz]e|upgrade|bump)\b/i.test(title)) return 'chore';
  return 'feat';
}

function cutAtWord(text: string, length: number): string {
  const cut = text.slice(0, Math.max(20, length));
  const space = cut.lastIndexOf(' ');
  return `${(space > 20 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
