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
import type { Change, FileChange, MergeResult } from './change.ts';
import type { Failure, RunEvent, StepId } from './event.ts';
import type { Plan } from './plan.ts';
import type { Rank } from './rank.ts';
import { type Overlap, ReadySet, type ReadyStep } from './ready.ts';
import type { Uses } from './resources.ts';
import type { TaskStatus } from './session.ts';
import { BLOCKS, type EdgeKind, type Task, type TaskId } from './task.ts';
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

export interface Unmerged {
  readonly attempt: number;
  readonly change: Change;
}

export interface Attempt {
  readonly number: number;
  readonly slot: number;
  readonly startedAt: number;
}

/** One task or verification, as readers see it. */
export interface StepView {
  readonly id: StepId;
  /** For people: the task's title, or `verification of Phase 2`. */
  readonly label: string;
  readonly task: Task | null;
  readonly verification: Verification | null;
  readonly status: TaskStatus;
  /** Attempts of this session. */
  readonly attempts: number;
  readonly current: Attempt | null;
  readonly failure: Failure | null;
  /** Step at the root of a block, or `null`. */
  readonly blockedBy: StepId | null;
  /** When the first attempt of this session started (ms since the epoch), or `null`. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Time in all attempts of this session, in ms. */
  readonly durationMs: number;
  /** Last line of the verification. */
  readonly verified: string | null;
  /** Attempts of this session that ended in a merge conflict. */
  readonly conflicts: number;
  /** The commit with which it joined the target, and its files. */
  readonly merged: { readonly commit: string; readonly files: readonly FileChange[] } | null;
  /** Worktree that its last attempt left for people, relative to the project root. */
  readonly kept: string | null;
  /** Branch on which its work waits. */
  readonly branch: string | null;
  /** The next attempt is due then. */
  readonly retryAt: number | null;
  /** It was done before this session. */
  readonly before: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Step extends Mutable<StepView> {
  lastAttempt: number;
}

interface Node {
  /** Predecessors that have not ended. */
  waits: number;
  /** It has come to its end, and so has everything before it. */
  ended: boolean;
  /** Root of the block that reached this node, if one did. */
  cause: StepId | null;
  step: Step | null;
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
  private readonly nodes = new Map<string, Node>();
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
  }

  /** The step that would start next, or `null`: nothing is ready, may start beside what runs, or the run stops. */
  next(): StepView | null {
    if (this.stopped !== null) return null;
    const found = this.ready.next();
    return found === null ? null : (this.node(found.id).step as Step);
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
    return ((this.node(id).step as Step).lastAttempt ?? 0) + 1;
  }

  /** A verification that this session had no need for, because nothing of its group was done in it. */
  isSpared(id: StepId): boolean {
    const node = this.node(id);
    return node.ended && node.step?.status === 'pending';
  }

  step(id: StepId): StepView | null {
    return this.nodes.get(id)?.step ?? null;
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
    return this.plan.tasks.map((task) => this.node(task.id).step as Step);
  }

  verifications(): StepView[] {
    return this.input.verifications.map((one) => this.node(one.id).step as Step);
  }

