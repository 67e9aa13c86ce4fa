/**
 * A plan as a Mermaid flowchart, as GitHub and many editors show it inside of Markdown. Knows Mermaid's syntax and
 * what its reader does to text before it parses it; knows nothing of places.
 */
import type { EdgeKind } from '../core/task.ts';
import type { Drawing, DrawnEdge, DrawnNode } from './drawing.ts';
import { draw } from './drawing.ts';
import { CRITICAL, EDGES, phaseColor, STATES } from './palette.ts';
import type { Picture } from './picture.ts';
import { clean, plain, shorten } from './text.ts';

const TITLE = 90;
/** What Mermaid draws without being told otherwise. */
const MERMAID = { edges: 500, characters: 50_000 } as const;

/**
 * Clean text for a quoted label. Mermaid looks for directives, entities, style statements and tags in the whole text
 * before it knows what a label is, so every character that could begin one is written as an entity.
 */
function label(text: string): string {
  return text
    .replaceAll('\ufb02', 'fl') // Mermaid's own mark for entities begins with this ligature.
    .replace(/[^\p{L}\p{M}\p{N}\p{Cf}\p{Extended_Pictographic} ,./()[\]!?'+=_-]/gu, (character) =>
      character === '"' ? '#quot;' : `#${character.codePointAt(0)};`,
    );
}

function nodeLine(node: DrawnNode, index: number): string {
  const { task } = node;
  if (task === null) return `n${index}((" ")):::gate`;
  const marks = [...(task.parallel ? ['[P]'] : []), ...task.stories.map((story) => `[${clean(story)}]`)];
  const head = [shorten(clean(task.id), 40), ...marks].join(' ');
  const title = shorten(plain(task.title), TITLE);
  return `n${index}["${label(head)}${title === '' ? '' : `<br/>${label(title)}`}"]:::${task.state}`;
}

function edgeLine({ from, to, kind, critical }: DrawnEdge): string {
  if (critical) return `n${from} ==> n${to}`;
  return `n${from} ${kind === 'hint' || kind === 'conflict' ? '-.->' : '-->'} n${to}`;
}

/** One line per look of an edge: Mermaid knows edges by their position only. */
function linkStyles(edges: readonly DrawnEdge[]): string[] {
  const looks = new Map<EdgeKind | 'critical', number[]>();
  for (const [i, { kind, critical }] of edges.entries()) {
    const look = critical ? 'critical' : kind;
    const positions = looks.get(look) ?? [];
    positions.push(i);
    looks.set(look, positions);
  }
  return ([...(Object.keys(EDGES) as EdgeKind[]), 'critical'] as const).flatMap((look) => {
    const positions = looks.get(look);
    if (positions === undefined) return [];
    const { color, width } = look === 'critical' ? CRITICAL : EDGES[look];
    return [`linkStyle ${positions.join(',')} stroke:${color},stroke-width:${width}px`];
  });
}

function classes(drawing: Drawing): string[] {
  const states = new Set(drawing.nodes.flatMap(({ task }) => task?.state ?? []));
  const lines = [...states].sort().map((state) => {
    const { fill, line, text, dashed } = STATES[state];
    return `classDef ${state} fill:${fill},stroke:${line},color:${text}${dashed ? ',stroke-dasharray:4 3' : ''}`;
  });
  const critical = drawing.nodes.flatMap(({ task, critical }, i) => (critical && task !== null ? [`n${i}`] : []));
  if (critical.length > 0)
    lines.push(`classDef critical stroke-width:${CRITICAL.width}px`, `class ${critical.join(',')} critical`);
  if (drawing.nodes.some(({ task }) => task === null))
    lines.push('classDef gate fill:#94a3b8,stroke:#94a3b8,color:#94a3b8');
  return lines;
}

/** Draws a plan as a `flowchart`. Nodes are called `n0`, `n1`, … since a task id may hold anything. Linear. */
export const mermaid: Picture = (input) => {
  const drawing = draw(input);
  const members = new Map<number | null, string[]>();
  for (const [i, node] of drawing.nodes.entries()) {
    const phase = node.phase !== null && drawing.phases[node.phase] !== undefined ? node.phase : null;
    const lines = members.get(phase) ?? [];
    lines.push(nodeLine(node, i));
    members.set(phase, lines);
  }
  const used = [...drawing.phases.keys()].filter((phase) => members.has(phase));
  const subgraphs = used.flatMap((phase) => [
    `  subgraph p${phase}["${label(shorten(clean(drawing.phases[phase]?.name ?? ''), TITLE)) || ' '}"]`,
    ...(members.get(phase) as string[]).map((line) => `    ${line}`),
    '  end',
  ]);
  const body = [
    `  accTitle: ${label(shorten(`Task graph of ${clean(input.title)}`, TITLE))}`,
    ...subgraphs,
    ...(members.get(null) ?? []).map((line) => `  ${line}`),
    ...(drawing.nodes.length === 0 ? ['  empty["no tasks"]'] : []),
    ...drawing.edges.map((edge) => `  ${edgeLine(edge)}`),
    ...classes(drawing).map((line) => `  ${line}`),
    ...linkStyles(drawing.edges).map((line) => `  ${line}`),
    ...used.map(
      (phase) => `  style p${phase} fill:${phaseColor(phase).pale},stroke:${phaseColor(phase).strong},color:#1e293b`,
    ),
  ].join('\n');
  const large = drawing.edges.length > MERMAID.edges || body.length > MERMAID.characters;
  const note = large
    ? ['%% larger than Mermaid draws by default: raise maxEdges and maxTextSize, or use another format']
    : [];
  return [...note, 'flowchart TB', body, ''].join('\n');
};
