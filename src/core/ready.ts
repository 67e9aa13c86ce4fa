/**
 * The ready set: which step may start next beside what runs already. Holds only what is ready, in heaps; no
 * question scans all tasks. Knows the three ways of overlap; knows no events.
 *
 * - serial: one step at a time, document order.
 * - marked: `[P]` steps side by side, any other alone. When nothing runs, unmarked ones go first.
 * - stories: lanes side by side; inside a lane a step without `[P]` runs alone.
 * A verification runs alone in a shared tree: while one is ready, nothing else is started.
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

export class ReadySet {
  private readonly overlap: Overlap;
  private readonly alone = new Heap<ReadyStep>(byDocument);
  private readonly unmarked = new Heap<ReadyStep>(byDocument);
  private readonly marked: Heap<ReadyStep>;
  private readonly lanes = new Map<string, Lane>();
  private readonly running = new Map<string, ReadyStep>();
  private runningAlone = false;
  private found: ReadyStep | null = null;

  constructor(overlap: Overlap) {
    this.overlap = overlap;
    this.marked = new Heap<ReadyStep>(overlap === 'serial' ? byDocument : byWorth);
  }

  add(step: ReadyStep): void {
    this.putBack();
    if (step.exclusive) this.alone.push(step);
    else if (this.overlap === 'marked' && !step.parallel) this.unmarked.push(step);
    else this.marked.push(step);
  }

  /** The step to start next, or `null` when nothing may start beside what runs. Stays the same until it starts. */
  next(): ReadyStep | null {
    this.found ??= this.take();
    return this.found;
  }

  /** The step that `next` named has started. */
  start(id: string): void {
    const step = this.next();
    if (step === null || step.id !== id) throw new Error(`${id} is not the next step`);
    this.found = null;
    this.running.set(id, step);
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
    this.putBack();
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

  private take(): ReadyStep | null {
    if (this.runningAlone) return null;
    if (this.alone.size > 0) return this.running.size === 0 ? (this.alone.pop() as ReadyStep) : null;
    if (this.overlap === 'serial') return this.running.size === 0 ? (this.marked.pop() ?? null) : null;
    if (this.overlap === 'marked') {
      if (this.running.size === 0 && this.unmarked.size > 0) return this.unmarked.pop() as ReadyStep;
      return this.marked.pop() ?? null;
    }
    for (let step = this.marked.pop(); step !== undefined; step = this.marked.pop()) {
      const busy = step.lanes
        .map((name) => this.lane(name))
        .find((lane) => (step.parallel ? lane.alone : lane.running > 0));
      if (busy === undefined) return step;
      // It waits in the lane that holds it up; the lane gives its best back when it can take one.
      (step.parallel ? busy.marked : busy.unmarked).push(step);
      for (const name of step.lanes) this.promote(this.lane(name));
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

  private lane(name: string): Lane {
    let lane = this.lanes.get(name);
    if (lane === undefined) {
      lane = { running: 0, alone: false, marked: new Heap(byWorth), unmarked: new Heap(byWorth) };
      this.lanes.set(name, lane);
    }
    return lane;
  }
}
