/**
 * The graph as it is drawn: needless gates collapsed, implied edges left out, the critical path marked, every node
 * on a level. Knows graphs; knows nothing of formats, sizes and colours. Linear in nodes and edges, but for the
 * reduction, which only small graphs get.
 */
import type { EdgeKind, Phase } from '../core/task.ts';
import { BLOCKS } from '../core/task.ts';
import { EDGES } from './palette.ts';
import type { PictureInput, PictureTask } from './picture.ts';

/** Up to this many nodes, edges that others imply are left out. */
const REDUCED_NODES = 500;

export interface DrawnNode {
  /** The task, or `null` for a gate. */
  readonly task: PictureTask | null;
  /** Words of a gate; empty for a task. */
  readonly label: string;
  /** Phase of a task, or of a gate that only joins tasks of one phase; else `null`. */
  readonly phase: number | null;
  readonly critical: boolean;
  /** Number of edges on the longest way to the node. */
  readonly level: number;
}

export interface DrawnEdge {
  /** Indexes into the nodes. */
  readonly from: number;
  readonly to: number;
  readonly kind: EdgeKind;
  readonly reason: string;
  readonly critical: boolean;
}

export interface Drawing {
  readonly title: string;
  readonly phases: readonly Phase[];
  /** Tasks in document order, then the gates that are left. */
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

interface Link {
  kind: EdgeKind;
  reason: string;
  critical: boolean;
}

const STRENGTH = Object.keys(EDGES) as EdgeKind[];

/** Edges by their ends; at most one between two nodes. */
class Links {
  readonly out: Map<number, Link>[];
  readonly into: Set<number>[];

  constructor(size: number) {
    this.out = Array.from({ length: size }, () => new Map());
    this.into = Array.from({ length: size }, () => new Set());
  }

  add(from: number, to: number, link: Link): void {
    if (from === to) return;
    const links = this.out[from] as Map<number, Link>;
    const known = links.get(to);
    const stronger = known !== undefined && STRENGTH.indexOf(known.kind) <= STRENGTH.indexOf(link.kind) ? known : link;
    links.set(to, { ...stronger, critical: link.critical || known?.critical === true });
    this.into[to]?.add(from);
  }

  remove(from: number, to: number): void {
    this.out[from]?.delete(to);
    this.into[to]?.delete(from);
  }

