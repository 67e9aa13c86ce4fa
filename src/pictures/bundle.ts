/**
 * Tasks that wait for the same and are waited for by the same stand together as one block: a phase of twenty tasks
 * side by side becomes a small field with two lines instead of a row that nobody can read with forty.
 * Knows the drawing and sizes; knows nothing of where blocks go.
 */
import type { Drawing } from './drawing.ts';

/** All lengths in px, y downwards. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its upper left corner. */
export interface Box extends Point, Size {}

/** What is placed as one: a node by itself, or the field of several. */
export interface Unit extends Size {
  readonly phase: number | null;
  /** Each node of the unit with its box, relative to the unit's upper left corner. */
  readonly held: readonly { readonly node: number; readonly box: Box }[];
}

export interface Bundle {
  readonly units: readonly Unit[];
  /** Between units, at most one for each pair. `edge` is the index of one of the edges that it stands for. */
  readonly links: readonly { readonly from: number; readonly to: number; readonly edge: number }[];
}

/** Fewer tasks than this stand side by side without a block. */
const FEWEST = 4;
const GAP = 12;
const PADDING = 10;

/** The nodes in groups of those that edges cannot tell apart; tasks of the critical path stand alone. */
function twins(drawing: Drawing): number[][] {
  const { nodes, edges } = drawing;
  const signs = nodes.map((node): string[] => [String(node.phase)]);
  for (const { from, to, kind } of edges) {
    signs[from]?.push(`>${to}:${kind}`);
    signs[to]?.push(`<${from}:${kind}`);
  }
  const groups = new Map<string, number[]>();
  for (const [i, node] of nodes.entries()) {
    const alone = node.task === null || node.critical;
    const sign = alone ? String(i) : (signs[i] as string[]).sort().join(' ');
    const group = groups.get(sign);
    if (group === undefined) groups.set(sign, [i]);
    else group.push(i);
  }
  return [...groups.values()].flatMap((group) => (group.length < FEWEST ? group.map((node) => [node]) : [group]));
}

function field(group: readonly number[], sizes: readonly Size[], phase: number | null): Unit {
  const columns = Math.min(8, Math.ceil(Math.sqrt(group.length)));
  const held: { node: number; box: Box }[] = [];
  let y = PADDING;
  let width = 0;
  for (let start = 0; start < group.length; start += columns) {
    const row = group.slice(start, start + columns);
    let x = PADDING;
    for (const node of row) {
      const size = sizes[node] as Size;
      held.push({ node, box: { x, y, ...size } });
      x += size.width + GAP;
    }
    width = Math.max(width, x - GAP + PADDING);
    y += Math.max(...row.map((node) => (sizes[node] as Size).height)) + GAP;
  }
  return { phase, held, width, height: y - GAP + PADDING };
}

/** Gathers the nodes of a drawing into units, in order of their first nodes. `sizes`: one per node, in px. */
export function bundle(drawing: Drawing, sizes: readonly Size[]): Bundle {
  const groups = twins(drawing).sort((a, b) => (a[0] as number) - (b[0] as number));
  const unitOf = new Map<number, number>();
  const units = groups.map((group, unit): Unit => {
    for (const node of group) unitOf.set(node, unit);
    const first = group[0] as number;
    const phase = drawing.nodes[first]?.phase ?? null;
    if (group.length > 1) return field(group, sizes, phase);
    const size = sizes[first] as Size;
    return { phase, ...size, held: [{ node: first, box: { x: 0, y: 0, ...size } }] };
  });
  const links = new Map<string, Bundle['links'][number]>();
  for (const [edge, { from: a, to: b }] of drawing.edges.entries()) {
    const from = unitOf.get(a) as number;
    const to = unitOf.get(b) as number;
    if (!links.has(`${from} ${to}`)) links.set(`${from} ${to}`, { from, to, edge });
  }
  return { units, links: [...links.values()] };
}
