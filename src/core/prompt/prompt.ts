/**
 * The prompt of an attempt: blocks of text about a task, laid out by a template, within a budget. What the task itself
 * says is never cut; what is put beside it is. Pure: whoever calls has looked at files and at the run.
 */
import { type FileChange, filesLine } from '../change.ts';
import type { Plan } from '../plan.ts';
import { lastLines } from '../tail.ts';
import { type Task, type TaskId, tagsOf } from '../task.ts';
import { type Excerpt, type Excerpts, excerptsOf } from './excerpts.ts';
import { type DocumentKind, focusOf, type PromptDocument } from './relevance.ts';
import { type StoryText, storiesOf } from './story.ts';
import { type Placeholder, render, type Template } from './template.ts';

/** A dependency that is done, as the tasks behind it are told of it. */
export interface HandOver {
  readonly id: TaskId;
  readonly title: string;
  /** Files of its commit; `null`: nothing was committed, or it is not known. */
  readonly files: readonly FileChange[] | null;
  /** Last lines of its log, without control codes and secrets; empty if it has none. */
  readonly words: string;
}

export interface NamedFile {
  readonly path: string;
  /** `null`: nothing can be said about it, as of a pattern. */
  readonly state: 'there' | 'missing' | 'outside' | null;
}

export interface PromptFacts {
  readonly task: Task;
  readonly plan: Plan;
  readonly stories: ReadonlyMap<string, StoryText>;
  readonly files: readonly NamedFile[];
  /** Texts and names without control codes and secrets. */
  readonly documents: readonly PromptDocument[];
  /** Names of files that configure linters and formatters, relative to the project root. */
  readonly lint: readonly string[];
  readonly handOvers: readonly HandOver[];
  /** Tasks that run now. */
  readonly siblings: readonly Pick<Task, 'id' | 'title' | 'paths'>[];
  /** Last lines of the attempt before, or empty. */
  readonly feedback: string;
  /** Paths in which the attempt before met others, and whose changes they are; `null`: it did not. */
  readonly conflict: { readonly paths: readonly string[]; readonly tasks: readonly TaskId[] } | null;
}

export interface PromptLimits {
  readonly template: Template;
  /** In tokens. */
  readonly budget: number;
  /** Takes control codes and secrets out. */
  clean(text: string): string;
}

export interface Prompt {
  readonly text: string;
  readonly tokens: number;
  readonly included: readonly Excerpt[];
  /** Documents of which not everything is included. */
  readonly left: readonly string[];
}

const CHARACTERS_PER_TOKEN = 4;

/** An estimate: a token is four UTF-16 code units. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** Longest hand-over of one dependency and longest feedback, in UTF-16 code units. */
export const LONGEST_WORDS = 4_000;

/** Makes the prompt. It is longer than the budget only where task, body, rules and the template's own words are. */
export function promptOf(facts: PromptFacts, { template, budget, clean }: PromptLimits): Prompt {
  const { task, plan } = facts;
  const phase = plan.phases[task.phase]?.heading?.text;
  const values: Record<Placeholder, string> = {
    task: `${task.id}${tagsOf(task) === '' ? '' : ` ${tagsOf(task)}`} ${task.title}`,
    body: task.body,
    place: `Task file: ${plan.source.name} (line ${task.line})`,
    phase: phase === undefined ? '' : `Phase: ${phase}`,
    files: filesBlock(facts.files),
    rules: rulesOf(plan.source.name),
    ...{ story: '', feedback: '', conflict: '', handover: '', siblings: '', documents: '', standards: '' },
  };
  const cleaned = (value: string): string => (value === '' ? '' : clean(value));
  for (const name of Object.keys(values) as Placeholder[]) values[name] = cleaned(values[name]);
  const times = (name: Placeholder): number => template.names.filter((one) => one === name).length;
  const fixed =
    template.literals.reduce((sum, literal) => sum + literal.length, 0) +
    (Object.keys(values) as Placeholder[]).reduce((sum, name) => sum + values[name].length * times(name), 0);
  let room = budget * CHARACTERS_PER_TOKEN - fixed;

  /** Fills a block with what fits into a share of the room that is left. */
  const fill = (name: Placeholder, share: number, make: (room: number) => string): void => {
    const count = times(name);
    const most = count === 0 ? 0 : Math.floor((room * share) / count);
    if (most <= 0) return;
    const value = make(most);
    if (value === '' || value.length > most) return;
    values[name] = value;
    room -= value.length * count;
  };
  const stories = storiesOf(task, plan);
  const told = stories.flatMap((one) => storyLines(facts.stories.get(one))).join('\n');
  fill('conflict', 0.5, (most) => cleaned(conflictBlock(facts.conflict, most)));
  fill('feedback', 0.5, (most) => cleaned(feedbackBlock(facts, most)));
  fill('story', 0.5, (most) => cleaned(fitting(told, most)));
  fill('siblings', 0.25, (most) => cleaned(siblingsBlock(facts.siblings, most)));
  fill('handover', 0.5, (most) => cleaned(handOverBlock(facts.handOvers, most)));
  const nothing: Excerpts = { text: '', included: [], left: [] };
  const shown = (kind: DocumentKind, title: string, most: number): Excerpts => {
    const found = facts.documents.filter((one) => one.kind === kind);
    return found.length === 0 ? nothing : excerptsOf(found, focusOf(task, stories), title, most);
  };
  let standards = nothing;
  let documents = nothing;
  const lint = cleaned(facts.lint.length === 0 ? '' : `Linters and formatters are set up in: ${facts.lint.join(', ')}`);
  fill('standards', 0.3, (most) => {
    const line = lint.length + 2 <= most ? lint : '';
    standards = shown('standard', 'How this project works, as far as it fits:', most - line.length - 2);
    return [standards.text, line].filter((part) => part !== '').join('\n\n');
  });
  fill('documents', 1, (most) => {
    documents = shown('feature', 'From the documents of this feature, as far as it fits:', most);
    return documents.text;
  });
  const text = render(template, values);
  const included = [...documents.included, ...standards.included];
  const isLeft = new Set([...documents.left, ...standards.left]);
  for (const { name } of facts.documents) if (!included.some((one) => one.path === name)) isLeft.add(name);
  return { text, tokens: tokensOf(text), included, left: [...isLeft] };
}

