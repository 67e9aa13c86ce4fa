/**
 * A plan as SVG: boxes with state, story and title, areas for phases, lines for edges, a legend. One document without
 * scripts and without anything from outside. Knows how things look; where they stand is for `layout.ts` and `grid.ts`.
 */
import type { TaskStatus } from '../core/session.ts';
import type { Box, Point, Size } from './bundle.ts';
import type { Drawing, DrawnEdge, DrawnNode } from './drawing.ts';
import { draw } from './drawing.ts';
import { grid } from './grid.ts';
import type { Layout } from './layout.ts';
import { layered } from './layout.ts';
import { chip, legend } from './legend.ts';
import { num, xml } from './markup.ts';
import { phaseColor } from './palette.ts';
import type { Picture, PictureTask } from './picture.ts';
import { FONT, markers, style } from './style.ts';
import { clean, cut, measure, plain, shorten, wrap } from './text.ts';

const MARGIN = 24;
const WIDTH = 196;
const LINE = 14;
const TITLE_LINES = 3;
/** Where the text begins and ends in a box, and the base line of its first title line. */
const INNER = { left: 14, right: 10, first: 37 } as const;
const GATE: Size = { width: 10, height: 10 };
const TOOLTIP = 400;

/** The sign of a state in the upper right corner of a box, 12 px square; the colour is the state's. */
const SIGNS: Readonly<Record<TaskStatus, string>> = {
  done: 'M1 6.5L4.5 10L11 2.5',
  running: 'M3 1.5L10.5 6L3 10.5Z',
  merging: 'M2 2C2 6 6 6 6 10M10 2C10 6 6 6 6 10',
  delayed: 'M6 1.5V6L9 8M6 11A5 5 0 1 1 6 1A5 5 0 0 1 6 11Z',
  pending: '',
  failed: 'M2 2L10 10M10 2L2 10',
  blocked: 'M2.5 2.5L9.5 9.5M6 11A5 5 0 1 1 6 1A5 5 0 0 1 6 11Z',
  cancelled: 'M2 2H10V10H2Z',
  skipped: 'M2 6H10',
  deferred: 'M2 3.5H10M2 8.5H10',
};

interface Card {
  readonly size: Size;
  readonly lines: readonly string[];
}

/** What a task's box holds, and how large that makes it. */
function cardOf(task: PictureTask, named: boolean): Card {
  const lines = wrap(plain(task.title), WIDTH - INNER.left - INNER.right, FONT, TITLE_LINES);
  const height = INNER.first + LINE * (lines.length - 1) + (named ? LINE + 2 : 0) + 10;
  return { size: { width: WIDTH, height: Math.max(height, INNER.first) }, lines };
}

function phaseName(drawing: Drawing, phase: number): string {
  return clean(drawing.phases[phase]?.name ?? '');
}

function tooltip(text: string): string {
  return `<title>${xml(shorten(text, TOOLTIP))}</title>`;
}

function taskMarkup(
  drawing: Drawing,
  node: DrawnNode,
  task: PictureTask,
  card: Card,
  box: Box,
  named: boolean,
): string {
  const { state } = task;
  const phase = phaseName(drawing, task.phase);
  const id = clean(task.id);
  const stories = task.stories.length > 0 ? [task.stories.join(', ')] : [];
  const about = clean([id, ...stories, task.title].join(' · '));
  const sign = SIGNS[state];
  let right = WIDTH - 10 - (sign === '' ? 0 : 18);
  const chips: string[] = [];
  for (const story of task.stories.slice(0, 2).toReversed()) {
    const { width } = chip(story, 0, 0);
    chips.push(chip(story, right - width, 16).markup);
    right -= width + 4;
  }
  if (task.stories.length > 2) {
    right -= 18;
    chips.push(`<text class="p" x="${num(right)}" y="20">+${task.stories.length - 2}</text>`);
  }
  const name = cut(id, right - INNER.left - (task.parallel ? 20 : 4), 12);
  const parallel = task.parallel
    ? `<text class="p" x="${num(INNER.left + measure(name, 12) + 6)}" y="20">P</text>`
    : '';
  const { height } = box;
  return [
    `<g class="t ${state}${node.critical ? ' x' : ''}" transform="translate(${num(box.x)} ${num(box.y)})">`,
    tooltip(`${about} (${[state, ...(phase === '' ? [] : [phase])].join(', ')})`),
    `<rect class="b" width="${num(box.width)}" height="${num(height)}" rx="6"/>`,
    `<path d="M6 5V${num(height - 5)}" stroke="${phaseColor(task.phase).strong}" stroke-width="4" stroke-linecap="round"/>`,
    `<text class="i" x="${INNER.left}" y="20">${xml(name)}</text>`,
    parallel,
    ...chips,
    sign === '' ? '' : `<path class="s" transform="translate(${WIDTH - 22} 10)" d="${sign}"/>`,
    ...card.lines.map((line, i) => `<text x="${INNER.left}" y="${INNER.first + i * LINE}">${xml(line)}</text>`),
    named
      ? `<text class="n" x="${INNER.left}" y="${num(height - 9)}" style="fill:${phaseColor(task.phase).strong}">${xml(
          cut(phase, WIDTH - INNER.left - INNER.right, 10),
        )}</text>`
      : '',
    '</g>',
  ].join('');
}

function gateMarkup(node: DrawnNode, box: Box): string {
  const middle = `cx="${num(box.x + box.width / 2)}" cy="${num(box.y + box.height / 2)}"`;
  return `<circle class="g${node.critical ? ' x' : ''}" ${middle} r="${GATE.width / 2}">${tooltip(clean(node.label))}</circle>`;
}

