/**
 * Text on its way into a picture: made harmless, measured, broken into lines. Knows roughly how wide letters are
 * in a sans-serif font; knows nothing of formats and their escapes.
 */

/** Widths in em of ASCII characters that are not near the average of a sans-serif font. */
const NARROW = new Set("iljI.,:;!|'` ");
const SLIM = new Set('frt()[]{}/\\-"*');
const BROAD = new Set('mwMW@%');

/** Zero width: marks, joiners and selectors. */
const WEIGHTLESS = /^[\p{M}\p{Cf}]$/u;
/** Text in which a character as people see it may be several code points. */
const CLUSTERED = /[\p{M}\p{Cf}\p{Extended_Pictographic}\u{1f1e6}-\u{1f1ff}]/u;

/** Text that needs no cleaning: most of all that there is. */
const TAME = /^(?:[!-~]| (?! ))*$/;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * One line of `text` without anything that a picture's format, a terminal or the reading direction could trip over:
 * white space becomes single spaces; control characters, lone surrogates, noncharacters and bidi overrides go.
 */
export function clean(text: string): string {
  if (TAME.test(text)) return text.trim();
  return text
    .replace(/[\s\u0085]/gu, ' ')
    .replace(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** A title as it is shown: clean, and without the Markdown marks for code and bold. */
export function plain(title: string): string {
  const shown = clean(title.replace(/`|\*\*/g, ''));
  return shown === '' ? clean(title) : shown;
}

/** Whether a code point takes two columns: East Asian wide forms and pictographs. */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2600 && code <= 0x27bf) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f000 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** Width in em of one character as people see it; joined pictographs count each, since not every font joins them. */
function widthOf(character: string): number {
  let width = 0;
  for (const point of character) {
    const code = point.codePointAt(0) as number;
    if (code >= 0x80) width += WEIGHTLESS.test(point) ? 0 : isWide(code) ? 1.15 : 0.68;
    else if (NARROW.has(point)) width += 0.31;
    else if (SLIM.has(point)) width += 0.43;
    else if (BROAD.has(point)) width += 0.94;
    else width += point >= 'A' && point <= 'Z' ? 0.72 : 0.59;
  }
  return width;
}

function characters(text: string): readonly string[] {
  if (!CLUSTERED.test(text)) return Array.from(text);
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

/** Estimated width of `text` in px at a font size in px. */
export function measure(text: string, font: number): number {
  let width = 0;
  for (const character of characters(text)) width += widthOf(character);
  return width * font;
}

/** Whether a line may end behind `character` although no space follows. */
function breaksBehind(character: string): boolean {
  return character === '/' || character === '-' || isWide(character.codePointAt(0) as number);
}

/**
 * Breaks `text` into at most `lines` lines of at most `width` px at a font size in px, at spaces where it can;
 * what does not fit is cut off and marked with `…`. Empty text gives no line.
 */
export function wrap(text: string, width: number, font: number, lines: number): string[] {
  // No line that fits holds more than this, so that a title of megabytes costs nothing.
  const limit = lines * Math.ceil(width / font) * 8;
  const all = characters(text.slice(0, limit));
  const most = width / font;
  const result: string[] = [];
  let start = 0;
  while (start < all.length && result.length < lines) {
    let end = start;
    let used = 0;
    let brk = start;
    while (end < all.length && used + widthOf(all[end] as string) <= most) {
      used += widthOf(all[end] as string);
      end++;
      if (all[end] === ' ' || breaksBehind(all[end - 1] as string)) brk = end;
    }
    if (end === all.length && text.length <= limit) {
      result.push(all.slice(start).join(''));
      return result;
    }
    if (result.length === lines - 1) {
      while (end > start && used + widthOf('…') > most) used -= widthOf(all[--end] as string);
      result.push(`${all.slice(start, end).join('').trimEnd()}…`);
      return result;
    }
    // A single character wider than the line still has to go somewhere.
    const stop = brk > start ? brk : Math.max(end, start + 1);
    result.push(all.slice(start, stop).join('').trimEnd());
    start = stop;
    while (all[start] === ' ') start++;
  }
  return result;
}

/** `text` on one line of at most `width` px at a font size in px, cut with `…`. */
export function cut(text: string, width: number, font: number): string {
  return wrap(text, width, font, 1)[0] ?? '';
}

/** `text` with at most `count` characters as people see them, cut with `…`. */
export function shorten(text: string, count: number): string {
  const all = characters(text.slice(0, count * 16));
  if (all.length <= count && text.length <= count * 16) return text;
  return `${all
    .slice(0, count - 1)
    .join('')
    .trimEnd()}…`;
}
