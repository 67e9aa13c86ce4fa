/**
 * The loop: fill slots, wait for one ending, decide, append, apply, perform. Sees the ports as types; knows neither
 * files nor processes. Everything that happens goes through `record`, in one order.
 */
import type { Backend } from './backends/backend.ts';
import type { Assignment } from './core/assignment.ts';
import type { Change, MergeResult } from './core/change.ts';
import {
  decideEnding,
  decideMergeEnding,
  decideStart,
  decideStatus,
  decideVerification,
  type Policy,
} from './core/decide.ts';
import type { Failure, Outcome, RunEvent, RunEventBody, RunStatus, StepId } from './core/event.ts';
import type { RunState } from './core/state.ts';
import type { TaskId } from './core/task.ts';
import type { Journal } from './journal/journal.ts';
import type { AttemptIo } from './runners/runner.ts';
import type { Clock } from './util/clock.ts';

/** What an ending does to the task's box. Never rejects. */
export interface Boxes {
  /** Ticks the box of a task that is done. */
  tick(task: TaskId): Promise<boolean>;
  /** Opens the box of a task that is not done, if somebody ticked it meanwhile; says whether one was. */
  restore(task: TaskId): Promise<boolean>;
}

/** Brings what attempts committed into the target branch, one by one. Never rejects. */
export interface Integrator {
  /** `publishing` is told, and its promise awaited, before `commit` becomes the head of the target. */
  merge(
    merging: {
      readonly step: StepId;
      readonly attempt: number;
      readonly slot: number;
      readonly change: Change;
      /** Ticks the box in the user's copy of the task file. */
      tick(): Promise<boolean>;
      publishing(commit: string, onto: string): Promise<void>;
    },
    io: Pick<AttemptIo, 'stop' | 'kill' | 'verifying'>,
  ): Promise<MergeResult>;
  /** An attempt failed: what it wrote outside its place is told. */
  watch(step: StepId): void;
  /** The last attempt of a task failed: its worktree stays as it is, and another slot takes its place. */
  keep(step: StepId, attempt: number, slot: number): { readonly dir: string; readonly slot: number } | null;
}

