/**
 * What an attempt is given: its work and its variables. Pure; task text goes into variables only, never into a command.
 */
import { argumentsIn } from './argument-list.ts';
import type { Work } from './assignment.ts';
import { type Diagnostic, error } from './diagnostic.ts';
import type { RunOptions } from './event.ts';
import type { Plan } from './plan.ts';
import type { Task } from './task.ts';

type WorkOptions = Pick<RunOptions, 'scripts' | 'exec' | 'agent' | 'model' | 'agentArgs' | 'yolo'>;

/** What a task runs: its own scripts when they are allowed, else the agent or the `--exec` command, else nothing. */
export function workOf(task: Task, options: WorkOptions): Work[] {
  if (options.scripts && task.scripts.length > 0) {
    return task.scripts.map((script) => ({ kind: 'script', language: script.language, source: script.source }));
  }
  const { agent, model, agentArgs, yolo } = options;
  if (agent !== null) {
    return [{ kind: 'agent', agent, model, args: argumentsIn(agentArgs ?? '') ?? [], yolo: yolo !== 'off' }];
  }
  return options.exec === null ? [] : [{ kind: 'exec', command: options.exec }];
}

/** A longer script does not fit into one argument of a process (Linux: 128 KiB). In UTF-16 code units. */
const MAX_SCRIPT = 120_000;

/** Errors for tasks that could not run: nothing to run, a script that is not allowed, or one that is too long. */
export function checkWork(tasks: readonly Task[], options: WorkOptions): Diagnostic[] {
  const found: Diagnostic[] = [];
  const idle = tasks.filter((task) => workOf(task, options).length === 0);
  const withScript = idle.filter((task) => task.scripts.length > 0);
  const empty = idle.filter((task) => task.scripts.length === 0);
  if (withScript.length > 0) {
    const first = withScript[0] as Task;
    found.push(
      error(
        'script-not-allowed',
        `${listed(withScript)} ${withScript.length === 1 ? 'has a script' : 'have scripts'} of ${withScript.length === 1 ? 'its' : 'their'} own, and the commands of a task file run only when you allow them.`,
        first.scripts[0]?.at ?? first.at,
        {
          related: withScript
            .slice(1, 4)
            .map((task) => ({ message: `script of ${task.id}`, at: task.scripts[0]?.at ?? task.at })),
          hint: 'Read them, then say --scripts. Or say what every task runs: --agent NAME, or --exec CMD',
        },
      ),
    );
  }
  if (empty.length > 0) {
    const first = empty[0] as Task;
    found.push(
      error('nothing-to-run', `${listed(empty)} ${empty.length === 1 ? 'has' : 'have'} nothing to run.`, first.at, {
        related: empty.slice(1, 4).map((task) => ({ message: `${task.id} has nothing to run either`, at: task.at })),
        hint: options.scripts
          ? 'Give it a script (a fenced block ```sh run in its body), or say what tasks without one run: --agent NAME, or --exec CMD'
          : 'Say what every task runs: --agent NAME, or --exec CMD (it gets the task as IMPLEMENT_TASK_* variables and as a prompt on stdin)',
      }),
    );
  }
  for (const task of tasks) {
    const long = options.scripts ? task.scripts.find((script) => script.source.length > MAX_SCRIPT) : undefined;
    if (long !== undefined) {
      found.push(
        error('script-too-long', `The script of ${task.id} is longer than a process can be given.`, long.at, {
          hint: 'Put it into a file and run that file.',
        }),
      );
    }
  }
  return found;
}

function listed(tasks: readonly Task[]): string {
  const ids = tasks.slice(0, 5).map((task) => task.id);
  const rest = tasks.length - ids.length;
  if (rest > 0) return `${ids.join(', ')} and ${rest} more`;
  return ids.length === 1 ? (ids[0] as string) : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}

export interface BriefContext {
  readonly plan: Plan;
  readonly run: string;
  readonly attempt: number;
  readonly slot: number;
  /** Absolute path of the task file. */
  readonly tasksFile: string;
  /** Absolute path of the output of the attempt before, or `null` for the first. */
  readonly feedback: string | null;
  /** Absolute path of what is known about the conflict in which the attempt before ended, or `null`. */
  readonly conflict: string | null;
}

/** The variables of a task's attempt. Absent facts are empty strings; lists are joined by commas, paths by newlines. */
export function taskEnv(task: Task, context: BriefContext): Record<string, string> {
  return {
    ...runEnv(context),
    IMPLEMENT_TASK_ID: task.id,
    IMPLEMENT_TASK_TITLE: task.title,
    IMPLEMENT_TASK_STORY: task.stories.join(','),
    IMPLEMENT_TASK_PHASE: context.plan.phases[task.phase]?.heading?.text ?? '',
    IMPLEMENT_TASK_PRIORITY: task.priority === null ? '' : `P${task.priority}`,
    IMPLEMENT_TASK_PATHS: task.paths.join('\n'),
    IMPLEMENT_TASK_ATTEMPT: String(context.attempt),
    ...(context.feedback === null ? {} : { IMPLEMENT_FEEDBACK_FILE: context.feedback }),
    ...(context.conflict === null ? {} : { IMPLEMENT_CONFLICT_FILE: context.conflict }),
  };
}

/** The variables that verifications of a phase or of the whole get as well. */
export function runEnv(context: BriefContext): Record<string, string> {
  return {
    IMPLEMENT_RUN_ID: context.run,
    IMPLEMENT_TASKS_FILE: context.tasksFile,
    IMPLEMENT_SLOT: String(context.slot),
  };
}

/** Names of all variables that a task may get; what an outer run set is not handed down. */
export const TASK_VARIABLES = [
  'IMPLEMENT_TASK_ID',
  'IMPLEMENT_TASK_TITLE',
  'IMPLEMENT_TASK_STORY',
  'IMPLEMENT_TASK_PHASE',
  'IMPLEMENT_TASK_PRIORITY',
  'IMPLEMENT_TASK_PATHS',
  'IMPLEMENT_TASK_ATTEMPT',
  'IMPLEMENT_FEEDBACK_FILE',
  'IMPLEMENT_CONFLICT_FILE',
  'IMPLEMENT_PORT_BASE',
  'IMPLEMENT_RUN_ID',
  'IMPLEMENT_TASKS_FILE',
  'IMPLEMENT_SLOT',
] as const;

/** Everything in the file that could be run as a command, in one text: what a digest pins. */
export function commandsIn(plan: Plan): string {
  const scripts = plan.tasks.flatMap((task) => task.scripts.map((script) => [task.id, script.language, script.source]));
  const { verify, verifyPhase, verifyEnd } = plan.frontMatter;
  return JSON.stringify([scripts, { verify, verifyPhase, verifyEnd }]);
}
