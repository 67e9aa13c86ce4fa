/**
 * A plan as a Graphviz file: a cluster for each phase, colours for states, line styles for kinds of edges. Knows the
 * DOT language and its two layers of escapes; knows nothing of places, which are Graphviz's business.
 */
import type { Drawing, DrawnEdge, DrawnNode } from './drawing.ts';
import { draw } from './drawing.ts';
import { CRITICAL, EDGES, phaseColor, STATES } from './palette.ts';
import type { Picture } from './picture.ts';
import { clean, plain, shorten, wrap } from './text.ts';

const TOOLTIP = 400;
/** Titles are broken at this width in px of a font in px, and cut after so many lines. */
const TITLE = { width: 210, font: 11, lines: 3 } as const;

/**
 * Clean text inside of a quoted string that Graphviz expands: a backslash would begin an escape such as `\N`, and
 * an ampersand an HTML entity.
 */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function quoted(...lines: readonly string[]): string {
  return `"${lines.map(escaped).join('\\n')}"`;
}

function attributes(entries: Readonly<Record<string, string | null>>): string {
  return Object.entries(entries)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
    .join(', ');
}

function nodeLine(drawing: Drawing, node: DrawnNode, index: number): string {
  const { task } = node;
  if (task === null) {
    const label = quoted(shorten(clean(node.label), TOOLTIP));
    const color = quoted(node.critical ? CRITICAL.color : EDGES.barrier.color);
    return `n${index} [${attributes({ shape: 'point', width: '0.12', label: '""', color, tooltip: label })}];`;
  }
  const { fill, line, text, dashed } = STATES[task.state];
  const marks = [task.parallel ? '[P]' : '', ...task.stories.map((story) => `[${clean(story)}]`)].filter(
    (mark) => mark !== '',
  );
  const head = [shorten(clean(task.id), 40), ...marks].join(' ');
  const phase = clean(drawing.phases[task.phase]?.name ?? '');
  const about = `${head} ${clean(task.title)} (${[task.state, ...(phase === '' ? [] : [phase])].join(', ')})`;
  return `n${index} [${attributes({
    label: quoted(head, ...wrap(plain(task.title), TITLE.width, TITLE.font, TITLE.lines)),
    tooltip: quoted(shorten(about, TOOLTIP)),
    class: quoted(task.state),
    fillcolor: quoted(fill),
    color: quoted(line),
    fontcolor: quoted(text),
    style: dashed ? '"rounded,filled,dashed"' : null,
    penwidth: node.critical ? String(CRITICAL.width) : null,
  })}];`;
}

function edgeLine({ from, to, kind, reason, critical }: DrawnEdge): string {
  const { color, width, dot } = EDGES[kind];
  return `n${from} -> n${to} [${attributes({
    class: quoted(kind),
    color: quoted(critical ? CRITICAL.color : color),
    penwidth: String(critical ? CRITICAL.width : width),
    style: dot === 'solid' ? null : dot,
    // An edge that blocks nothing says so: it has an open head.
    arrowhead: kind === 'hint' || kind === 'conflict' ? 'empty' : null,
    tooltip: quoted(shorten(clean(`${kind}: ${reason}`), TOOLTIP)),
  })}];`;
}

/** Draws a plan as a `digraph`. Nodes are called `n0`, `n1`, … since a task id may hold anything. Linear. */
export const dot: Picture = (input) => {
  const drawing = draw(input);
  const members = new Map<number | null, string[]>();
  for (const [i, node] of drawing.nodes.entries()) {
    const phase = node.phase !== null && drawing.phases[node.phase] !== undefined ? node.phase : null;
    const lines = members.get(phase) ?? [];
    lines.push(nodeLine(drawing, node, i));
    members.set(phase, lines);
  }
  const font = 'fontname="Helvetica,Arial,sans-serif"';
  const clusters = [...drawing.phases.keys()].flatMap((phase) => {
    const lines = members.get(phase);
    if (lines === undefined) return [];
    const { strong, pale } = phaseColor(phase);
    return [
      `  subgraph cluster_${phase} {`,
      `    label=${quoted(shorten(clean(drawing.phases[phase]?.name ?? ''), 80))};`,
      `    style="rounded,filled"; labeljust=l; fontsize=13; fontcolor="${strong}"; color="${strong}"; fillcolor="${pale}";`,
      ...lines.map((line) => `    ${line}`),
      '  }',
    ];
  });
  return [
    'digraph plan {',
    `  graph [label=${quoted(shorten(clean(input.title), 200))}, labelloc=t, labeljust=l, rankdir=TB, ranksep=0.4, ${font}];`,
    `  node [shape=box, style="rounded,filled", fontsize=11, margin="0.12,0.07", ${font}];`,
    `  edge [arrowsize=0.7, ${font}];`,
    ...clusters,
    ...(members.get(null) ?? []).map((line) => `  ${line}`),
    ...drawing.edges.map((edge) => `  ${edgeLine(edge)}`),
    '}',
    '',
  ].join('\n');
};
