/** What a terminal shows, as an SVG picture. Knows the five colours that reporters use; every other code is dropped. */

/** `text` is plain, `style` one of the classes below. */
interface Piece {
  readonly text: string;
  readonly style: string;
}

const STYLES: Readonly<Record<string, string>> = { '1': 'b', '2': 'd', '31': 'e', '32': 'i', '33': 'w' };
const OFF = new Set(['0', '22', '39']);
const WIDTH = 8.1;
const HEIGHT = 18;
const MARGIN = 16;
const BAR = 30;

const CSS = [
  '.t{font:13.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d8dee9;white-space:pre}',
  '.b{font-weight:700;fill:#fff}',
  '.d{fill:#8a94a6}',
  '.e{fill:#ff7b72}',
  '.i{fill:#7ee787}',
  '.w{fill:#f2cc60}',
  '.p{fill:#79c0ff}',
].join('');

/** @param lines with colour codes; one that begins with `$ ` is a command. @param columns longer lines are cut. */
export function terminalPicture(lines: readonly string[], columns: number, title: string): string {
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = BAR + lines.length * HEIGHT + MARGIN;
  const rows = lines.map((line, i) => {
    const pieces = line.startsWith('$ ')
      ? [
          { text: '$ ', style: 'p' },
          { text: line.slice(2), style: 'b' },
        ]
      : piecesOf(line);
    const spans = cut(pieces, columns).map(({ text, style }) =>
      style === '' ? escaped(text) : `<tspan class="${style}">${escaped(text)}</tspan>`,
    );
    return `<text class="t" xml:space="preserve" x="${MARGIN}" y="${BAR + (i + 1) * HEIGHT - 4}">${spans.join('')}</text>`;
  });
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${MARGIN + 4 + i * 18}" cy="16" r="5.5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${CSS}</style>`,
    `<rect width="${width}" height="${height}" rx="9" fill="#161b22"/>`,
    ...lights,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

/** The lines of a picture as plain text again. */
export function textOf(picture: string): string[] {
  return [...picture.matchAll(/<text [^>]*>(.*)<\/text>/g)].map((match) =>
    (match[1] as string)
      .replace(/<[^>]+>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&'),
  );
}

function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let style = '';
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    const code = /^\x1b\[([\d;]*)m$/.exec(part)?.[1];
    if (code === undefined) {
      if (part !== '') pieces.push({ text: part, style });
    } else style = OFF.has(code) ? '' : (STYLES[code] ?? style);
  }
  return pieces;
}

function cut(pieces: readonly Piece[], columns: number): Piece[] {
  const kept: Piece[] = [];
  let left = columns;
  for (const piece of pieces) {
    const symbols = [...piece.text];
    if (symbols.length > left) {
      kept.push({ ...piece, text: `${symbols.slice(0, Math.max(0, left - 1)).join('')}…` });
      break;
    }
    kept.push(piece);
    left -= symbols.length;
  }
  return kept;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
