/** Diagnostics to text: `file:line:col`, the line, a caret under the place, what to do. The only drawer of it. */
import type { Diagnostic } from './diagnostic.ts';
import { plainText } from './redact.ts';
import { type Location, lineText, placeOf, type SourceFile } from './source.ts';

/** Colours for one severity; the identity without a terminal. */
export interface Paint {
  error(text: string): string;
  warning(text: string): string;
  info(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

const asIs = (text: string): string => text;
export const noPaint: Paint = { error: asIs, warning: asIs, info: asIs, dim: asIs, bold: asIs };

/** Longest piece of a source line that is shown, in characters. */
const WIDTH = 100;

/** One diagnostic as text without a final line end. `source` is the file that its places belong to, if there is one. */
export function draw(diagnostic: Diagnostic, source: SourceFile | null, paint: Paint = noPaint): string {
  const lines: string[] = [];
  const head = paint[diagnostic.severity](`${diagnostic.severity}[${diagnostic.code}]`);
  const place = diagnostic.at === null || source === null ? '' : `${paint.bold(nameOf(diagnostic.at, source))}: `;
  lines.push(`${place}${head}: ${plainText(diagnostic.message)}`);
  if (diagnostic.at !== null && source !== null) lines.push(...excerpt(diagnostic.at, source, paint));
  for (const related of diagnostic.related) {
    if (source === null) continue;
    lines.push(`  ${paint.bold(nameOf(related.at, source))}: ${plainText(related.message)}`);
    lines.push(...excerpt(related.at, source, paint));
  }
  if (diagnostic.hint !== null) lines.push(`  ${paint.dim('→')} ${plainText(diagnostic.hint)}`);
  return lines.join('\n');
}

function nameOf(at: Location, source: SourceFile): string {
  const { line, column } = placeOf(source, at.span.start);
  return `${plainText(source.name)}:${line}:${column}`;
}

/** The line with a caret under the span; tabs stay tabs and wide characters count double, so that they align. */
function excerpt(at: Location, source: SourceFile, paint: Paint): string[] {
  const { line, column } = placeOf(source, at.span.start);
  const whole = lineText(source, line);
  const from = column - 1;
  const to = Math.max(from + 1, Math.min(whole.length, from + at.span.end - at.span.start));
  // A long line is cut so that the place stays in view.
  const start = whole.length <= WIDTH || from < WIDTH - 20 ? 0 : between(whole, from - 20);
  const end = between(whole, Math.min(whole.length, start + WIDTH));
  const shown = `${start > 0 ? '…' : ''}${visible(whole.slice(start, end))}${end < whole.length ? '…' : ''}`;
  const before = `${start > 0 ? ' ' : ''}${blank(whole.slice(start, from))}`;
  const marks = '^'.repeat(Math.max(1, widthOf(whole.slice(from, Math.min(to, end)))));
  const gutter = String(line);
  const pad = ' '.repeat(gutter.length);
  return [`  ${paint.dim(`${gutter} |`)} ${shown}`, `  ${paint.dim(`${pad} |`)} ${before}${paint.dim(marks)}`];
}

/** The offset, or the one before where it stands inside a surrogate pair. */
function between(text: string, offset: number): number {
  return (text.codePointAt(offset - 1) ?? 0) > 0xffff ? offset - 1 : offset;
}

function visible(text: string): string {
  return plainText(text).replace(/\n/g, ' ');
}

function blank(text: string): string {
  let out = '';
  for (const symbol of visible(text)) out += symbol === '\t' ? '\t' : ' '.repeat(widthOf(symbol));
  return out;
}

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}\u2705\u274C]/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const symbol of text) width += ZERO.test(symbol) ? 0 : WIDE.test(symbol) ? 2 : 1;
  return width;
}

/** A diagnostic as JSON output gives it: line and column instead of offsets. */
export interface PlainDiagnostic {
  readonly severity: Diagnostic['severity'];
  readonly code: Diagnostic['code'];
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
}

export function plainDiagnostic(diagnostic: Diagnostic, source: SourceFile | null): PlainDiagnostic {
  const place = diagnostic.at === null || source === null ? null : placeOf(source, diagnostic.at.span.start);
  const { severity, code, message, hint } = diagnostic;
  return { severity, code, message, line: place?.line ?? null, column: place?.column ?? null, hint };
}
