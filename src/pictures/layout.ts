/**
 * Places the nodes of small graphs in layers, phase by phase, with dagre. Knows boxes and points; knows nothing of
 * what they hold or of SVG. Large graphs are for `grid.ts`.
 */
import { Graph, layout } from '@dagrejs/dagre';
import type { Box, Bundle, Point, Size, Unit } from './bundle.ts';
import { bundle } from './bundle.ts';
import type { Drawing } from './drawing.ts';

export interface Layout extends Size {
  /** One per node. */
  readonly boxes: readonly Box[];
  /** From the bottom of a box or frame to the top of another, at least two points. `edge`: what the line stands for. */
  readonly lines: readonly { readonly edge: number; readonly points: readonly Point[] }[];
  /** Around nodes that share their lines. */
  readonly frames: readonly Box[];
  /** One per phase that has an area of its own. None: the phases are not kept together. */
  readonly areas: readonly { readonly phase: number; readonly box: Box }[];
}

/** Beyond these limits dagre takes longer than a person waits for a picture, or makes a ribbon that nobody can read. */
const MOST_UNITS = 300;
const MOST_SPANS = 1500;
const MOST_CROSSINGS = 12_000;
const WIDE = { px: 3200, ratio: 4 } as const;

/** Space between the border of an area and what it holds; the heading stands in the upper one. */
const AREA = { top: 30, side: 14, bottom: 14 } as const;

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The areas of the phases, or `null` if one would cover another, or a unit that is not of its phase. */
function areasOf(units: readonly Unit[], boxes: readonly Box[]): Layout['areas'] | null {
  const members = new Map<number, Box[]>();
  for (const [i, { phase }] of units.entries())
    if (phase !== null) members.set(phase, [...(members.get(phase) ?? []), boxes[i] as Box]);
  const areas = [...members].map(([phase, held]) => {
    const x = Math.min(...held.map((box) => box.x)) - AREA.side;
    const y = Math.min(...held.map((box) => box.y)) - AREA.top;
    const width = Math.max(...held.map((box) => box.x + box.width)) + AREA.side - x;
    const height = Math.max(...held.map((box) => box.y + box.height)) + AREA.bottom - y;
    return { phase, box: { x, y, width, height } };
  });
  for (const [i, area] of areas.entries()) {
    if (areas.slice(i + 1).some((other) => overlap(area.box, other.box))) return null;
    if (boxes.some((box, unit) => units[unit]?.phase !== area.phase && overlap(area.box, box))) return null;
  }
  return areas.sort((a, b) => a.phase - b.phase);
}

/** Lets dagre place the units. `null`: it failed on them, as it does on some rare graphs with nested groups. */
function place({ units, links }: Bundle, critical: (edge: number) => boolean, grouped: boolean): Graph | null {
  const graph = new Graph({ compound: grouped, directed: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 22, edgesep: 12, ranksep: grouped ? 44 : 40 });
  const phases = new Set(units.flatMap((unit) => unit.phase ?? []));
  if (grouped) for (const phase of [...phases].sort((a, b) => a - b)) graph.setNode(`p${phase}`, {});
  for (const [i, { width, height, phase }] of units.entries()) {
    graph.setNode(`n${i}`, { width, height });
    if (grouped && phase !== null) graph.setParent(`n${i}`, `p${phase}`);
  }
  for (const { from, to, edge } of links) graph.setEdge(`n${from}`, `n${to}`, { weight: critical(edge) ? 3 : 1 });
  try {
    layout(graph);
  } catch {
    return null;
  }
  return graph;
}