  /** All nodes, each behind those that it waits for. Nodes of a cycle, if there were one, come last. */
  order(): number[] {
    const open = this.into.map((from) => from.size);
    const order = open.flatMap((count, node) => (count === 0 ? [node] : []));
    for (let i = 0; i < order.length; i++) {
      for (const to of (this.out[order[i] as number] as Map<number, Link>).keys()) {
        open[to] = (open[to] as number) - 1;
        if (open[to] === 0) order.push(to);
      }
    }
    if (order.length < open.length) for (const [node, count] of open.entries()) if (count > 0) order.push(node);
    return order;
  }
}

/** Marks the edges of the critical path, also where it leads through gates that the path does not name. */
function markCritical(links: Links, order: readonly number[], tasks: number, path: readonly number[]): void {
  const position = new Map(path.map((node, i) => [node, i]));
  // For each gate: the last task of the path that leads to it through gates alone, and the gate's neighbour on that way.
  const last = new Map<number, { readonly place: number; readonly via: number }>();
  for (const node of order) {
    if (node < tasks || position.has(node)) continue;
    for (const from of links.into[node] as Set<number>) {
      const place = position.get(from) ?? last.get(from)?.place;
      if (place !== undefined && place > (last.get(node)?.place ?? -1)) last.set(node, { place, via: from });
    }
  }
  for (const [i, node] of path.entries()) {
    if (i === 0) continue;
    let to = node;
    let from = path[i - 1] as number;
    if (!links.out[from]?.has(to)) {
      from = -1;
      for (const near of links.into[node] as Set<number>) if (last.get(near)?.place === i - 1) from = near;
    }
    while (from >= 0) {
      const link = links.out[from]?.get(to);
      if (link === undefined || link.critical) break;
      link.critical = true;
      to = from;
      from = last.get(to)?.via ?? -1;
    }
  }
}

/** The kind of an edge that stands for two: what either of them does not block, it does not block. */
function through(first: Link, second: Link): Link {
  const weaker = STRENGTH.indexOf(first.kind) >= STRENGTH.indexOf(second.kind) ? first : second;
  return { ...weaker, critical: first.critical && second.critical };
}

/**
 * Takes out gates that join nothing, or one edge with others. Those with one edge in go forwards, those with one
 * edge out backwards: so each edge is moved a bounded number of times, however long a chain of gates is.
 */
function collapse(links: Links, order: readonly number[], tasks: number): Set<number> {
  const gone = new Set<number>();
  const takeOut = (gate: number): void => {
    const out = [...(links.out[gate] as Map<number, Link>)];
    for (const from of [...(links.into[gate] as Set<number>)]) {
      const first = links.out[from]?.get(gate) as Link;
      links.remove(from, gate);
      for (const [to, second] of out) links.add(from, to, through(first, second));
    }
    for (const [to] of out) links.remove(gate, to);
    gone.add(gate);
  };
  for (const node of order) if (node >= tasks && (links.into[node] as Set<number>).size <= 1) takeOut(node);
  for (const node of order.toReversed())
    if (node >= tasks && !gone.has(node) && (links.out[node] as Map<number, Link>).size <= 1) takeOut(node);
  return gone;
}

/**
 * Leaves out edges that a longer way implies; one that blocks only if all of that way blocks. The critical path stays.
 */
function reduce(links: Links, order: readonly number[]): void {
  const words = Math.ceil(links.out.length / 32);
  const rows = (): Uint32Array[] => links.out.map(() => new Uint32Array(words));
  const reach = { all: rows(), blocking: rows() };
  const has = (row: Uint32Array, node: number): boolean => (((row[node >> 5] as number) >>> (node & 31)) & 1) === 1;
  for (const from of order.toReversed()) {
    const out = links.out[from] as Map<number, Link>;
    const below = { all: reach.all[from] as Uint32Array, blocking: reach.blocking[from] as Uint32Array };
    for (const [to, link] of out) {
      for (const way of ['all', 'blocking'] as const) {
        if (way === 'blocking' && !BLOCKS[link.kind]) continue;
        for (const [i, bits] of (reach[way][to] as Uint32Array).entries())
          below[way][i] = (below[way][i] as number) | bits;
      }
    }
    // What the neighbours reach is implied; the neighbours themselves are added behind.
    const implied = [...out].filter(
      ([to, link]) => !link.critical && has(below[BLOCKS[link.kind] ? 'blocking' : 'all'], to),
    );
    for (const [to, link] of out) {
      for (const row of BLOCKS[link.kind] ? [below.all, below.blocking] : [below.all])
        row[to >> 5] = (row[to >> 5] as number) | (1 << (to & 31));
    }
    for (const [to] of implied) links.remove(from, to);
  }
}

function levelsOf(links: Links): number[] {
  const levels = links.out.map(() => 0);
  for (const from of links.order())
    for (const to of (links.out[from] as Map<number, Link>).keys())
      levels[to] = Math.max(levels[to] as number, (levels[from] as number) + 1);
  return levels;
}

/** The phase of all tasks next to a gate, or `null` if they are of several or a gate is among them. */
function phaseOfGate(links: Links, gate: number, tasks: readonly PictureTask[]): number | null {
  let phase: number | null = null;
  for (const near of [...(links.into[gate] as Set<number>), ...(links.out[gate] as Map<number, Link>).keys()]) {
    const here = tasks[near]?.phase;
    if (here === undefined || (phase !== null && phase !== here)) return null;
    phase = here;
  }
  return phase;
}

/** Prepares a plan for drawing. Deterministic; never throws, not even on a cycle. */
export function draw(input: PictureInput): Drawing {
  const { tasks, gates } = input;
  const index = new Map<string, number>();
  for (const [i, node] of [...tasks, ...gates].entries()) if (!index.has(node.id)) index.set(node.id, i);
  const links = new Links(tasks.length + gates.length);
  for (const { from, to, kind, reason } of input.edges) {
    const a = index.get(from);
    const b = index.get(to);
    if (a !== undefined && b !== undefined) links.add(a, b, { kind, reason, critical: false });
  }
  const path = [...new Set(input.criticalPath.flatMap((id) => index.get(id) ?? []))];
  const order = links.order();
  markCritical(links, order, tasks.length, path);
  const gone = collapse(links, order, tasks.length);
  const kept = links.out.flatMap((_, node) => (gone.has(node) ? [] : [node]));
  if (kept.length <= REDUCED_NODES) reduce(links, order);

  const levels = levelsOf(links);
  const critical = new Set(path);
  const passed = (gate: number) => [...(links.out[gate] as Map<number, Link>).values()].some((link) => link.critical);
  const place = new Map(kept.map((node, i) => [node, i]));
  const nodes = kept.map((node): DrawnNode => {
    const task = tasks[node] ?? null;
    return {
      task,
      label: task === null ? (gates[node - tasks.length]?.label ?? '') : '',
      phase: task === null ? phaseOfGate(links, node, tasks) : task.phase,
      critical: critical.has(node) || (task === null && passed(node)),
      level: levels[node] as number,
    };
  });
  const edges = kept.flatMap((node) =>
    [...(links.out[node] as Map<number, Link>)]
      .map(([to, link]): DrawnEdge => ({ from: place.get(node) as number, to: place.get(to) as number, ...link }))
      .sort((a, b) => a.to - b.to),
  );
  return { title: input.title, phases: input.phases, nodes, edges };
}
