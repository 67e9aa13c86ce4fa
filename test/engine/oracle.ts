/**
 * Says of the events of a run whether they were allowed: written from the contract, on the plan's list of edges, by
 * naive closures. Uses none of the code that decides in a run.
 */
import type { RunEvent, RunOptions, StepId } from '../../src/core/event.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Task, TaskId } from '../../src/core/task.ts';

export interface Case {
  /** As it was read: without verifications in its graph. */
  readonly plan: Plan;
  readonly selected: ReadonlySet<TaskId>;
  readonly settled: ReadonlySet<TaskId>;
  /** Ids in the order of the groups; `verify:end` stands last. */
  readonly verifications: readonly StepId[];
  readonly owed: ReadonlySet<StepId>;
  readonly options: RunOptions;
  readonly weight: (task: TaskId) => number;
  readonly backoffMs: number;
  /** How many may use each resource at the same time. */
  readonly resources: ReadonlyMap<string, number>;
  /** Resources of a task's work. */
  readonly uses: (task: TaskId) => readonly string[];
  /** Resources of every verification. */
  readonly verifying: readonly string[];
}

export type Status = 'pending' | 'running' | 'delayed' | 'done' | 'failed' | 'cancelled' | 'blocked';

const NEEDS = new Set(['explicit', 'barrier', 'sequence']);
const END = 'verify:end';

/** The groups of the contract: phases, or stories in a file without phase headings. */
function groups(plan: Plan): Task[][] {
  const byStory =
    plan.phases.every((phase) => phase.heading === null) && plan.tasks.some((task) => task.stories.length > 0);
  const found = new Map<string | number, Task[]>();
  for (const task of plan.tasks) {
    const key = byStory ? (task.stories[0] ?? '') : task.phase;
    found.set(key, [...(found.get(key) ?? []), task]);
  }
  return [...found.values()];
}

export class Oracle {
  readonly status = new Map<StepId, Status>();
  readonly cause = new Map<StepId, StepId>();
  readonly attempts = new Map<StepId, number>();
  private readonly given: Case;
  private readonly groupOf = new Map<StepId, readonly Task[]>();
  /** Everything before a step, over edges of any kind. */
  private readonly before = new Map<StepId, Set<StepId>>();
  /** Everything that a step needs, over edges that block. */
  private readonly needs = new Map<StepId, Set<StepId>>();
  /** Everything before a step in the file's own graph. */
  private readonly inPlan = new Map<StepId, Set<StepId>>();
  /** Everything behind a node that a failure of it reaches. */
  private readonly reach: (from: StepId) => Set<StepId>;
  private readonly slots = new Map<number, StepId>();
  private readonly held = new Map<StepId, readonly string[]>();
  private readonly due = new Map<StepId, number>();
  private readonly remaining = new Map<string, number>();
  private readonly out = new Map<string, string[]>();
  private time: number | null = null;
  private failures = 0;
  stopped = false;

  constructor(given: Case) {
    this.given = given;
    const { plan, verifications } = given;
    const position = new Map(plan.order.map((index, i) => [(plan.tasks[index] as Task).id, i]));
    const every: [string, string][] = plan.edges.map((edge) => [edge.from, edge.to]);
    const blocking: [string, string][] = plan.edges.flatMap((edge) =>
      NEEDS.has(edge.kind) ? [[edge.from, edge.to] as [string, string]] : [],
    );
    for (const edge of every) this.out.set(edge[0], [...(this.out.get(edge[0]) ?? []), edge[1]]);
    const inPlan = closure(blocking);
    const carries: [string, string][] = [...blocking];
    const toVerification: [string, string][] = [];
    const all = groups(plan);
    verifications.forEach((id, i) => {
      const tasks = id === END ? plan.tasks : (all[i] as Task[]);
      this.groupOf.set(id, tasks);
      const last = Math.max(...tasks.map((task) => position.get(task.id) as number));
      for (const task of tasks) {
        toVerification.push([task.id, id]);
        if (given.selected.has(task.id) && !given.settled.has(task.id)) carries.push([task.id, id]);
        if (id === END) continue;
        for (const behind of inPlan(task.id)) {
          if (!plan.byId.has(behind) || (position.get(behind) as number) <= last) continue;
          blocking.push([id, behind]);
          carries.push([id, behind]);
          every.push([id, behind]);
        }
      }
      if (id !== END && verifications.includes(END)) {
        toVerification.push([id, END]);
        carries.push([id, END]);
      }
    });
    const backAll = closure([...every, ...toVerification].map(([a, b]) => [b, a]));
    const backNeeds = closure(blocking.map(([a, b]) => [b, a]));
    const backPlan = closure(plan.edges.map((edge) => [edge.to, edge.from]));
    this.reach = closure(carries);
    for (const id of [...plan.tasks.map((task) => task.id), ...verifications]) {
      this.before.set(id, backAll(id));
      this.needs.set(id, backNeeds(id));
      this.inPlan.set(id, backPlan(id));
      this.status.set(id, 'pending');
    }
    for (const index of plan.order) {
      const { id } = plan.tasks[index] as Task;
      if (this.isDeferred(id)) for (const other of this.reach(id)) this.block(other, id);
    }
  }