const at = ({ x, y }: Point): string => `${num(x)} ${num(y)}`;

/** A smooth line that leaves downwards and arrives from above; the bends between are rounded off. */
function curve(route: readonly Point[]): string {
  const start = route[0] as Point;
  const end = route.at(-1) as Point;
  const bends = route.slice(1, -1);
  const reach = bends.length > 1 ? LINE : (end.y - start.y) / 2;
  const out = { x: start.x, y: start.y + reach };
  const into = { x: end.x, y: end.y - reach };
  if (bends.length < 2) return `M${at(start)}C${at(out)} ${at(into)} ${at(end)}`;
  const parts = [`M${at(start)}`];
  for (const [i, bend] of bends.entries()) {
    const next = bends[i + 1] ?? end;
    const middle = { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 };
    if (i === 0) parts.push(`C${at(out)} ${at(bend)} ${at(middle)}`);
    else if (i === bends.length - 1) parts.push(`C${at(bend)} ${at(into)} ${at(end)}`);
    else parts.push(`Q${at(bend)} ${at(middle)}`);
  }
  return parts.join('');
}

function edgeMarkup(drawing: Drawing, edge: DrawnEdge, route: readonly Point[]): string {
  const kind = edge.critical ? 'critical' : edge.kind;
  // A gate is smaller than the head of an arrow.
  const head = drawing.nodes[edge.to]?.task === null ? '' : ` marker-end="url(#implement-${kind})"`;
  const title = tooltip(clean(`${edge.kind}: ${edge.reason}`));
  return `<path class="e ${edge.kind}${edge.critical ? ' x' : ''}" d="${curve(route)}"${head}>${title}</path>`;
}

function areaMarkup(drawing: Drawing, phase: number, box: Box): string {
  const { strong, pale } = phaseColor(phase);
  const where = `x="${num(box.x)}" y="${num(box.y)}" width="${num(box.width)}" height="${num(box.height)}"`;
  const rect = `<rect class="a" ${where} rx="10" fill="${pale}" stroke="${strong}" stroke-opacity="0.35">`;
  return `${rect}${tooltip(phaseName(drawing, phase))}</rect>`;
}

function frameMarkup(box: Box): string {
  const where = `x="${num(box.x)}" y="${num(box.y)}" width="${num(box.width)}" height="${num(box.height)}"`;
  return `<rect class="f" ${where} rx="9"><title>these wait for the same, and the same waits for them</title></rect>`;
}

/** The heading of an area, with a halo since lines may run below it. */
function headingMarkup(drawing: Drawing, phase: number, box: Box): string {
  const { strong, pale } = phaseColor(phase);
  const text = xml(cut(phaseName(drawing, phase), box.width - 28, 13));
  return `<text class="l" x="${num(box.x + 14)}" y="${num(box.y + 19)}" style="fill:${strong};stroke:${pale}">${text}</text>`;
}

function place(drawing: Drawing): {
  readonly layout: Layout;
  readonly cards: readonly (Card | null)[];
  readonly named: boolean;
} {
  const make = (named: boolean) => drawing.nodes.map(({ task }) => (task === null ? null : cardOf(task, named)));
  const sizes = (cards: readonly (Card | null)[]) => cards.map((card) => card?.size ?? GATE);
  const cards = make(false);
  const grouped = layered(drawing, sizes(cards), true);
  if (grouped !== null) return { layout: grouped, cards, named: false };
  // Without areas each box says itself which phase it is of.
  const named = make(true);
  const layout = layered(drawing, sizes(named), false) ?? grid(drawing, sizes(named));
  return { layout, cards: named, named: true };
}

/** Draws a plan as an SVG document: valid XML 1.0, no two boxes overlap, linear beyond a few hundred nodes. */
export const svg: Picture = (input) => {
  const drawing = draw(input);
  const { layout, cards, named } = place(drawing);
  const done = input.tasks.filter(({ state }) => state === 'done' || state === 'skipped').length;
  const title = clean(input.title);
  const count = input.tasks.length;
  const summary = count === 0 ? 'no tasks' : `${count} ${count === 1 ? 'task' : 'tasks'}, ${done} done`;
  const inner = Math.max(layout.width, 640);
  const head = legend(drawing, title, summary, inner);
  const width = inner + 2 * MARGIN;
  const height = head.height + layout.height + 2 * MARGIN;
  const name = xml(shorten(`Task graph of ${title}: ${summary}`, TOOLTIP));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="implement" role="img" aria-label="${name}" ` +
      `width="${num(width)}" height="${num(height)}" viewBox="0 0 ${num(width)} ${num(height)}">`,
    `<title>${name}</title>`,
    `<style>\n${style()}\n</style>`,
    `<defs>${markers()}</defs>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    ...head.markup,
    '</g>',
    `<g transform="translate(${num(MARGIN + (inner - layout.width) / 2)} ${num(MARGIN + head.height)})">`,
    ...layout.areas.map(({ phase, box }) => areaMarkup(drawing, phase, box)),
    ...layout.frames.map(frameMarkup),
    ...layout.lines.map(({ edge, points }) => edgeMarkup(drawing, drawing.edges[edge] as DrawnEdge, points)),
    ...layout.areas.map(({ phase, box }) => headingMarkup(drawing, phase, box)),
    ...drawing.nodes.map((node, i) => {
      const box = layout.boxes[i] as Box;
      const card = cards[i] as Card | null;
      if (node.task === null || card === null) return gateMarkup(node, box);
      return taskMarkup(drawing, node, node.task, card, box, named);
    }),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
};
