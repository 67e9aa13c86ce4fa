/** `implement prompt ID`: what whoever does a task would get on standard input now. Reads and prints. */
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt/prompt.ts';
import { reconcile } from '../core/reconcile.ts';
import type { Settings } from '../core/settings.ts';
import type { Task } from '../core/task.ts';
import type { LookedBack } from '../past.ts';
import { createPrompter } from '../prompting.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface PromptView {
  readonly plan: Plan;
  readonly task: Task;
  readonly past: LookedBack;
  /** Whether the last run of the file is at work. */
  readonly live: boolean;
  /** Absolute path. */
  readonly tasksFile: string;
  readonly settings: Settings['prompt'];
  readonly json: boolean;
  readonly verbose: boolean;
}

export function promptCommand(view: PromptView, io: CommandIo): number {
  const prompt = promptNow(view, io.clean);
  const { text, tokens, included, left } = prompt;
  if (view.json) {
    io.output.out(
      printable({
        schemaVersion: 1,
        task: view.task.id,
        prompt: text,
        tokens,
        budget: view.settings.budget,
        included: included.map(({ path, from, to }) => ({ path, from, to })),
        left,
      }),
    );
    return OK;
  }
  io.output.out(text.replace(/\n$/, ''));
  if (view.verbose) io.output.err(sizeOf(prompt, view.settings.budget));
  return OK;
}

function sizeOf({ tokens, included, left }: Prompt, budget: number): string {
  const parts = included.length === 1 ? '1 excerpt' : `${included.length} excerpts`;
  const rest = left.length === 1 ? '1 document is' : `${left.length} documents are`;
  return `About ${tokens} tokens of ${budget} (4 characters each), ${parts}; ${rest} not included in whole.`;
}

/** What `--continue` would give the task; while a run is at work and does it, what it got. */
function promptNow({ plan, task, past, live, tasksFile, settings }: PromptView, clean: CommandIo['clean']): Prompt {
  const { project, state } = past;
  // After a run that is complete the next one starts afresh.
  const history = past.history?.status === 'complete' ? null : past.history;
  const known = reconcile(plan, history, true);
  const logOf = (id: string, attempt: number): string | null => {
    if (state === null || history === null || attempt < 1) return null;
    return known.moved.has(id) && attempt === known.attempts.get(id) ? null : state.logPath(history.run, id, attempt);
  };
  const files = new Map(history?.merged.map((one) => [one.task, one.files]));
  const isRunning = live && history?.inFlight.has(task.id) === true;
  const before = (known.attempts.get(task.id) ?? 0) - (isRunning ? 1 : 0);
  const feedback = logOf(task.id, before);
  const prompt = createPrompter({ plan, root: project.root, tasksFile, settings, clean });
  return prompt(task, {
    doneOf: (id) =>
      known.settled.get(id) === 'done'
        ? { files: files.get(id) ?? null, log: logOf(id, known.attempts.get(id) ?? 0) }
        : null,
    running: live ? (history?.inFlight.keys() ?? []) : [],
    feedback,
    conflict: feedback?.replace(/\.log$/, '.conflict.json') ?? null,
  });
}
