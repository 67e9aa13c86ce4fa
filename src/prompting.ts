/**
 * Prompts from what lies on the disk: the project's layout, the documents, what the named files and the logs say at
 * this moment. Looks; what of it a prompt says is the business of `core/prompt/`.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findProject } from './config/find.ts';
import type { FileChange } from './core/change.ts';
import type { Plan } from './core/plan.ts';
import { handingOver } from './core/prompt/handing.ts';
import { type HandOver, LONGEST_WORDS, type Prompt, type PromptFacts, promptOf } from './core/prompt/prompt.ts';
import { storyTexts } from './core/prompt/story.ts';
import { DEFAULT_TEMPLATE } from './core/prompt/template.ts';
import type { Settings } from './core/settings.ts';
import { lastLines } from './core/tail.ts';
import type { Task, TaskId } from './core/task.ts';
import { endOf, stateOf } from './documents/inside.ts';
import { createLibrary } from './documents/library.ts';
import { readTemplate, type TemplateRead } from './documents/template.ts';
import { projectRoot, show, type TaskFile } from './project.ts';

/**
 * The project's own layout: `implement.prompt.md` beside its configuration, else in its root. `named`: what `--config`
 * said, or `null`. Errors: `prompt-template`.
 */
export function templateFor(
  file: TaskFile,
  named: string | null,
  cwd: string,
  clean: (text: string) => string,
): TemplateRead {
  const root = projectRoot(file.path);
  const found = named === null ? findProject(dirname(file.path), root) : null;
  const configuration = named === null ? (found?.ok === true ? found.value?.path : undefined) : resolve(cwd, named);
  const folders = configuration === undefined ? [root] : [dirname(configuration), root];
  return readTemplate(root, folders, (path) => show(path, cwd), clean);
}

/** How a run stands when an attempt begins. */
export interface Moment {
  /** What is left of a task that is done: files of its commit, absolute path of its log; `null`: it is not done. */
  doneOf(id: TaskId): { readonly files: readonly FileChange[] | null; readonly log: string | null } | null;
  readonly running: Iterable<TaskId>;
  /** Absolute path of the output of the attempt before, or `null`. */
  readonly feedback: string | null;
  /** Absolute path of what is known about the conflict in which the attempt before ended, or `null`. */
  readonly conflict: string | null;
}

export interface PrompterInput {
  readonly plan: Plan;
  /** Absolute paths of project root and task file. */
  readonly root: string;
  readonly tasksFile: string;
  readonly settings: Settings['prompt'];
  /** Takes control codes and secrets out. */
  clean(text: string): string;
}

/** More dependencies than these are not told of. */
const MOST_HAND_OVERS = 8;
/** Escape codes and rewritten lines take room in a log that they do not take in its end. */
const WINDOW_BYTES = 64 * 1024;

/** Makes prompts for the tasks of a plan; what does not change meanwhile is looked at once. Never throws. */
export function createPrompter(input: PrompterInput): (task: Task, moment: Moment) => Prompt {
  const { plan, root, clean, settings } = input;
  const library = createLibrary(root, input.tasksFile, clean);
  const limits = { template: settings.template ?? DEFAULT_TEMPLATE, budget: settings.budget, clean };
  const stories = once(() => storyTexts(plan));
  const handing = once(() => handingOver(plan));
  const wordsIn = (log: string | null, lines: number): string =>
    log === null ? '' : shortened(lastLines(clean(endOf(log, WINDOW_BYTES)), lines, LONGEST_WORDS));

  return (task, moment) => {
    const handOvers: HandOver[] = [];
    for (const id of handing()(task.id)) {
      const done = handOvers.length < MOST_HAND_OVERS ? moment.doneOf(id) : null;
      if (done !== null) {
        const title = (plan.byId.get(id) as Task).title;
        handOvers.push({ id, title, files: done.files, words: wordsIn(done.log, 20) });
      }
    }
    const siblings: Task[] = [];
    for (const id of moment.running) {
      const sibling = plan.byId.get(id);
      if (sibling !== undefined && id !== task.id) siblings.push(sibling);
    }
    const files = task.paths.map((path) => ({ path, state: stateOf(root, path) }));
    const feedback = wordsIn(moment.feedback, 100);
    const conflict = moment.conflict === null ? null : conflictIn(moment.conflict);
    const facts = { task, plan, stories: stories(), files, ...library(), handOvers, siblings, feedback, conflict };
    return promptOf(facts, limits);
  };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** At most 4 kB in UTF-8: whole lines of the end, where it has several. */
function shortened(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LONGEST_WORDS) return text;
  const end = bytes
    .subarray(bytes.length - LONGEST_WORDS)
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
  return end.slice(end.indexOf('\n') + 1);
}

/** The conflict as the merge queue wrote it down; `null` where that cannot be read. */
function conflictIn(path: string): PromptFacts['conflict'] {
  try {
    const { paths, tasks } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly paths: readonly { readonly path: string }[];
      readonly tasks: readonly string[];
    };
    return { paths: paths.map((one) => one.path), tasks };
  } catch {
    return null;
  }
}
