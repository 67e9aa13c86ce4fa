/**
 * The ready set: which step may start next beside what runs already. Holds only what is ready, in heaps; no
 * question scans all tasks. Knows the three ways of overlap; knows no events.
 *
 * - serial: one step at a time, document order.
 * - marked: `[P]` steps side by side, any other alone. When nothing runs, unmarked ones go first.
 * - stories: lanes side by side; inside a lane a step without `[P]` runs alone.
 * A verification runs alone in a shared tree: while one is ready, nothing else is started.
 *
 * Beside that, resources: a step starts only when all that it uses are free, and takes them all at once. One that
 * cannot waits at the first that is not, and holds up nobody; what is given back calls the best that waits there.
 */
import { Heap } from './heap.ts';

/** A step as the ready set sees it. */
export interface ReadyStep {
  readonly id: string;
  readonly parallel: boolean;
  readonly lanes: readonly string[];
  readonly exclusive: boolean;
  readonly index: number;
  readonly priority: number;
  readonly remaining: number;
  /** Names of the resources that it holds from its start on, each once. */
  readonly uses: readonly string[];
}

export type Overlap = 'serial' | 'marked' | 'stories';

type Order = (a: ReadyStep, b: ReadyStep) => number;

const byDocument: Order = (a, b) => a.index - b.index;

/** P1 first, then the longest remaining path, then document order. */
const byWorth: Order = (a, b) =>
  (a.priority === b.priority ? 0 : a.priority - b.priority) || b.remaining - a.remaining || a.index - b.index;

interface Lane {
  running: number;
  alone: boolean;
  readonly marked: Heap<ReadyStep>;
  readonly unmarked: Heap<ReadyStep>;
}

interface Stock {
  /** How many more may use it now. */
  left: number;
  readonly waiting: Heap<ReadyStep>;
}

export class ReadySet {
  private readonly overlap: Overlap;
  private readonly alone = new Heap<ReadyStep>(byDocument);
  private readonly unmarked = new Heap<ReadyStep>(byDocument);
  private readonly marked: Heap<ReadyStep>;
  private readonly lanes = new Map<string, Lane>();
  private readonly stocks: ReadonlyMap<string, Stock>;
  private readonly running = new Map<string, ReadyStep>();
  /** What each running step holds. */
  private readonly held = new Map<string, readonly string[]>();
  private runningAlone = false;
  private found: ReadyStep | null = null;

  /** `resources`: how many may use each at the same time, from 1. */
  constructor(overlap: Overlap, resources: ReadonlyMap<string, number> = new Map()) {
    this.overlap = overlap;
    this.marked = new Heap<ReadyStep>(overlap === 'serial' ? byDocument : byWorth);
    this.stocks = new Map(
      [...resources].map(([name, left]) => [name, { left, waiting: new Heap<ReadyStep>(byWorth) }]),
    );
  }

  add(step: ReadyStep): void {
    this.putBack();
    if (step.exclusive) this.alone.push(step);
    else if (this.overlap === 'marked' && !step.parallel) this.unmarked.push(step);
    else this.marked.push(step);
  }

  /** The step to start next, or `null` when nothing may start beside what runs. Stays the same until it starts. */
  next(): ReadyStep | null {
    this.found ??= this.find();
    return this.found;
  }

  /** The step that `next` named has started. */
  start(id: string): void {
    const step = this.next();
    if (step === null || step.id !== id) throw new Error(`${id} is not the next step`);
    this.found = null;
    this.running.set(id, step);
    this.take(id, step.uses);
    this.runningAlone = step.exclusive || this.overlap === 'serial' || (this.overlap === 'marked' && !step.parallel);
    if (this.overlap !== 'stories' || step.exclusive) return;
    for (const name of step.lanes) {
      const lane = this.lane(name);
      lane.running++;
      lane.alone = !step.parallel;
    }
    for (const name of step.lanes) this.promote(this.lane(name));
  }