  /** The single door. Events that change no state (`box-ticked`, …) pass. */
  apply(event: RunEvent): void {
    switch (event.kind) {
      case 'attempt-started': {
        const step = this.node(event.step).step as Step;
        this.ready.start(event.step);
        step.attempts++;
        step.branch = null;
        step.lastAttempt = event.attempt;
        step.current = { number: event.attempt, slot: event.slot, startedAt: event.time };
        step.startedAt ??= event.time;
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
        const step = this.node(event.step).step as Step;
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
          this.end(step.id);
          return;
        }
        this.lose(step, event.outcome.failure, event.retryAt);
        return;
      }
      case 'merge-resumed': {
        const step = this.node(event.step).step as Step;
        this.ready.start(event.step);
        this.ready.hold(event.step, []);
        this.unmerged.delete(event.step);
        step.current = { number: event.attempt, slot: event.slot, startedAt: event.time };
        step.startedAt ??= event.time;
        step.branch = shortRef(event.change.ref);
        this.setStatus(step, 'merging');
        this.live.set(step.id, step);
        return;
      }
      case 'merge-ended': {
        const step = this.node(event.step).step as Step;
        this.leave(step, event.time, event.kept);
        this.endMerge(step, event.result, event.retryAt);
        return;
      }
      case 'retry-due': {
        const step = this.node(event.step).step as Step;
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

  /** The step gives its slot back. */
  private leave(step: Step, time: number, kept: string | undefined): void {
    this.live.delete(step.id);
    this.ready.end(step.id);
    if (step.current !== null) step.durationMs += time - step.current.startedAt;
    step.current = null;
    step.endedAt = time;
    step.kept = kept ?? null;
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
      this.end(step.id);
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
    this.end(step.id);
  }

  /** What needs this step can never run. That is known at once; order is passed on only when all before has ended. */
  private block(cause: StepId): void {
    const blocked: Step[] = [];
    const stack: string[] = [cause];
    for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
      const source = from;
      this.plan.network.forEachOutboundEdge(source, (_edge, data, _from, to) => {
        const target = this.node(to);
        if (target.cause !== null || !this.carries(data.kind, source)) return;
        target.cause = cause;
        if (target.step?.status === 'pending') blocked.push(target.step);
        stack.push(to);
      });
    }
    const place = (step: Step): number => step.task?.index ?? Number.POSITIVE_INFINITY;
    blocked.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
    for (const step of blocked) {
      step.blockedBy = cause;
      this.setStatus(step, 'blocked');
      this.blockedInOrder.push(step.id);
    }
  }

  /** A node has ended: what has nothing else to wait for becomes ready, or passes order on. */
  private end(id: string): void {
    const stack = [id];
    for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
      this.node(from).ended = true;
      this.plan.network.forEachOutboundEdge(from, (_edge, _data, _from, to) => {
        const target = this.node(to);
        target.waits--;
        if (target.waits === 0 && !this.becomesReady(target)) stack.push(to);
      });
    }
  }

  /** All before the node has ended. Gates and steps that do not run only pass order on. */
  private becomesReady({ step }: Node): boolean {
    if (step === null || step.status !== 'pending' || this.passes(step)) return false;
    this.ready.add(this.readyStep(step));
    return true;
  }

  /** A verification without anything to verify in this session. */
  private passes(step: Step): boolean {
    if (step.verification === null || this.input.owed.has(step.id)) return false;
    return !this.plan.network.someInNeighbor(step.id, (from) => {
      const before = this.node(from).step;
      return before !== null && before.status === 'done' && !before.before;
    });
  }

  /** A task that takes no part in this run holds up what needs it, but not the verification of its phase. */
  private carries(kind: EdgeKind, from: string): boolean {
    if (kind !== 'verification') return BLOCKS[kind];
    const step = this.node(from).step;
    return step === null || !(step.status === 'deferred' || step.before);
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

  private node(id: string): Node {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  private build(): void {
    const { plan, selected, settled, verifications, earlier } = this.input;
    const labels = new Map(verifications.map((one) => [one.id, one]));
    verifications.forEach(({ id }, i) => void this.places.set(id, i));
    const initial: { id: string; node: Node }[] = [];
    plan.network.forEachNode((id) => {
      const task = plan.byId.get(id) ?? null;
      const verification = labels.get(id) ?? null;
      let step: Step | null = null;
      if (task !== null || verification !== null) {
        const before = settled.get(id) ?? null;
        const status: TaskStatus = before ?? (task === null || selected.has(id) ? 'pending' : 'deferred');
        step = {
          id,
          label: task?.title ?? (verification?.label as string),
          task,
          verification,
          status,
          attempts: 0,
          current: null,
          failure: null,
          blockedBy: null,
          startedAt: null,
          endedAt: null,
          durationMs: 0,
          verified: null,
          conflicts: 0,
          merged: null,
          kept: null,
          branch: null,
          retryAt: null,
          before: before !== null,
          lastAttempt: earlier.get(id) ?? 0,
        };
        if (task !== null) this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
      }
      const node: Node = { waits: plan.network.inDegree(id), ended: false, cause: null, step };
      this.nodes.set(id, node);
      if (node.waits === 0) initial.push({ id, node });
    });
    for (const index of plan.order) {
      const { id } = plan.tasks[index] as Task;
      if (this.node(id).step?.status === 'deferred') this.block(id);
    }
    for (const { id, node } of initial) if (!this.becomesReady(node)) this.end(id);
  }
}
