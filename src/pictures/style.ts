/**
 * How an SVG picture looks, once for the whole document: fonts, states, kinds of edges, heads of arrows. Knows the
 * class names; knows nothing of any plan.
 */
import type { TaskStatus } from '../core/session.ts';
import { CRITICAL, EDGES, STATES } from './palette.ts';

/** Size of the font in boxes, in px. */
export const FONT = 11;

/** The style sheet: all of its rules hold only inside of a picture. */
export function style(): string {
  const states = (Object.keys(STATES) as TaskStatus[]).flatMap((state) => {
    const { fill, line, text, dashed } = STATES[state];
    return [
      `.implement .${state} .b{fill:${fill};stroke:${line}${dashed ? ';stroke-dasharray:4 3' : ''}}`,
      `.implement .${state} .s{stroke:${line}}`,
      `.implement .${state} text{fill:${text}}`,
    ];
  });
  const edges = Object.entries(EDGES).map(
    ([kind, { color, width, dash }]) =>
      `.implement .${kind}{stroke:${color};stroke-width:${width}${dash === '' ? '' : `;stroke-dasharray:${dash}`}}`,
  );
  return [
    `.implement text{font:${FONT}px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1e293b}`,
    '.implement .h{font-size:18px;font-weight:700}.implement .k{font-size:12px;fill:#475569}',
    '.implement .t .i{font-size:12px;font-weight:700}.implement .t .p{font-size:10px;font-weight:700;fill:#64748b}',
    '.implement .c{font-size:10px;font-weight:700;text-anchor:middle}.implement text.c,.implement .t text.c{fill:#fff}',
    '.implement .l{font-size:13px;font-weight:700;paint-order:stroke;stroke-width:5;stroke-linejoin:round}.implement .n{font-size:10px}',
    '.implement .b{stroke-width:1.2}.implement .e,.implement .s{fill:none}.implement .s{stroke-width:2;stroke-linejoin:round}',
    '.implement .f{fill:#94a3b8;fill-opacity:.08;stroke:#94a3b8;stroke-dasharray:2 3}',
    '.implement .g{fill:#94a3b8;stroke:#fff}',
    ...states,
    ...edges,
    `.implement .e.x{stroke:${CRITICAL.color};stroke-width:${CRITICAL.width}}.implement .t.x .b{stroke-width:3}`,
    `.implement .g.x{fill:${CRITICAL.color}}`,
  ].join('\n');
}

/** The heads of the arrows, named `implement-` and the kind of edge, or `implement-critical`. */
export function markers(): string {
  const head = (name: string, color: string, size: number): string =>
    `<marker id="implement-${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="${size}" markerHeight="${size}" ` +
    `markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8Z" fill="${color}"/></marker>`;
  const kinds = Object.entries(EDGES).map(([kind, { color }]) => head(kind, color, 8));
  return [...kinds, head('critical', CRITICAL.color, 11)].join('');
}
