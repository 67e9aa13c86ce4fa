/**
 * Where a run stands. `apply` is the single door: every change is an event, and the side structures (ready set,
 * counters) are kept true there. Readers get the view. No step scans all tasks.
 *
 * ```
 * pending -> ready -> running -> merging -> done a failure, block or cancellation: what needs it is blocked
 *              ^         |  `-> failed           gates, and tasks that were done before, only pass order on
 *              +- delayed <+    running -> cancelled
 * ```
 */
import type { MergeResult } from './change.ts';
import type { Failure, RunEvent, StepId } from './event.ts';
import type { Plan } from './plan.ts';
import type { Rank } from './rank.ts';
import { Reach } from './reach.ts';
import { type Overlap, ReadySet, type ReadyStep } from './ready.ts';
import type { Uses } from './resources.ts';
import type { TaskStatus } from './session.ts';
import { enter, freshStep, leave, type Step, type StepView, type Unmerged } from './step.ts';
import type { Task, TaskId } from './task.ts';
import type { Verification } from './verification.ts';

export interface StateInput {
  readonly plan: Plan;
  readonly rank: Rank;
  readonly selected: ReadonlySet<TaskId>;
  /** Tasks that need no run: done or skipped in the file, or done in an earlier session. */
  readonly settled: ReadonlyMap<TaskId, 'done' | 'skipped'>;
  readonly verifications: readonly Verification[];
  /** Verifications that an earlier session still owes: they run though no task of theirs does. */
  readonly owed: ReadonlySet<StepId>;
  readonly overlap: Overlap;
  readonly failFast: boolean;
  readonly maxFailures: number | null;
  /** Each attempt has a tree of its own: a verification need not run alone. */
  readonly isolated: boolean;
  /** What tasks and verifications share. */
  readonly uses: Uses;
  /** Changes that an earlier session committed and did not merge. */
  readonly unmerged: ReadonlyMap<TaskId, Unmerged>;
  /** Attempts made in earlier sessions, per step. */
  readonly earlier: ReadonlyMap<StepId, number>;
}

export type Stop = 'fail-fast' | 'max-failures' | 'interrupted';

export interface Counts {
  readonly selected: number;
  readonly done: number;
  readonly failed: number;
  readonly blocked: number;
  readonly cancelled: number;
  readonly pending: number;
  readonly skipped: number;
  readonly deferred: number;
}

