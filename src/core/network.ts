/**
 * The one graph: tasks and gates as nodes, edges with kind and reason, on graphology. Knows no rule about tasks;
 * the rules are in `edges.ts`.
 */
import { DirectedGraph } from 'graphology';
import type { Location } from './source.ts';
import { BLOCKS, type Edge, type EdgeKind, type Gate } from './task.ts';

export interface NodeData {
  /** Index of the task, or -1 for a gate. */
  readonly task: number;
  readonly label: string;
}

export interface EdgeData {
  readonly kind: EdgeKind;
  readonly because: Location;
  readonly reason: string;
}

export type Network = DirectedGraph<NodeData, EdgeData>;

export function createNetwork(): Network {
  return new DirectedGraph<NodeData, EdgeData>({ allowSelfLoops: false, multi: false });
}

/** Adds an edge; where the pair is joined already, the stronger edge stays: a blocking one, then the earlier. */
export function join(network: Network, from: string, to: string, data: EdgeData): void {
  if (from === to) return;
  const known = network.edge(from, to);
  if (known === undefined) network.addDirectedEdge(from, to, data);
  else if (!BLOCKS[network.getEdgeAttribute(known, 'kind')] && BLOCKS[data.kind])
    network.replaceEdgeAttributes(known, data);
}

/** Joins every one of `before` with every one of `behind`, through a gate where that takes fewer edges. */
export function joinAll(
  network: Network,
  before: readonly string[],
  behind: readonly string[],
  gate: Gate,
  data: EdgeData,
): void {
  if (before.length === 0 || behind.length === 0) return;
  if (before.length === 1 || behind.length === 1) {
    for (const from of before) for (const to of behind) join(network, from, to, data);
    return;
  }
  network.addNode(gate.id, { task: -1, label: gate.label });
  for (const from of before) join(network, from, gate.id, data);
  for (const to of behind) join(network, gate.id, to, data);
}

/** All edges as plain data, in the order in which they were made. */
export function edgesOf(network: Network): Edge[] {
  const edges: Edge[] = [];
  network.forEachDirectedEdge((_edge, data, from, to) => {
    edges.push({ from, to, kind: data.kind, because: data.because, reason: data.reason });
  });
  return edges;
}

export function gatesOf(network: Network): Gate[] {
  const gates: Gate[] = [];
  network.forEachNode((id, data) => {
    if (data.task < 0) gates.push({ id, label: data.label });
  });
  return gates;
}
