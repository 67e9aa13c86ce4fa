/**
 * The tables of what is built in. A new dialect, runner, reporter, picture or backend is one file and one line here.
 * What a command may not need is imported when it is asked for, so that every command starts fast.
 */
import type { Backend } from './backends/backend.ts';
import { checklist } from './dialects/checklist.ts';
import type { Dialect } from './dialects/dialect.ts';
import { specKit } from './dialects/spec-kit.ts';
import type { Picture } from './pictures/picture.ts';
import type { Reporter, ReporterOptions } from './reporters/reporter.ts';
import type { Clock } from './util/clock.ts';
import type { Runners } from './worker.ts';
import type { Workspace } from './workspaces/workspace.ts';
import type { Shell } from './workspaces/worktree.ts';

/** Tried in this order; the last one reads any text. */
export const dialects: readonly Dialect[] = [specKit, checklist];

export const pictures = {
  mermaid: () => import('./pictures/mermaid.ts').then((room) => room.mermaid),
  dot: () => import('./pictures/dot.ts').then((room) => room.dot),
  svg: () => import('./pictures/svg.ts').then((room) => room.svg),
} satisfies Record<string, () => Promise<Picture>>;

export const reporters = {
  plain: () => import('./reporters/plain.ts').then((room) => room.createPlainReporter),
  live: () => import('./reporters/live.ts').then((room) => room.createLiveReporter),
  json: () => import('./reporters/json.ts').then((room) => room.createJsonReporter),
} satisfies Record<string, () => Promise<(options: ReporterOptions) => Reporter>>;

export interface LocalInput {
  readonly slots: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redact: (text: string) => string;
  readonly clock: Clock;
  /** Makes the places of the attempts, where these are not the user's tree as it is. */
  readonly workspace: ((shell: Shell) => Workspace) | null;
}

/** The backend of this machine, with a runner per kind of work; and its way to verify what was merged. */
export async function createLocal({ slots, env, redact, clock, workspace }: LocalInput) {
  const [{ createLocalBackend }, { createWorker }, { createProcesses }, { createExecRunner }, { createScriptRunner }] =
    await Promise.all([
      import('./backends/local.ts'),
      import('./worker.ts'),
      import('./runners/process.ts'),
      import('./runners/exec.ts'),
      import('./runners/script.ts'),
    ]);
  const processes = createProcesses({ env, redact, clock });
  const runners: Runners = {
    exec: createExecRunner(processes),
    script: createScriptRunner(processes),
    agent: {
      // Most runs need none, and the first attempt of one that does can wait for it.
      async run(work, assignment, io) {
        const { createAgentRunner } = await import('./runners/agent.ts');
        return createAgentRunner({ processes, redact, clock }).run(work, assignment, io);
      },
    },
  };
  const places =
    workspace?.({
      setup: (command, assignment, io) => processes.shell(command, 'worktree.setup', assignment, io),
      hook([file = '', ...args], assignment, io) {
        return processes.check({ file, args }, `hook ${hookIn(args)}`, assignment, io);
      },
    }) ?? null;
  const work = createWorker({ runners, processes, workspace: places, redact, clock });
  const backend: Backend = createLocalBackend({ slots, work, flush: () => processes.flush() });
  const verify: typeof processes.verify = async (command, assignment, io) => {
    try {
      return await processes.verify(command, assignment, io);
    } finally {
      processes.leave(assignment);
    }
  };
  return { backend, verify };
}

function hookIn(args: readonly string[]): string {
  return args[args.indexOf('run') + 1] ?? '';
}