const shortRef = (ref: string): string => ref.replace(/^refs\/heads\//, '');

export class RunState {
  readonly plan: Plan;
  private readonly input: StateInput;
  private readonly steps = new Map<StepId, Step>();
  private readonly reach: Reach;
  private readonly ready: ReadySet;
  private readonly byStatus = new Map<TaskStatus, number>();
  private readonly live = new Map<StepId, Step>();
  private readonly waiting = new Map<StepId, Step>();
  private readonly blockedInOrder: StepId[] = [];
  /** Position of each verification among them. */
  private readonly places = new Map<StepId, number>();
  private readonly unmerged: Map<StepId, Unmerged>;
  private stopped: Stop | null = null;
  private failures = 0;

  constructor(input: StateInput) {
    this.plan = input.plan;
    this.input = input;
    this.ready = new ReadySet(input.overlap, input.uses.slots);
    this.unmerged = new Map(input.unmerged);
    this.build();
    this.reach = new Reach({
      plan: input.plan,
      stepOf: (id) => this.steps.get(id) ?? null,
      owed: input.owed,
      onReady: (step) => this.ready.add(this.readyStep(step)),
    });
    this.begin();
  }

  /** The step that would start next, or `null`: nothing is ready, may start beside what runs, or the run stops. */
  next(): StepView | null {
    if (this.stopped !== null) return null;
    const found = this.ready.next();
    return found === null ? null : this.known(found.id);
  }

  /** Whether the verification of the step shares resources that its start did not take: it has to ask for its turn. */
  takesTurns(id: StepId): boolean {
    return this.input.uses.verifications.length > 0 && this.step(id)?.task !== null;
  }

  /** Whether all that the task and its verification use could be held by the running step now. */
  mayVerify(id: StepId): boolean {
    return this.ready.mayHold(id, this.usedToVerify(id));
  }

  /** Whether the running step holds a resource of verifications. */
  holdsTurn(id: StepId): boolean {
    return this.ready.heldBy(id).some((name) => this.input.uses.verifications.includes(name));
  }

  /** Running steps in the order in which they would be started. */
  inOrder(ids: Iterable<StepId>): StepId[] {
    return this.ready.inOrder(ids);
  }

  /** A change of an earlier session that only waits to be merged, or `null`. */
  unmergedOf(id: StepId): Unmerged | null {
    return this.unmerged.get(id) ?? null;
  }

  /** Number of the step's next attempt, counted over all sessions. */
  nextAttempt(id: StepId): number {
    return this.known(id).lastAttempt + 1;
  }

  /** A verification that this session had no need for, because nothing of its group was done in it. */
  isSpared(id: StepId): boolean {
    return this.reach.hasEnded(id) && this.known(id).status === 'pending';
  }

  step(id: StepId): StepView | null {
    return this.steps.get(id) ?? null;
  }

  get running(): ReadonlyMap<StepId, StepView> {
    return this.live;
  }

  get delayed(): ReadonlyMap<StepId, StepView> {
    return this.waiting;
  }

  /** Blocked steps in the order in which they were blocked; it only grows. */
  get blocked(): readonly StepId[] {
    return this.blockedInOrder;
  }

  get stop(): Stop | null {
    return this.stopped;
  }

  /** Tasks per status; `selected` counts those that were open when the session began, or done in this run. */
  get counts(): Counts {
    const of = (status: TaskStatus): number => this.byStatus.get(status) ?? 0;
    const pending = of('pending') + of('running') + of('merging') + of('delayed');
    return {
      selected: of('done') + of('failed') + of('blocked') + of('cancelled') + pending,
      done: of('done'),
      failed: of('failed'),
      blocked: of('blocked'),
      cancelled: of('cancelled'),
      pending,
      skipped: of('skipped'),
      deferred: of('deferred'),
    };
  }

  /** All tasks, in document order. For summaries, not for steps of the run. */
  tasks(): StepView[] {
    return this.plan.tasks.map((task) => this.known(task.id));
  }

  verifications(): StepView[] {
    return this.input.verifications.map((one) => this.known(one.id));
  }

  /** The single door. Events that change no state (`box-ticked`, …) pass. */
  apply(event: RunEvent): void {
    switch (event.kind) {
      case 'attempt-started': {
        const step = this.known(event.step);
        this.ready.start(event.step);
        step.attempts++;
        step.branch = null;
        step.lastAttempt = event.attempt;
        enter(step, event.attempt, event.slot, event.time);
        this.setStatus(step, 'running');
        this.live.set(step.id, step);
        return;
      }
      case 'verification-started':
        this.ready.hold(event.step, this.usedToVerify(event.step));
        return;
      case 'verification-waiting': {
        const { verifications } = this.input.uses;
        const kept = this.ready.heldBy(event.step).filter((name) => !verifications.includes(name));
        this.ready.hold(event.step, kept);
        return;
      }
      case 'attempt-ended': {
        const step = this.known(event.step);
        if (event.outcome.kind === 'success' && event.outcome.change !== undefined) {
          this.ready.hold(step.id, []);
          step.verified = event.outcome.verified;
          step.branch = shortRef(event.outcome.change.ref);
          this.setStatus(step, 'merging');
          return;
        }
        this.leave(step, event.time, event.kept);
        if (event.outcome.kind === 'success') {
          step.verified = event.outcome.verified;
          step.failure = null;
          this.setStatus(step, 'done');
          this.reach.end(step.id);
          return;
        }
        this.lose(step, event.outcome.failure, event.retryAt);
        return;
      }
      case 'merge-resumed': {
        const step = this.known(event.step);
        this.ready.start(event.step);
        this.ready.hold(event.step, []);
        this.unmerged.delete(event.step);
        enter(step, event.attempt, event.slot, event.time);
        step.branch = shortRef(event.change.ref);
        this.setStatus(step, 'merging');
        this.live.set(step.id, step);
        return;
      }
      case 'merge-ended': {
        const step = this.known(event.step);
        this.leave(step, event.time, event.kept);
        this.endMerge(step, event.result, event.retryAt);
        return;
      }
      case 'retry-due': {
        const step = this.known(event.step);
        this.waiting.delete(step.id);
        step.retryAt = null;
        this.setStatus(step, 'pending');
        this.ready.add(this.readyStep(step));
        return;
      }
      case 'interrupted':
        this.stopped = 'interrupted';
        return;
      case 'run-ended':
        // Attempts were left, but none will be made: the last failure stands.
        for (const step of [...this.waiting.values()]) {
          this.waiting.delete(step.id);
          step.retryAt = null;
          this.fail(step, 'failed');
        }
        return;
      default:
        return;
    }
  }

  private leave(step: Step, time: number, kept: string | undefined): void {
    this.live.delete(step.id);
    this.ready.end(step.id);
    leave(step, time, kept);
  }

  private lose(step: Step, failure: Failure, retryAt: number | null): void {
    step.failure = failure;
    if (retryAt === null) {
      this.fail(step, failure.reason === 'cancelled' ? 'cancelled' : 'failed');
      return;
    }
    step.retryAt = retryAt;
    this.setStatus(step, 'delayed');
    this.waiting.set(step.id, step);
  }

  private endMerge(step: Step, result: MergeResult, retryAt: number | null): void {
    if (result.kind === 'merged') {
      step.merged = { commit: result.commit, files: result.files };
      step.branch = null;
      step.failure = null;
      this.setStatus(step, 'done');
      this.reach.end(step.id);
      return;
    }
    if (result.failure.reason === 'merge-conflict') step.conflicts++;
    this.lose(step, result.failure, retryAt);
  }

  private fail(step: Step, status: 'failed' | 'cancelled'): void {
    this.setStatus(step, status);
    if (status === 'failed') {
      this.failures++;
      if (this.input.failFast) this.stopped ??= 'fail-fast';
      else if (this.input.maxFailures !== null && this.failures >= this.input.maxFailures)
        this.stopped ??= 'max-failures';
    }
    this.block(step.id);
    this.reach.end(step.id);
  }

  private block(cause: StepId): void {
    for (const step of this.reach.block(cause)) {
      step.blockedBy = cause;
      this.setStatus(step, 'blocked');
      this.blockedInOrder.push(step.id);
    }
  }

  private setStatus(step: Step, status: TaskStatus): void {
    if (step.task !== null) {
      this.byStatus.set(step.status, (this.byStatus.get(step.status) ?? 0) - 1);
      this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    }
    step.status = status;
  }

  /** What the work of a task uses; of a verification, what all of it does. */
  private usedBy(id: StepId): readonly string[] {
    const { tasks, verifications } = this.input.uses;
    return this.plan.byId.has(id) ? (tasks.get(id) ?? []).map((use) => use.resource) : verifications;
  }

  private usedToVerify(id: StepId): readonly string[] {
    return [...new Set([...this.usedBy(id), ...this.input.uses.verifications])];
  }

  private readyStep(step: Step): ReadyStep {
    const { task } = step;
    return {
      id: step.id,
      parallel: task?.parallel ?? this.input.isolated,
      lanes: task === null ? [] : (this.plan.lanes[task.index] as readonly string[]),
      exclusive: task === null && !this.input.isolated,
      index: task?.index ?? (this.places.get(step.id) as number),
      priority: this.input.rank.priority(step.id),
      remaining: this.input.rank.remaining(step.id),
      uses: this.usedBy(step.id),
    };
  }

  private known(id: StepId): Step {
    const step = this.steps.get(id);
    if (step === undefined) throw new Error(`no step ${id}`);
    return step;
  }

  private build(): void {
    const { plan, selected, settled, verifications, earlier } = this.input;
    const add = (step: Parameters<typeof freshStep>[0]): void => void this.steps.set(step.id, freshStep(step));
    for (const task of plan.tasks) {
      const { id, title: label } = task;
      const before = settled.get(id) ?? null;
      const status: TaskStatus = before ?? (selected.has(id) ? 'pending' : 'deferred');
      this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
      const lastAttempt = earlier.get(id) ?? 0;
      add({ id, label, task, verification: null, status, before: before !== null, lastAttempt });
    }
    verifications.forEach((verification, i) => {
      const { id, label } = verification;
      this.places.set(id, i);
      const lastAttempt = earlier.get(id) ?? 0;
      add({ id, label, task: null, verification, status: 'pending', before: false, lastAttempt });
    });
  }

  /** Blocks what needs deferred tasks, then lets begin what waits for nothing. */
  private begin(): void {
    for (const index of this.plan.order) {
      const { id } = this.plan.tasks[index] as Task;
      if (this.known(id).status === 'deferred') this.block(id);
    }
    this.reach.begin();
  }
}
