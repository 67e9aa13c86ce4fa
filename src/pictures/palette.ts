/**
 * The colours and words that all pictures share, so that a state looks the same in each of them.
 */
import type { TaskStatus } from '../core/session.ts';
import type { EdgeKind, StoryId } from '../core/task.ts';

interface StateStyle {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
  /** Drawn with a dashed border: not part of what runs. */
  readonly dashed: boolean;
}

const INK = '#1e293b';
const FADED = '#64748b';

/** How each state looks. The order is that of the legend. */
export const STATES: Readonly<Record<TaskStatus, StateStyle>> = {
  done: { fill: '#dcfce7', line: '#16a34a', text: INK, dashed: false },
  running: { fill: '#dbeafe', line: '#2563eb', text: INK, dashed: false },
  merging: { fill: '#e0e7ff', line: '#4f46e5', text: INK, dashed: false },
  delayed: { fill: '#fef9c3', line: '#ca8a04', text: INK, dashed: false },
  pending: { fill: '#ffffff', line: '#94a3b8', text: INK, dashed: false },
  failed: { fill: '#fecaca', line: '#dc2626', text: INK, dashed: false },
  blocked: { fill: '#ffedd5', line: '#ea580c', text: INK, dashed: false },
  cancelled: { fill: '#fae8ff', line: '#a21caf', text: INK, dashed: false },
  skipped: { fill: '#f1f5f9', line: '#94a3b8', text: FADED, dashed: true },
  deferred: { fill: '#ffffff', line: '#cbd5e1', text: FADED, dashed: true },
};

interface EdgeStyle {
  readonly color: string;
  /** Line width in px. */
  readonly width: number;
  /** SVG dash pattern; empty for a solid line. */
  readonly dash: string;
  /** The same as a style of Graphviz. */
  readonly dot: 'solid' | 'dashed' | 'dotted';
}

/** How each kind of edge looks, strongest first: where two join the same nodes, the first is drawn. */
export const EDGES: Readonly<Record<EdgeKind, EdgeStyle>> = {
  explicit: { color: '#1d4ed8', width: 2, dash: '', dot: 'solid' },
  barrier: { color: '#94a3b8', width: 1.4, dash: '9 3', dot: 'solid' },
  sequence: { color: '#64748b', width: 1.3, dash: '', dot: 'solid' },
  verification: { color: '#047857', width: 1.3, dash: '', dot: 'solid' },
  hint: { color: '#7c3aed', width: 1.4, dash: '4 3', dot: 'dashed' },
  conflict: { color: '#c2410c', width: 1.8, dash: '1.5 3.5', dot: 'dotted' },
};

/** Colour and width in px of the critical path. */
export const CRITICAL = { color: '#0f172a', width: 3 } as const;

/** Tints of a phase: a strong one for bands and words, a pale one for areas. */
const PHASES: readonly { readonly strong: string; readonly pale: string }[] = [
  { strong: '#475569', pale: '#f8fafc' },
  { strong: '#0e7490', pale: '#f0fdff' },
  { strong: '#6d28d9', pale: '#faf8ff' },
  { strong: '#a16207', pale: '#fffdf0' },
  { strong: '#047857', pale: '#f3fdf8' },
  { strong: '#be123c', pale: '#fff7f8' },
  { strong: '#1d4ed8', pale: '#f5f9ff' },
  { strong: '#7e22ce', pale: '#fdf8ff' },
];

/** The tints of the phase with this index. */
export function phaseColor(index: number): { readonly strong: string; readonly pale: string } {
  return PHASES[index % PHASES.length] as { readonly strong: string; readonly pale: string };
}

const STORY_COLORS = [
  '#2563eb',
  '#c2410c',
  '#7c3aed',
  '#0f766e',
  '#be185d',
  '#4d7c0f',
  '#0369a1',
  '#b91c1c',
  '#6b21a8',
  '#854d0e',
] as const;

/** Colour of a story: the same in every picture of every file, since it follows from the id alone. */
export function storyColor(story: StoryId): string {
  const digits = /\d+/.exec(story)?.[0];
  let number = digits === undefined ? 0 : Number(digits.slice(-6)) - 1;
  if (digits === undefined) for (let i = 0; i < story.length; i++) number = (number * 31 + story.charCodeAt(i)) % 65521;
  const count = STORY_COLORS.length;
  return STORY_COLORS[((number % count) + count) % count] as string;
}
