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
}

/** The backend of this machine, with a runner per kind of work. */
export async function createLocal({ slots, env, redact, clock }: LocalInput): Promise<Backend> {
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
  };
  const work = createWorker({ runners, processes, redact, clock });
  return createLocalBackend({ slots, work, flush: () => processes.flush() });
}