  /** Takes one event in; throws when it was not allowed. */
  hear(event: RunEvent): void {
    if (this.time !== null && event.time > this.time) this.idle();
    this.time = event.time;
    if (event.kind === 'attempt-started') this.started(event.step, event.attempt, event.slot);
    else if (event.kind === 'attempt-ended') this.ended(event);
    else if (event.kind === 'verification-started') this.hold(event.step, this.toVerify(event.step));
    else if (event.kind === 'verification-waiting') this.wait(event.step);
    else if (event.kind === 'retry-due') {
      expect(this.status.get(event.step) === 'delayed', `${event.step} is due, but was not delayed`);
      expect((this.due.get(event.step) as number) <= event.time, `${event.step} is due too early`);
      this.status.set(event.step, 'pending');
    } else if (event.kind === 'interrupted') this.stopped = true;
    else if (event.kind === 'run-ended') {
      this.idle();
      expect(this.slots.size === 0, 'the run ended while something was running');
      // In the order in which their last attempts ended.
      for (const id of this.due.keys()) {
        if (this.status.get(id) !== 'delayed') continue;
        expect(this.stopped, `the run ended while ${id} was delayed`);
        this.final(id, 'failed');
      }
    }
  }

  private started(id: StepId, attempt: number, slot: number): void {
    const { options } = this.given;
    expect(!this.stopped, `${id} started though nothing new may start`);
    const slots = options.parallel ? options.jobs : 1;
    expect(slot >= 1 && slot <= slots && !this.slots.has(slot), `slot ${slot} of ${slots} was not free for ${id}`);
    const startable = this.startable();
    const waits = [...(this.before.get(id) as Set<string>)].filter((other) => !this.isOver(other));
    expect(this.isReady(id), `${id} started, but is ${this.status.get(id)}, waits for ${waits.join(', ')}`);
    for (const other of this.needs.get(id) as Set<string>) {
      const fine = this.isVerification(other)
        ? this.status.get(other) === 'done' || !this.hasToVerify(other)
        : !this.status.has(other) || this.given.settled.has(other) || this.status.get(other) === 'done';
      expect(fine, `${id} started, but needs ${other}, which is not done`);
    }
    expect(startable.includes(id), `${id} started beside ${[...this.slots.values()].join(', ')}`);
    expect(startable[0] === id || this.isTie(startable[0] as string, id), `${id} started before ${startable[0]}`);
    const made = (this.attempts.get(id) ?? 0) + 1;
    this.attempts.set(id, made);
    expect(made <= options.retries + 1, `${id} has more attempts than allowed`);
    expect(attempt >= made, `${id}: attempt ${attempt} is number ${made}`);
    this.status.set(id, 'running');
    this.slots.set(slot, id);
    this.hold(id, this.usedBy(id));
    const targets = [...this.slots.values()].flatMap((step) => this.task(step)?.target ?? []);
    expect(new Set(targets).size === targets.length, `${id} runs beside a task with the same target`);
  }

  /** Resources change hands only here: never more holders than there may be. */
  private hold(id: StepId, names: readonly string[]): void {
    expect(this.status.get(id) === 'running', `${id} does not run, and takes ${names.join(', ')}`);
    this.held.set(id, names);
    for (const [name, slots] of this.given.resources) {
      expect(this.holders(name).length <= slots, `${name} is used by ${this.holders(name).join(', ')}`);
    }
  }

