/**
 * One session of a run on fakes, composed as the command does it: what is read, prepared, selected and reconciled is
 * the real thing; time, attempts, boxes and the journal's disk are not.
 */
import type { Change, MergeResult } from '../../src/core/change.ts';
import {
  type Failure,
  JOURNAL_FORMAT,
  type RunEvent,
  type RunEventBody,
  type RunOptions,
  type StepId,
} from '../../src/core/event.ts';
import { foldHistory, type History, isGenerated } from '../../src/core/history.ts';
import { rankOf } from '../../src/core/rank.ts';
import { usesOf } from '../../src/core/resources.ts';
import type { Resource } from '../../src/core/settings.ts';
import { RunState } from '../../src/core/state.ts';
import type { TaskId } from '../../src/core/task.ts';
import { addVerifications } from '../../src/core/verification.ts';
import { type Boxes, createEngine, type Integrator } from '../../src/engine.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { boxesOf, digest, owedBy, type Prepared, prepare } from '../../src/prepare.ts';
import { type SessionContext, sessionOf } from '../../src/session.ts';
import type { Clock } from '../../src/util/clock.ts';
import { globTest } from '../../src/util/globs.ts';
import { createFakeBackend, type FakeBackend, type Play } from '../support/fake-backend.ts';
import { type Fate, FILE, fateOf, outcomeOf } from '../support/random-plan.ts';
import { createVirtualClock, NOON } from '../support/virtual-clock.ts';

const RUN = '20260101-120000-0000';

const CHANGE: Change = { commit: 'cd', base: 'ab', ref: 'refs/heads/implement/x', message: 'Make it', files: [] };
const STOPPED: Failure = { reason: 'cancelled', message: 'stopped', exitCode: null, signal: null, tail: '' };

const asIs = (text: string): string => text;

/** A task file on a disk that only remembers: one character per box. */
class Paper {
  text: string;
  private readonly boxes: ReturnType<typeof boxesOf>;

  constructor(text: string, boxes: ReturnType<typeof boxesOf>) {
    this.text = text;
    this.boxes = boxes;
  }

  /** Replaces what stands in the boxes of a task; says whether anything was replaced. */
  write(task: TaskId, from: string, to: string): boolean {
    let changed = false;
    for (const { inner } of this.boxes.get(task) ?? []) {
      if (this.text.slice(inner.start, inner.end) !== from) continue;
      this.text = this.text.slice(0, inner.start) + to + this.text.slice(inner.end);
      changed = true;
    }
    return changed;
  }
}

export interface Scene {
  readonly text: string;
  readonly options: RunOptions;
  /** What each step comes to. */
  readonly fates: readonly Fate[];
  readonly resources?: readonly Resource[];
  /** Time of each task's verification; a verification of a phase takes its fate's. Nothing: tasks have none. */
  readonly verifyMs?: number;
  /** Tasks are merged, one by one, each behind another verification of this time. */
  readonly mergeMs?: number;
  /** What earlier sessions left: their journal, or a history from elsewhere. */
  readonly past?: { readonly events: readonly RunEvent[] } | { readonly history: History };
  /** A new run after an unfinished one. */
  readonly anew?: boolean;
  /** The append (from 1, the opening ones not counted) that fails. */
  readonly failAt?: number;
  readonly interrupts?: readonly { readonly at: number; readonly signal: string; readonly stage: 1 | 2 | 3 }[];
  /** Steps whose attempts end only on KILL. */
  readonly stubborn?: (step: StepId) => boolean;
  /** Hears every event with the state behind it, and the session and the task file as they are then. */
  readonly hear?: (event: RunEvent, state: RunState, session: () => ReturnType<typeof sessionOf>, text: string) => void;
}

