/**
 * The head of an SVG picture: its title, how far the plan is, and what colours and lines mean. Knows only what the
 * picture shows: a state, story or kind of edge that does not occur is not explained.
 */
import type { TaskStatus } from '../core/session.ts';
import type { EdgeKind, StoryId } from '../core/task.ts';
import type { Drawing } from './drawing.ts';
import { num, xml } from './markup.ts';
import { EDGES, STATES, storyColor } from './palette.ts';
import { clean, cut, measure } from './text.ts';

const FONT = 12;
const ROW = 22;
const MOST_STORIES = 24;

interface Item {
  readonly width: number;
  /** Drawn from the left end of its place, around y = 0. */
  readonly markup: string;
}

const label = (x: number, text: string): string => `<text class="k" x="${x}" y="4">${xml(text)}</text>`;

function stateItem(state: TaskStatus, count: number): Item {
  const { fill, line, dashed } = STATES[state];
  const text = `${state} ${count}`;
  const dash = dashed ? ' stroke-dasharray="3 2"' : '';
  const swatch = `<rect y="-7" width="22" height="14" rx="3" fill="${fill}" stroke="${line}"${dash}/>`;
  return { width: 28 + measure(text, FONT), markup: swatch + label(28, text) };
}

/** A chip with the name of a story, its left end at `x`, its middle at `y`; with its width in px. */
export function chip(story: StoryId, x: number, y: number): { readonly width: number; readonly markup: string } {
  const text = cut(clean(story), 60, 10);
  const width = Math.ceil(measure(text, 10)) + 10;
  const rect = `<rect x="${num(x)}" y="${num(y - 7)}" width="${width}" height="14" rx="7" fill="${storyColor(story)}"/>`;
  return { width, markup: `${rect}<text class="c" x="${num(x + width / 2)}" y="${num(y + 3.5)}">${xml(text)}</text>` };
}

function edgeItem(kind: EdgeKind | 'critical'): Item {
  const text = kind === 'critical' ? 'critical path' : kind;
  const line = `<path class="e ${kind === 'critical' ? 'x' : kind}" d="M0 0H30" marker-end="url(#implement-${kind})"/>`;
  return { width: 40 + measure(text, FONT), markup: line + label(40, text) };
}

function itemsOf(drawing: Drawing): Item[][] {
  const counts = new Map<TaskStatus, number>();
  const stories = new Set<StoryId>();
  for (const { task } of drawing.nodes) {
    if (task === null) continue;
    counts.set(task.state, (counts.get(task.state) ?? 0) + 1);
    for (const story of task.stories) stories.add(story);
  }
  const kinds = new Set<EdgeKind | 'critical'>(drawing.edges.map((edge) => edge.kind));
  if (drawing.edges.some((edge) => edge.critical)) kinds.add('critical');
  const named = [...stories].sort((a, b) => (a.length - b.length || a < b ? -1 : 1));
  const more = named.length - MOST_STORIES;
  return [
    (Object.keys(STATES) as TaskStatus[]).flatMap((state) => {
      const count = counts.get(state);
      return count === undefined ? [] : [stateItem(state, count)];
    }),
    [
      ...named.slice(0, MOST_STORIES).map((story) => chip(story, 0, 0)),
      ...(more > 0 ? [{ width: 80, markup: label(0, `and ${more} more`) }] : []),
    ],
    ([...(Object.keys(EDGES) as EdgeKind[]), 'critical'] as const).flatMap((kind) =>
      kinds.has(kind) ? [edgeItem(kind)] : [],
    ),
  ];
}

interface Legend {
  readonly height: number;
  readonly markup: readonly string[];
}

/** Title and legend in the given width in px; the height says how much of the picture they take. */
export function legend(drawing: Drawing, title: string, summary: string, width: number): Legend {
  const markup = [
    `<text class="h" x="0" y="16">${xml(cut(title, width, 18))}</text>`,
    `<text class="k" x="0" y="36">${xml(summary)}</text>`,
  ];
  let x = 0;
  let y = 62;
  for (const group of itemsOf(drawing)) {
    for (const item of group) {
      if (x > 0 && x + item.width > width) {
        x = 0;
        y += ROW;
      }
      markup.push(`<g transform="translate(${num(x)} ${y})">${item.markup}</g>`);
      x += item.width + 16;
    }
    if (group.length > 0) x += 12;
  }
  return { height: y + 30, markup };
}