function filesBlock(files: readonly NamedFile[]): string {
  if (files.length === 0) return '';
  const words = { there: ' (exists)', missing: ' (not there yet)', outside: ' (outside the project: leave it alone)' };
  return `Files: ${files.map(({ path, state }) => `${path}${state === null ? '' : words[state]}`).join(', ')}`;
}

function rulesOf(tasksFile: string): string {
  return [
    'Rules:',
    '- Do this task and nothing beyond it.',
    `- Tick no box in ${tasksFile}: that happens by itself once the task is done.`,
    '- Do not commit, and do not change branches.',
    '- If you cannot go on because something is missing or contradicts the task, change nothing more and say, as your last line, BLOCKED: and the reason.',
  ].join('\n');
}

function storyLines(story: StoryText | undefined): string[] {
  if (story === undefined || (story.goal === null && story.test === null)) return [];
  return [
    `Story ${story.story}: ${story.heading}`,
    ...(story.goal === null ? [] : [`Goal: ${story.goal}`]),
    ...(story.test === null ? [] : [`Independent test: ${story.test}`]),
  ];
}

function conflictBlock(conflict: PromptFacts['conflict'], most: number): string {
  if (conflict === null) return '';
  const others = conflict.tasks.length === 0 ? 'Others' : conflict.tasks.join(', ');
  const head = `The attempt before could not be merged. ${others} changed the same files meanwhile; do the task so that both hold:`;
  return listed(head, conflict.paths, most);
}

function feedbackBlock({ feedback, conflict }: PromptFacts, most: number): string {
  if (feedback === '') return '';
  // What could not be merged had been done.
  const head = `The attempt before ${conflict === null ? 'failed' : 'did its work'}. The end of its output:`;
  if (head.length + 1 >= most) return '';
  const tail = lastLines(feedback, 100, Math.min(LONGEST_WORDS, most - head.length - 1));
  return tail === '' ? '' : `${head}\n${tail}`;
}

function siblingsBlock(siblings: PromptFacts['siblings'], most: number): string {
  if (siblings.length === 0) return '';
  const lines = siblings.map(
    ({ id, title, paths }) => `${id} ${title}${paths.length === 0 ? '' : ` (${paths.join(', ')})`}`,
  );
  return listed('Others work on these tasks right now; leave their files alone:', lines, most);
}

function handOverBlock(handOvers: readonly HandOver[], most: number): string {
  if (handOvers.length === 0) return '';
  const head = 'Done before this, and handed over:';
  const parts = [head];
  let free = most - head.length;
  const share = Math.floor(free / handOvers.length);
  for (const { id, title, files, words } of handOvers) {
    const first = `- ${id} ${title}`;
    const changed = files === null ? '' : `\n  Files: ${files.length === 0 ? 'none' : filesLine(files, 40)}`;
    const limit = Math.min(LONGEST_WORDS, Math.max(share, Math.floor(free / 2)), free) - 1;
    const known = [first + changed, first].find((text) => text.length <= limit);
    if (known === undefined) continue;
    const label = '\n  Its last words:\n';
    // Each line is set in by four.
    const kept = lastLines(words, 20, Math.max(0, limit - known.length - label.length - 80));
    const part = limit - known.length < 200 || kept === '' ? known : known + label + kept.replace(/^/gm, '    ');
    parts.push(part);
    free -= part.length + 1;
  }
  return parts.length === 1 ? '' : parts.join('\n');
}

/** A list below a head, with as many items as fit. */
function listed(head: string, items: readonly string[], most: number): string {
  const lines = [head];
  let length = head.length;
  for (const item of items) {
    const line = `- ${item.replace(/\s+/g, ' ')}`;
    if (length + line.length + 1 > most) break;
    lines.push(line);
    length += line.length + 1;
  }
  return lines.length === 1 ? '' : lines.join('\n');
}

/** Whole lines from the beginning, as many as fit. */
function fitting(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, Math.max(0, text.lastIndexOf('\n', most)));
}
