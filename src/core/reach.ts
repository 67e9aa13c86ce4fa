/**
 * How endings and blocks travel over the graph: what has nothing to wait for any more, what can never run. Each node
 * and edge is visited once per direction, whatever happens; knows neither slots nor events.
 */
import type { StepId } from './event.ts';
import type { Plan } from './plan.ts';
import type { Step } from './step.ts';
import { BLOCKS, type EdgeKind } from './task.ts';

interface Node {
  /** Predecessors that have not ended. */
  waits: number;
  /** It has come to its end, and so has everything before it. */
  ended: boolean;
  /** Root of the block that reached this node, if one did. */
  cause: StepId | null;
  readonly step: Step | null;
}

interface ReachInput {
  readonly plan: Plan;
  /** The step of a node; gates have none. */
  stepOf(id: string): Step | null;
  /** Verifications that run though no task of theirs does. */
  readonly owed: ReadonlySet<StepId>;
  /** All before the step has ended. */
  onReady(step: Step): void;
}

export class Reach {
  private readonly input: ReachInput;
  private readonly nodes = new Map<string, Node>();

  constructor(input: ReachInput) {
    this.input = input;
    input.plan.network.forEachNode((id) => {
      this.nodes.set(id, {
        waits: input.plan.network.inDegree(id),
        ended: false,
        cause: null,
        step: input.stepOf(id),
      });
    });
  }

  /** What waits for nothing is ready, or passes order on. Once, at the beginning. */
  begin(): void {
    const free = [...this.nodes].filter(([, node]) => node.waits === 0);
    for (const [id, node] of free) if (!this.becomesReady(node)) this.end(id);
  }

  hasEnded(id: string): boolean {
    return this.node(id).ended;
  }

  /** Steps that can never run because of this one, in document order. Known at once; order is passed on by `end`. */
  block(cause: StepId): Step[] {
    const blocked: Step[] = [];
    const stack: string[] = [cause];
    for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
      const source = from;
      this.input.plan.network.forEachOutboundEdge(source, (_edge, data, _from, to) => {
        const target = this.node(to);
        if (target.cause !== null || !this.carries(data.kind, source)) return;
        target.cause = cause;
        if (target.step?.status === 'pending') blocked.push(target.step);
        stack.push(to);
      });
    }
    const place = (step: Step): number => step.task?.index ?? Number.POSITIVE_INFINITY;
    return blocked.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }

  /** A node has ended: what has nothing else to wait for becomes ready, or passes order on. */
  end(id: string): void {
    const stack = [id];
    for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
      this.node(from).ended = true;
      this.input.plan.network.forEachOutboundEdge(from, (_edge, _data, _from, to) => {
        const target = this.node(to);
        target.waits--;
        if (target.waits === 0 && !this.becomesReady(target)) stack.push(to);
      });
    }
  }

  /** Gates and steps that do not run only pass order on. */
  private becomesReady({ step }: Node): boolean {
    if (step === null || step.status !== 'pending' || this.passes(step)) return false;
    this.input.onReady(step);
    return true;
  }

  /** A verification without anything to verify in this session. */
  private passes(step: Step): boolean {
    if (step.verification === null || this.input.owed.has(step.id)) return false;
    return !this.input.plan.network.someInNeighbor(step.id, (from) => {
      const before = this.node(from).step;
      return before !== null && before.status === 'done' && !before.before;
    });
  }

  /** A task that takes no part in this run holds up what needs it, but not the verification of its phase. */
  private carries(kind: EdgeKind, from: string): boolean {
    if (kind !== 'verification') return BLOCKS[kind];
    const { step } = this.node(from);
    return step === null || !(step.status === 'deferred' || step.before);
  }

  private node(id: string): Node {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }
}
