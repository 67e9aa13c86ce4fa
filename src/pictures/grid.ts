/**
 * Places the nodes of a graph of any size row by row: a level of the graph is one row, or several where it is wide.
 * Linear, and nothing overlaps by construction. Knows boxes and points; knows nothing of what they hold.
 */
import type { Box, Size } from './bundle.ts';
import type { Drawing } from './drawing.ts';
import type { Layout } from './layout.ts';

const GAP = { x: 22, y: 16, level: 46 } as const;

/** How many boxes stand side by side: so many that the picture does not become a ribbon. */
function columnsFor(count: number): number {
  return Math.max(8, Math.ceil(Math.sqrt(count / 2)));
}

/** A row of each level, top down; in it the phases side by side, in document order. Total and deterministic. */
export function grid(drawing: Drawing, sizes: readonly Size[]): Layout {
  const { nodes, edges } = drawing;
  const levels: number[][] = [];
  for (const [i, node] of nodes.entries()) {
    for (let known = levels.length; known <= node.level; known++) levels.push([]);
    levels[node.level]?.push(i);
  }
  const columns = columnsFor(nodes.length);
  const rows: { readonly y: number; readonly nodes: readonly number[]; readonly width: number }[] = [];
  let y = 0;
  let width = 0;
  for (const level of levels) {
    level.sort((a, b) => (nodes[a]?.phase ?? -1) - (nodes[b]?.phase ?? -1) || a - b);
    for (let start = 0; start < level.length; start += columns) {
      const row = level.slice(start, start + columns);
      const wide = row.reduce((sum, node) => sum + (sizes[node] as Size).width + GAP.x, -GAP.x);
      rows.push({ y, nodes: row, width: wide });
      width = Math.max(width, wide);
      y += Math.max(...row.map((node) => (sizes[node] as Size).height)) + GAP.y;
    }
    y += GAP.level - GAP.y;
  }

  const boxes: Box[] = Array.from({ length: nodes.length });
  for (const row of rows) {
    let x = (width - row.width) / 2;
    for (const node of row.nodes) {
      const size = sizes[node] as Size;
      boxes[node] = { x, y: row.y, ...size };
      x += size.width + GAP.x;
    }
  }
  const lines = edges.map(({ from, to }, edge) => {
    const a = boxes[from] as Box;
    const b = boxes[to] as Box;
    const start = { x: a.x + a.width / 2, y: a.y + a.height };
    return { edge, points: [start, { x: b.x + b.width / 2, y: b.y }] };
  });
  return { width, height: Math.max(0, y - GAP.level), boxes, lines, frames: [], areas: [] };
}