  end(id: string): void {
    const step = this.running.get(id);
    if (step === undefined) return;
    this.hold(id, []);
    this.held.delete(id);
    this.running.delete(id);
    if (this.running.size === 0) this.runningAlone = false;
    if (this.overlap !== 'stories' || step.exclusive) return;
    for (const name of step.lanes) {
      const lane = this.lane(name);
      lane.running--;
      if (lane.running === 0) lane.alone = false;
      this.promote(lane);
    }
  }

  /** From now on the running step holds these resources and no others. They must be free, or held by it. */
  hold(id: string, names: readonly string[]): void {
    const before = this.held.get(id) ?? [];
    this.putBack();
    for (const name of before) this.stock(name).left++;
    this.take(id, names);
    this.offer(before);
  }

  /** What the running step holds. */
  heldBy(id: string): readonly string[] {
    return this.held.get(id) ?? [];
  }

  /** Whether the running step could hold these now. */
  mayHold(id: string, names: readonly string[]): boolean {
    const held = this.heldBy(id);
    return names.every((name) => held.includes(name) || this.stock(name).left > 0);
  }

  /** Of these, the running ones, the best first. */
  inOrder(ids: Iterable<string>): string[] {
    const steps = [...ids].flatMap((id) => this.running.get(id) ?? []);
    return steps.sort(byWorth).map((step) => step.id);
  }

  private take(id: string, names: readonly string[]): void {
    this.held.set(id, names);
    for (const name of names) {
      const stock = this.stock(name);
      if (stock.left === 0) throw new Error(`${id} takes ${name}, of which nothing is left`);
      stock.left--;
    }
  }

  /** Gives the best step that waits for each resource back to the common heap, if there is something left for it. */
  private offer(names: readonly string[]): void {
    for (const name of names) {
      const { left, waiting } = this.stock(name);
      if (left > 0 && waiting.size > 0) this.marked.push(waiting.pop() as ReadyStep);
    }
  }

  private find(): ReadyStep | null {
    if (this.runningAlone) return null;
    if (this.alone.size > 0) return this.running.size === 0 ? (this.alone.pop() as ReadyStep) : null;
    if (this.overlap === 'serial') return this.running.size === 0 ? (this.marked.pop() ?? null) : null;
    if (this.overlap === 'marked' && this.running.size === 0 && this.unmarked.size > 0) {
      return this.unmarked.pop() as ReadyStep;
    }
    for (let step = this.marked.pop(); step !== undefined; step = this.marked.pop()) {
      const place = this.heldUpAt(step);
      if (place === null) return step;
      place.push(step);
      // It may have stood for others that wait elsewhere: the best of these take its turn.
      if (this.overlap === 'stories') for (const name of step.lanes) this.promote(this.lane(name));
      this.offer(step.uses);
    }
    return null;
  }

  /** Where a step has to wait, or `null`: the first lane or resource that cannot take it; that gives its best back when it can. */
  private heldUpAt(step: ReadyStep): Heap<ReadyStep> | null {
    for (const name of this.overlap === 'stories' ? step.lanes : []) {
      const lane = this.lane(name);
      if (step.parallel ? lane.alone : lane.running > 0) return step.parallel ? lane.marked : lane.unmarked;
    }
    for (const name of step.uses) {
      const stock = this.stock(name);
      if (stock.left === 0) return stock.waiting;
    }
    return null;
  }

  /** Gives the best waiting step of each sort back to the common heap, if the lane could take it now. */
  private promote(lane: Lane): void {
    if (!lane.alone && lane.marked.size > 0) this.marked.push(lane.marked.pop() as ReadyStep);
    if (lane.running === 0 && lane.unmarked.size > 0) this.marked.push(lane.unmarked.pop() as ReadyStep);
  }

  /** A step that was named but not started competes again. */
  private putBack(): void {
    const step = this.found;
    this.found = null;
    if (step !== null) this.add(step);
  }

  private stock(name: string): Stock {
    const stock = this.stocks.get(name);
    if (stock === undefined) throw new Error(`no resource ${name}`);
    return stock;
  }

  private lane(name: string): Lane {
    let lane = this.lanes.get(name);
    if (lane === undefined) {
      lane = { running: 0, alone: false, marked: new Heap(byWorth), unmarked: new Heap(byWorth) };
      this.lanes.set(name, lane);
    }
    return lane;
  }
}