export interface Played {
  readonly prepared: Prepared;
  readonly state: RunState;
  readonly owed: ReadonlySet<StepId>;
  readonly weight: (task: TaskId) => number;
  /** The journal: of earlier sessions where it goes on, and of this one. */
  readonly events: readonly RunEvent[];
  /** Where in it this session begins. */
  readonly first: number;
  /** The task file when event number i (from 0) was appended, and at the end. */
  readonly texts: readonly string[];
  readonly text: string;
  readonly backend: FakeBackend;
  readonly status: string;
  readonly fault: string | null;
  readonly signal: string | null;
  readonly session: ReturnType<typeof sessionOf>;
}

/** Plays one session to its end; `null` when there is nothing to play (a filter that selects nothing). */
export async function play(scene: Scene): Promise<Played | null> {
  const { options, past } = scene;
  const earlier = past !== undefined && 'events' in past ? past.events : [];
  const history = past === undefined ? null : 'history' in past ? past.history : foldHistory(past.events);
  const resume = history !== null && scene.anew !== true;
  const file = { path: `/p/${FILE}`, name: FILE, text: scene.text, bytes: new Uint8Array() };
  const found = prepare(file, options, history, resume, {}, asIs);
  if (!found.ok) {
    if (found.diagnostics.every((one) => one.code.startsWith('filter-'))) return null;
    throw new Error(found.diagnostics.map((one) => one.message).join('\n'));
  }
  const prepared = found.value;
  const { plan, selection, reconciled, verify } = prepared;
  const clock = createVirtualClock((earlier.at(-1)?.time ?? NOON) + 60_000);
  const paper = new Paper(scene.text, boxesOf(plan));
  for (const task of reconciled.restore) paper.write(task.id, 'x', ' ');
  for (const task of reconciled.tick) paper.write(task.id, ' ', 'x');

  const goesOn = resume && earlier.length > 0;
  const number = resume ? (history as History).sessions + 1 : 1;
  const { settled } = reconciled;
  const average = mean(reconciled.durations);
  const weight = (task: TaskId): number =>
    settled.has(task) || !selection.selected.has(task) ? 0 : (reconciled.durations.get(task) ?? average);
  const rank = rankOf(plan, weight);
  const verifications = addVerifications(plan, { phase: verify.phase !== null, end: verify.end !== null });
  const owed = new Set(resume ? owedBy(plan, verifications, history as History, reconciled) : []);
  const state = new RunState({
    plan,
    rank,
    selected: selection.selected,
    settled,
    verifications,
    owed,
    overlap: options.parallel ? options.overlap : 'serial',
    failFast: options.failFast,
    maxFailures: options.maxFailures,
    isolated: options.worktree,
    uses: usesOf(plan, scene.resources ?? [], globTest),
    unmerged: reconciled.unmerged,
    earlier: reconciled.attempts,
  });

  let seq = goesOn ? (history as History).seq : 0;
  const opening: RunEventBody[] = [
    {
      kind: 'run-started',
      run: RUN,
      session: number,
      format: JOURNAL_FORMAT,
      version: '0.1.0',
      file: FILE,
      digest: digest(scene.text),
      commands: null,
      options,
      pid: 1,
      host: 'here',
    },
    ...(resume && !goesOn
      ? [
          {
            kind: 'adopted',
            done: [...(history as History).done].filter((task) => settled.has(task)),
            verified: [...(history as History).verified],
            elapsedMs: (history as History).elapsedMs,
          } as const,
        ]
      : []),
    {
      kind: 'plan-read',
      tasks: plan.tasks.map((task) => ({ id: task.id, title: task.title, generated: isGenerated(task.id) })),
      done: plan.tasks.flatMap((task) => (settled.has(task.id) ? [task.id] : [])),
    },
    ...reconciled.undone.map((task) => ({ kind: 'undone', task: task.id }) as const),
    ...(resume ? [...reconciled.tick, ...reconciled.found] : []).map(
      (task) => ({ kind: 'box-ticked', task: task.id }) as const,
    ),
  ];
  const failAt = scene.failAt === undefined ? {} : { failAt: scene.failAt + opening.length };
  const journal = memoryJournal(failAt);
  const texts: string[] = [];
  const append = (event: RunEvent): Promise<void> => {
    texts.push(paper.text);
    return journal.append(event);
  };
  const began = clock.now();
  await Promise.all(opening.map((body) => append({ ...body, seq: ++seq, time: began } as RunEvent)));

  const slots = options.parallel ? options.jobs : 1;
  const tries = new Map<StepId, number>();
  const backend = createFakeBackend(slots, clock, (step): Play => {
    const n = (tries.get(step) ?? 0) + 1;
    tries.set(step, n);
    const fate = fateOf(scene.fates, step);
    const outcome = outcomeOf(fate, n);
    const isCommitted = scene.mergeMs !== undefined && plan.byId.has(step) && outcome.kind === 'success';
    return {
      ms: fate.ms,
      verifyMs: scene.verifyMs === undefined && plan.byId.has(step) ? undefined : (scene.verifyMs ?? 0),
      outcome: isCommitted ? { ...outcome, change: CHANGE } : outcome,
      meanwhile: fate.ticks && plan.byId.has(step) ? () => void paper.write(step, ' ', 'x') : undefined,
      stubborn: scene.stubborn?.(step) ?? false,
    };
  });
  const boxes: Boxes = {
    tick: async (task) => {
      paper.write(task, ' ', 'x');
      return true;
    },
    restore: async (task) => paper.write(task, 'x', ' '),
  };
  const context = (status: SessionContext['status']): SessionContext => ({
    run: RUN,
    session: number,
    status,
    file: FILE,
    digest: digest(scene.text),
    options,
    startedAt: history?.startedAt ?? began,
    now: clock.now(),
    elapsedMs: (history?.elapsedMs ?? 0) + clock.now() - began,
    continueCommand: 'implement --continue',
    clean: asIs,
    redact: asIs,
  });
  const engine = createEngine({
    state,
    backend,
    journal: { append, close: () => journal.close() },
    clock,
    policy: { retries: options.retries, conflictRetries: options.conflictRetries, backoffMs: 1000 },
    integrator: scene.mergeMs === undefined ? null : mergeQueue(scene.mergeMs, clock),
    slots: Array.from({ length: backend.slots }, (_, i) => i + 1),
    boxes,
    seq,
    assign: (step, attempt, slot) => ({
      id: `${RUN}-${step}-${attempt}`,
      run: RUN,
      step,
      attempt,
      slot,
      work: [],
      verify: null,
      commit: null,
      dir: '/p',
      env: {},
      prompt: '',
      log: `/p/${step}.${attempt}.log`,
      timeoutMs: null,
      silenceMs: null,
      graceMs: 0,
    }),
    commands: () => null,
    emit: (event, view) => scene.hear?.(event, view, () => sessionOf(view, context('running')), paper.text),
  });
  for (const { at, signal, stage } of scene.interrupts ?? []) clock.after(at, () => engine.interrupt(signal, stage));
  const { status, fault, signal } = await clock.drive(engine.run());
  await journal.close();
  return {
    prepared,
    state,
    owed,
    weight,
    events: [...(goesOn ? earlier : []), ...journal.events],
    first: goesOn ? earlier.length : 0,
    texts,
    text: paper.text,
    backend,
    status,
    fault,
    signal,
    session: sessionOf(state, context(status)),
  };
}

/** Merges in the order of the endings, each verified again before. */
function mergeQueue(ms: number, clock: Clock): Integrator {
  let last: Promise<unknown> = Promise.resolve();
  return {
    merge(merging, io) {
      const result = last.then(async (): Promise<MergeResult> => {
        await io.verifying();
        if (io.stop.aborted) return { kind: 'failure', failure: STOPPED, held: true, clashes: [] };
        await new Promise<void>((resolve) => void clock.after(ms, resolve));
        return { kind: 'merged', commit: 'ef', files: [], ticked: await merging.tick() };
      });
      last = result;
      return result;
    },
    watch: () => {},
    keep: () => null,
  };
}

function mean(durations: ReadonlyMap<TaskId, number>): number {
  let sum = 0;
  for (const ms of durations.values()) sum += ms;
  return durations.size === 0 ? 1 : Math.max(1, sum / durations.size);
}
