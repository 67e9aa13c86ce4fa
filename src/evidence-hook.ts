/**
 * The user's own proof of a task: a command that is asked about each ticked task. Knows how it is started and what it
 * is told; what its answer means is decided by whoever asks.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_VARIABLES, taskEnv } from './core/brief.ts';
import type { Plan } from './core/plan.ts';
import { plainText } from './core/redact.ts';
import type { Task } from './core/task.ts';
import type { Engine } from './engine.ts';
import { createProcesses } from './runners/process.ts';
import type { Clock } from './util/clock.ts';

export interface HookAround {
  readonly command: string;
  readonly plan: Plan;
  /** Absolute path of the project root: it runs there. */
  readonly root: string;
  /** Absolute path of the task file. */
  readonly tasksFile: string;
  /** Name of this call, for processes that it leaves behind. */
  readonly run: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly clean: (text: string) => string;
  onEngine(engine: Pick<Engine, 'interrupt'>): void;
}

export interface Answer {
  readonly holds: boolean;
  /** How it failed, in one line; empty if it holds. */
  readonly message: string;
  /** What it printed, fit to be shown; without a final line end. */
  readonly output: string;
}

export interface EvidenceHook {
  /** Never rejects. */
  ask(task: Task): Promise<Answer>;
  /** Signal that ended it, or `null`. */
  readonly signal: string | null;
  close(): void;
}

/** Limit for one call, in ms. */
const LIMIT = 600_000;
const GRACE = 5_000;
/** What is shown of its output, in characters. */
const SHOWN = 8_000;

/** Opens the hook: task by task, the task in `IMPLEMENT_TASK_*`, exit code 0 for "holds". */
export function openHook(around: HookAround): EvidenceHook {
  const { command, plan, root, tasksFile, run, clock, clean } = around;
  const env = { ...around.env };
  for (const name of TASK_VARIABLES) delete env[name];
  const folder = mkdtempSync(join(tmpdir(), 'implement-hook-'));
  const processes = createProcesses({ env, redact: clean, clock });
  const stop = new AbortController();
  const kill = new AbortController();
  let signal: string | null = null;
  around.onEngine({
    interrupt(name, stage) {
      signal ??= name;
      stop.abort();
      if (stage === 3) kill.abort();
    },
  });
  let count = 0;
  return {
    get signal() {
      return signal;
    },
    async ask(task) {
      const log = join(folder, `${++count}.log`);
      const brief = { plan, run, attempt: 1, slot: 1, tasksFile, feedback: null, conflict: null };
      const told = Object.entries(taskEnv(task, brief)).filter(([name]) => /^IMPLEMENT_TASKS?_/.test(name));
      const asked = {
        id: `${run}-${count}`,
        run,
        step: task.id,
        attempt: 1,
        slot: 1,
        work: [],
        verify: null,
        commit: null,
        dir: root,
        env: Object.fromEntries(told.filter(([name]) => name !== 'IMPLEMENT_TASK_ATTEMPT')),
        prompt: '',
        log,
        timeoutMs: LIMIT,
        silenceMs: null,
        graceMs: GRACE,
      };
      const io = { stop: stop.signal, kill: kill.signal, spawned: () => {}, verifying: async () => {} };
      const outcome = await processes.shell(command, HOOK, asked, io);
      processes.leave(asked);
      await processes.flush();
      const message = outcome.kind === 'failure' ? outcome.failure.message.replace(`${HOOK}: `, '') : '';
      return { holds: outcome.kind === 'success', message: clean(message), output: clean(printed(log)) };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const HOOK = 'evidence hook';

function printed(log: string): string {
  let text: string;
  try {
    text = readFileSync(log, 'utf8');
  } catch {
    return '';
  }
  const plain = plainText(text).replace(`--- ${HOOK} ---\n`, '').trimEnd();
  return plain.length > SHOWN ? `… ${plain.slice(-SHOWN)}` : plain;
}