  /** It gives back what verifications use, and only where its own cannot begin. */
  private wait(id: StepId): void {
    const held = this.held.get(id) ?? [];
    const given = held.filter((name) => this.given.verifying.includes(name));
    expect(given.length > 0, `${id} waits for its verification with empty hands`);
    const free = this.toVerify(id).every((name) => held.includes(name) || this.isFree(name));
    expect(!free, `${id} waits for its verification, for which all is free`);
    this.hold(
      id,
      held.filter((name) => !given.includes(name)),
    );
  }

  private usedBy(id: StepId): readonly string[] {
    return this.isVerification(id) ? this.given.verifying : this.given.uses(id);
  }

  private toVerify(id: StepId): readonly string[] {
    return [...new Set([...this.usedBy(id), ...this.given.verifying])];
  }

  private holders(name: string): StepId[] {
    return [...this.held].flatMap(([id, names]) => (names.includes(name) ? [id] : []));
  }

  private isFree(name: string): boolean {
    return this.holders(name).length < (this.given.resources.get(name) as number);
  }

  private ended(event: Extract<RunEvent, { kind: 'attempt-ended' }>): void {
    const { step, outcome, retryAt } = event;
    expect(this.status.get(step) === 'running', `${step} ended, but did not run`);
    for (const [slot, id] of this.slots) if (id === step) this.slots.delete(slot);
    this.held.delete(step);
    if (outcome.kind === 'success') {
      this.status.set(step, 'done');
      return;
    }
    const { reason } = outcome.failure;
    const made = this.attempts.get(step) as number;
    const again =
      reason !== 'cancelled' && !this.isVerification(step) && made <= this.given.options.retries && !this.stopped;
    expect(again === (retryAt !== null), `${step} ${again ? 'was not' : 'was'} to be tried again`);
    if (retryAt !== null) {
      expect(retryAt === event.time + this.given.backoffMs * 2 ** (made - 1), `${step} is due at the wrong time`);
      this.due.delete(step);
      this.due.set(step, retryAt);
      this.status.set(step, 'delayed');
    } else this.final(step, reason === 'cancelled' ? 'cancelled' : 'failed');
  }

  private final(id: StepId, status: 'failed' | 'cancelled'): void {
    this.status.set(id, status);
    for (const other of this.reach(id)) this.block(other, id);
    if (status === 'cancelled') return;
    this.failures++;
    const { failFast, maxFailures } = this.given.options;
    if (failFast || (maxFailures !== null && this.failures >= maxFailures)) this.stopped = true;
  }

  private block(id: StepId, cause: StepId): void {
    if (!this.status.has(id) || this.cause.has(id)) return;
    this.cause.set(id, cause);
    if (this.status.get(id) === 'pending' && this.takesPart(id)) this.status.set(id, 'blocked');
  }

  /** Time passes, or the run ends: nothing may be left that could run. */
  private idle(): void {
    if (this.stopped) return;
    const slots = this.given.options.parallel ? this.given.options.jobs : 1;
    if (this.slots.size >= slots) return;
    const startable = this.startable();
    expect(startable.length === 0, `a slot is free and ${startable.join(', ')} could run, but nothing starts`);
  }

  isDeferred(id: StepId): boolean {
    return this.given.plan.byId.has(id) && !this.given.selected.has(id) && !this.given.settled.has(id);
  }

  private takesPart(id: StepId): boolean {
    return this.isVerification(id) || (this.given.selected.has(id) && !this.given.settled.has(id));
  }

  private isVerification(id: StepId): boolean {
    return this.groupOf.has(id);
  }

  /** A verification has work when something of its group was done now, or an earlier session owes it. */
  private hasToVerify(id: StepId): boolean {
    const tasks = this.groupOf.get(id) as readonly Task[];
    const parts = id === END ? this.given.verifications.filter((other) => other !== END) : [];
    return (
      this.given.owed.has(id) ||
      tasks.some((task) => this.status.get(task.id) === 'done') ||
      parts.some((other) => this.status.get(other) === 'done')
    );
  }