export interface EngineInput {
  readonly state: RunState;
  readonly backend: Backend;
  /** `null`: attempts work in the user's tree, and nothing is committed. */
  readonly integrator: Integrator | null;
  /** Numbers of the slots that are free when the run begins. */
  readonly slots: readonly number[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly boxes: Boxes;
  /** Number of the last event in the journal. */
  readonly seq: number;
  /** Makes the assignment of an attempt; `feedback` is the output of the failed attempt before it, if any. */
  assign(step: StepId, attempt: number, slot: number): Assignment;
  /** Digest of the commands that the task file holds now; `null` when they may not run. */
  commands(): string | null;
  /** Hears every event once it is durable, in order. Never throws. */
  emit(event: RunEvent, state: RunState): void;
}

export interface Engine {
  /** Runs until nothing is left to do; gives the status, or the fault that stopped the journal. */
  run(): Promise<{
    readonly status: Exclude<RunStatus, 'running'>;
    readonly fault: string | null /** First signal that interrupted the run. */;
    readonly signal: string | null;
  }>;
  /** Stage 1: start nothing new; 2: end what runs; 3: kill it. Stages only rise. */
  interrupt(signal: string, stage: 1 | 2 | 3): void;
}

type Input =
  | {
      readonly kind: 'ended';
      readonly step: StepId;
      readonly outcome: Outcome;
      /** Its box was ticked meanwhile, and is open again. */
      readonly restored: boolean;
    }
  | {
      readonly kind: 'merged';
      readonly step: StepId;
      readonly result: MergeResult;
      readonly restored: boolean;
    }
  | { readonly kind: 'asked'; readonly step: StepId; readonly answer: (durable: Promise<void>) => void }
  | { readonly kind: 'due'; readonly step: StepId }
  | { readonly kind: 'interrupt'; readonly signal: string; readonly stage: 1 | 2 | 3 }
  | { readonly kind: 'fault'; readonly message: string };

const CANCELLED: Failure = {
  reason: 'cancelled',
  message: 'stopped before it started',
  exitCode: null,
  signal: null,
  tail: '',
};

export function createEngine(input: EngineInput): Engine {
  const { state, backend, journal, clock, boxes } = input;
  const stop = new AbortController();
  const kill = new AbortController();
  const inbox: Input[] = [];
  let wake: (() => void) | null = null;
  let seq = input.seq;
  let stage = 0;
  let fault: string | null = null;
  let signal: string | null = null;
  let told: Promise<void> = Promise.resolve();
  const timers = new Map<StepId, () => void>();
  const freeSlots = [...input.slots].sort((a, b) => b - a);
  const slotOf = new Map<StepId, number>();
  const boxWork = new Set<Promise<void>>();
  /** Steps that wait for the turn of their verification, with the way to tell them. */
  const asking = new Map<StepId, (durable: Promise<void>) => void>();

  const send = (message: Input): void => {
    inbox.push(message);
    wake?.();
    wake = null;
  };
  const message = async (): Promise<void> => {
    if (inbox.length > 0) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  };

  /** Appends and applies one event; the promise settles once it is durable and told. */
  const record = (body: RunEventBody, time: number = clock.now()): Promise<void> => {
    const event = { ...body, seq: ++seq, time } as RunEvent;
    state.apply(event);
    const durable = journal.append(event).catch((cause: unknown) => {
      send({ kind: 'fault', message: cause instanceof Error ? cause.message : String(cause) });
      throw cause;
    });
    told = Promise.all([told, durable]).then(() => input.emit(event, state));
    told.catch(() => {});
    return told;
  };

  const ioOf = (step: StepId): Pick<AttemptIo, 'stop' | 'kill' | 'verifying'> => ({
    stop: stop.signal,
    kill: kill.signal,
    verifying: () =>
      state.takesTurns(step) ? new Promise((answer) => send({ kind: 'asked', step, answer })) : Promise.resolve(),
  });

  const perform = (step: StepId, assignment: Assignment): Promise<Outcome> =>
    backend.run(assignment, {
      ...ioOf(step),
      spawned: (pid, startTime) => {
        record({ kind: 'attempt-spawned', step, attempt: assignment.attempt, pid, startTime }).catch(() => {});
      },
    });

  const unexpected = (cause: unknown): Failure => ({
    ...CANCELLED,
    reason: 'unexpected',
    message: cause instanceof Error ? cause.message : String(cause),
  });

  const start = (body: Extract<RunEventBody, { kind: 'attempt-started' }>): void => {
    slotOf.set(body.step, body.slot);
    record(body)
      .then((): Outcome | Promise<Outcome> =>
        stop.signal.aborted
          ? { kind: 'failure', failure: CANCELLED }
          : perform(body.step, input.assign(body.step, body.attempt, body.slot)),
      )
      .catch((cause: unknown): Outcome => ({ kind: 'failure', failure: unexpected(cause) }))
      .then(async (outcome) => {
        // Before the ending is recorded: cut off in between, the attempt counts as in flight, and its tick for nothing.
        send({
          kind: 'ended',
          step: body.step,
          outcome,
          restored: await restoreUnless(outcome.kind === 'success', body.step),
        });
      });
  };

  const restoreUnless = async (isDone: boolean, step: StepId): Promise<boolean> =>
    !isDone && state.step(step)?.task !== null && (await boxes.restore(step));

  /** The attempt of `step` has committed `change`, which `durable` says is on disk. */
  const merge = (step: StepId, attempt: number, change: Change, durable: Promise<void>): void => {
    const slot = slotOf.get(step) as number;
    durable
      .then(() =>
        (input.integrator as Integrator).merge(
          {
            step,
            attempt,
            slot,
            change,
            tick: () => boxes.tick(step),
            publishing: (commit, onto) => record({ kind: 'merge-started', step, attempt, commit, onto }),
          },
          ioOf(step),
        ),
      )
      .catch(
        (cause: unknown): MergeResult => ({ kind: 'failure', failure: unexpected(cause), held: true, clashes: [] }),
      )
      .then(async (result) => {
        send({ kind: 'merged', step, result, restored: await restoreUnless(result.kind === 'merged', step) });
      });
  };

  const ended = (step: StepId, outcome: Outcome, restored: boolean): void => {
    asking.delete(step);
    const now = clock.now();
    const body = decideEnding(state, step, outcome, input.policy, now);
    if (outcome.kind === 'success' && outcome.change !== undefined) {
      merge(step, body.attempt, outcome.change, record(body, now));
      return;
    }
    const durable = finish(body, outcome.kind === 'failure' ? outcome.failure : null, restored, now);
    if (outcome.kind === 'failure' || state.step(step)?.task === null) return;
    const work = durable
      .then(async () => {
        if (await boxes.tick(step)) record({ kind: 'box-ticked', task: step }).catch(() => {});
      })
      .catch(() => {})
      .finally(() => boxWork.delete(work));
    boxWork.add(work);
  };

  const merged = (step: StepId, result: MergeResult, restored: boolean): void => {
    asking.delete(step);
    const now = clock.now();
    const body = decideMergeEnding(state, step, result, input.policy, now);
    finish(body, result.kind === 'failure' ? result.failure : null, restored, now).catch(() => {});
    if (result.kind === 'merged' && result.ticked) record({ kind: 'box-ticked', task: step }).catch(() => {});
  };

  /** An ending: the slot is free again, or goes to people with the work that failed in it. */
  const finish = (
    ending: Extract<RunEventBody, { kind: 'attempt-ended' | 'merge-ended' }>,
    failure: Failure | null,
    restored: boolean,
    now: number,
  ): Promise<void> => {
    const { step, attempt, retryAt } = ending;
    const slot = slotOf.get(step) as number;
    const isLost =
      failure !== null && failure.reason !== 'cancelled' && failure.reason !== 'held-back' && retryAt === null;
    const kept =
      isLost && state.step(step)?.task !== null ? (input.integrator?.keep(step, attempt, slot) ?? null) : null;
    if (failure !== null) input.integrator?.watch(step);
    slotOf.delete(step);
    freeSlots.push(kept?.slot ?? slot);
    freeSlots.sort((a, b) => b - a);
    const durable = record(kept === null ? ending : { ...ending, kept: kept.dir }, now);
    if (retryAt !== null) {
      timers.set(
        step,
        clock.after(Math.max(0, retryAt - clock.now()), () => send({ kind: 'due', step })),
      );
    }
    if (restored) record({ kind: 'box-restored', task: step }).catch(() => {});
    return durable;
  };

  /** Attempts end what they do; those that wait for something have nothing to end, and go on to see it. */
  const stopAll = (): void => {
    stop.abort();
    for (const answer of asking.values()) answer(Promise.resolve());
    asking.clear();
  };

  const handle = (message: Input): void => {
    switch (message.kind) {
      case 'ended':
        ended(message.step, message.outcome, message.restored);
        return;
      case 'merged':
        merged(message.step, message.result, message.restored);
        return;
      case 'asked':
        if (stop.signal.aborted) message.answer(Promise.resolve());
        else asking.set(message.step, message.answer);
        return;
      case 'due':
        timers.delete(message.step);
        if (state.stop === null) record({ kind: 'retry-due', step: message.step }).catch(() => {});
        return;
      case 'interrupt':
        if (message.stage <= stage) return;
        stage = message.stage;
        signal ??= message.signal;
        record({ kind: 'interrupted', signal: message.signal, stage: message.stage }).catch(() => {});
        if (message.stage >= 2) stopAll();
        if (message.stage >= 3) kill.abort();
        return;
      case 'fault':
        fault ??= message.message;
        stopAll();
        return;
    }
  };

  return {
    async run() {
      for (;;) {
        // All that is known goes into what is decided next: endings of one moment, an interrupt behind an ending.
        for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) handle(next);
        // Before anything new starts: what is nearly done comes first where both want the same.
        while (asking.size > 0) {
          const body = decideVerification(state, asking.keys());
          if (body === null) break;
          const durable = record(body);
          if (body.kind === 'verification-waiting') continue;
          asking.get(body.step)?.(durable);
          asking.delete(body.step);
        }
        while (fault === null && freeSlots.length > 0) {
          const body = decideStart(state, freeSlots.at(-1) as number);
          if (body === null) break;
          freeSlots.pop();
          if (body.kind === 'attempt-started') start(body);
          else {
            slotOf.set(body.step, body.slot);
            merge(body.step, body.attempt, body.change, record(body));
          }
        }
        const isWaiting = state.delayed.size > 0 && state.stop === null && fault === null;
        if (slotOf.size === 0 && !isWaiting && inbox.length === 0) break;
        await message();
      }
      for (const cancel of timers.values()) cancel();
      while (boxWork.size > 0) await Promise.all(boxWork);
      await backend.close();
      const status = decideStatus(state);
      await record({ kind: 'run-ended', status, commands: input.commands() }).catch(() => {});
      return { status, fault, signal };
    },
    interrupt: (signal, to) => send({ kind: 'interrupt', signal, stage: to }),
  };
}