function run(drawing: Drawing, bundled: Bundle, grouped: boolean): Layout | null {
  const graph = place(bundled, (edge) => drawing.edges[edge]?.critical === true, grouped);
  if (graph === null) return null;
  const { units, links } = bundled;
  const outer = units.map(({ width, height }, i): Box => {
    const { x, y } = graph.node(`n${i}`) as Point;
    return { x: x - width / 2, y: y - height / 2, width, height };
  });
  const broken = outer.some(
    (box, i) => !(Number.isFinite(box.x + box.y) && outer.every((other, j) => j <= i || !overlap(box, other))),
  );
  if (broken) return null;
  const areas = grouped ? areasOf(units, outer) : [];
  if (areas === null) return null;

  const extent = [...outer, ...areas.map((area) => area.box)];
  const mirrored = leftward(units, outer);
  const lines = links.map(({ from, to, edge }) => {
    const { points } = graph.edge(`n${from}`, `n${to}`) as { points: Point[] };
    const start = ending(outer[from] as Box, points[0] as Point, true);
    const end = ending(outer[to] as Box, points.at(-1) as Point, false);
    return { edge, points: [start, ...points.slice(1, -1), end] };
  });
  for (const { points } of lines) for (const point of points) extent.push({ ...point, width: 0, height: 0 });
  const left = Math.min(...extent.map((box) => box.x));
  const right = Math.max(...extent.map((box) => box.x + box.width));
  const top = Math.min(...extent.map((box) => box.y));
  const bottom = Math.max(...extent.map((box) => box.y + box.height));
  if (right - left > Math.max(WIDE.px, WIDE.ratio * (bottom - top))) return null;

  // Everything moves so that it begins at the origin, turned left to right where that reads better.
  const point = ({ x, y }: Point): Point => ({ x: mirrored ? right - x : x - left, y: y - top });
  const move = (box: Box): Box => ({ ...box, ...point(mirrored ? { x: box.x + box.width, y: box.y } : box) });
  const moved = outer.map(move);
  const boxes: Box[] = Array.from({ length: drawing.nodes.length });
  for (const [i, { held }] of units.entries()) {
    const { x, y } = moved[i] as Box;
    for (const { node, box } of held) boxes[node] = { ...box, x: x + box.x, y: y + box.y };
  }
  return {
    width: right - left,
    height: bottom - top,
    boxes,
    lines: lines.map(({ edge, points }) => ({ edge, points: points.map(point) })),
    frames: moved.filter((_, i) => (units[i] as Unit).held.length > 1),
    areas: areas.map(({ phase, box }) => ({ phase, box: move(box) })),
  };
}

/** Where a line leaves a box, at its bottom, or reaches it, at its top: as near to `point` as the corners allow. */
function ending(box: Box, point: Point, below: boolean): Point {
  const corner = Math.min(16, box.width / 2);
  const x = Math.min(Math.max(point.x, box.x + corner), box.x + box.width - corner);
  return { x, y: below ? box.y + box.height : box.y };
}

/** Whether units that stand side by side mostly run against the order of the document. */
function leftward(units: readonly Unit[], boxes: readonly Box[]): boolean {
  let balance = 0;
  for (const [i, a] of boxes.entries()) {
    for (const [j, b] of boxes.entries()) {
      if (j <= i || units[i]?.phase === null || units[j]?.phase === null) continue;
      if (a.y < b.y + b.height && b.y < a.y + a.height) balance += Math.sign(b.x - a.x);
    }
  }
  return balance < 0;
}

/**
 * Layers of boxes without overlap, phases in areas of their own where the graph allows it. `sizes`: one per node.
 * `null`: the graph is empty or too large, or no clean layout came out.
 */
export function layered(drawing: Drawing, sizes: readonly Size[], grouped: boolean): Layout | null {
  const { nodes, edges } = drawing;
  if (nodes.length === 0 || nodes.length > 8 * MOST_UNITS) return null;
  const bundled = bundle(drawing, sizes);
  if (bundled.units.length > MOST_UNITS) return null;
  // An edge costs as much as the levels that it crosses, and with areas far more if it leads from one into another.
  let spans = 0;
  let crossing = 0;
  for (const link of bundled.links) {
    const { from, to } = edges[link.edge] as Drawing['edges'][number];
    spans += (nodes[to]?.level ?? 0) - (nodes[from]?.level ?? 0);
    const phases = [bundled.units[link.from]?.phase ?? null, bundled.units[link.to]?.phase ?? null];
    if (!phases.includes(null) && phases[0] !== phases[1]) crossing++;
  }
  if (spans > MOST_SPANS || (grouped && crossing * bundled.units.length > MOST_CROSSINGS)) return null;
  return run(drawing, bundled, grouped);
}