  /** Nothing waits for the step itself any more; what stands before it is another question. */
  private isOver(id: string): boolean {
    const status = this.status.get(id);
    if (status === undefined) return true;
    if (!this.takesPart(id)) return true;
    if (status === 'pending' && this.isVerification(id)) return !this.hasToVerify(id);
    return status === 'done' || status === 'failed' || status === 'cancelled' || status === 'blocked';
  }

  private isReady(id: StepId): boolean {
    if (this.status.get(id) !== 'pending' || !this.takesPart(id) || this.cause.has(id)) return false;
    if (this.isVerification(id) && !this.hasToVerify(id)) return false;
    return [...(this.before.get(id) as Set<string>)].every((other) => this.isOver(other));
  }

  private task(id: StepId): Task | undefined {
    return this.given.plan.byId.get(id);
  }

  /** What may start now, the best first. */
  private startable(): StepId[] {
    const { options } = this.given;
    const running = [...this.slots.values()];
    const ready = [...this.status.keys()].filter((id) => this.isReady(id));
    const verifications = ready.filter((id) => this.isVerification(id));
    if (running.some((id) => this.isVerification(id))) return [];
    if (verifications.length > 0) return running.length === 0 ? verifications : [];
    const index = (id: StepId): number => (this.task(id) as Task).index;
    const inOrder = ready.sort((a, b) => index(a) - index(b));
    if (!options.parallel) return running.length === 0 ? inOrder : [];
    const isMarked = (id: StepId): boolean => this.task(id)?.parallel === true;
    const best = (ids: StepId[]): StepId[] =>
      ids.sort((a, b) => rankCompare(this.worth(a), this.worth(b)) || index(a) - index(b));
    const hasAll = (id: StepId): boolean => this.usedBy(id).every((name) => this.isFree(name));
    if (options.overlap === 'marked') {
      if (running.some((id) => !isMarked(id))) return [];
      const alone = inOrder.filter((id) => !isMarked(id));
      return running.length === 0 && alone.length > 0 ? alone : best(inOrder.filter(isMarked).filter(hasAll));
    }
    const lanes = (id: StepId): readonly string[] => {
      const task = this.task(id) as Task;
      return task.all ? ['all'] : task.stories.length > 0 ? task.stories : [`phase ${task.phase}`];
    };
    const share = (a: StepId, b: StepId): boolean => lanes(a).some((lane) => lanes(b).includes(lane));
    return best(
      inOrder
        .filter(hasAll)
        .filter((id) => running.every((other) => !share(id, other) || (isMarked(id) && isMarked(other)))),
    );
  }

  private isTie(a: StepId, b: StepId): boolean {
    return this.isVerification(a) && this.isVerification(b);
  }

  /** Priority inside the stretch, then longest remaining path. */
  private worth(id: StepId): readonly [number, number] {
    const { plan } = this.given;
    const stretch = plan.stretch[(this.task(id) as Task).index];
    let priority = (this.task(id) as Task).priority ?? Number.POSITIVE_INFINITY;
    for (const other of plan.tasks) {
      if (other.priority === null || plan.stretch[other.index] !== stretch) continue;
      if ((this.inPlan.get(other.id) as Set<string>).has(id)) priority = Math.min(priority, other.priority);
    }
    return [priority, -this.path(id)];
  }

  private path(node: string): number {
    const known = this.remaining.get(node);
    if (known !== undefined) return known;
    const longest = Math.max(0, ...(this.out.get(node) ?? []).map((next) => this.path(next)));
    const length = longest + (this.given.plan.byId.has(node) ? this.given.weight(node) : 0);
    this.remaining.set(node, length);
    return length;
  }
}

function rankCompare(a: readonly [number, number], b: readonly [number, number]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1];
}

/** A function that gives everything behind a node; not the node itself. */
function closure(edges: readonly (readonly [string, string])[]): (from: string) => Set<string> {
  const out = new Map<string, string[]>();
  for (const [from, to] of edges) {
    const list = out.get(from);
    if (list === undefined) out.set(from, [to]);
    else list.push(to);
  }
  const known = new Map<string, Set<string>>();
  return (from) => {
    let found = known.get(from);
    if (found !== undefined) return found;
    found = new Set<string>();
    const stack = [from];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      for (const to of out.get(node) ?? []) {
        if (found.has(to)) continue;
        found.add(to);
        stack.push(to);
      }
    }
    known.set(from, found);
    return found;
  };
}

function expect(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}
