/**
 * A source file and the places in it. Knows offsets, lines and columns; knows nothing of Markdown.
 * Offsets are UTF-16 code units into `text`; lines and columns count from 1.
 */

/** A half-open range of offsets `[start, end)` into a source's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A range in a named file, as every message and every edge carries it. */
export interface Location {
  readonly file: string;
  readonly span: Span;
}

/** Line and column of an offset, both from 1; the column counts UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SourceFile {
  /** The name as the user would write it: relative to where they are. */
  readonly name: string;
  /** The decoded text, a byte order mark included. */
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

/** Indexes the lines of `text`; `\n`, `\r\n` and a lone `\r` end a line, as in CommonMark. */
export function sourceFile(name: string, text: string): SourceFile {
  const lineStarts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) lineStarts.push(i + 1);
  }
  return { name, text, lineStarts };
}

/** Number of the line (from 1) that holds `offset`. O(log lines). */
export function lineOf(source: SourceFile, offset: number): number {
  const { lineStarts } = source;
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** Line and column of `offset`. */
export function placeOf(source: SourceFile, offset: number): Place {
  const line = lineOf(source, offset);
  return { line, column: offset - (source.lineStarts[line - 1] as number) + 1 };
}

/** Text of a line (from 1) without its line end. */
export function lineText(source: SourceFile, line: number): string {
  const start = source.lineStarts[line - 1] ?? source.text.length;
  const end = source.lineStarts[line] ?? source.text.length;
  return source.text.slice(start, end).replace(/[\r\n]+$/, '');
}

/** The location of a span in a source: the one way in which places are made. */
export function at(source: SourceFile, start: number, end: number): Location {
  return { file: source.name, span: { start, end } };
}
