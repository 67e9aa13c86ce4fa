/**
 * Free text on one line of `current-session.md`, and back without loss. Knows which characters would end a line,
 * hide text, or be taken for the file's own words; knows nothing of sessions.
 *
 * `\n`, `\r`, `\t` and `\u{…}` stand for characters that must not be in the file raw; a backslash before any other
 * character stands for that character, as in Markdown, so an escaped text still shows as it is.
 */

/** Control codes, line separators, turns of the writing direction, lone surrogates, a byte order mark. */
const RAW = '\\p{Cc}\\p{Cs}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff';
const HIDDEN = new RegExp(`[${RAW}]`, 'gu');
const SPECIAL = new RegExp(`[\\\\<${RAW}]|^[\\s[]|\\s$|\\((?=blocked by )`, 'gu');
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Escapes `text` for the rest of a line. The result has no control codes and no white space at either end. */
export function escapeText(text: string): string {
  return text.replace(SPECIAL, (found) => {
    if (found === '\\' || found === '<' || found === '[' || found === '(') return `\\${found}`;
    return escapeCharacter(found);
  });
}

/** Escapes `text` for a place that ends at a space or a closing bracket. */
export function escapeWord(text: string): string {
  return escapeText(text).replace(/ /g, escapeCharacter(' ')).replace(/\]/g, '\\]');
}

/** What `escapeText` or `escapeWord` was given. Takes any text: a backslash at the end stands for itself. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u\{([0-9a-f]{1,6})\}|(.))/gsu, (whole, code: string | undefined, other: string) => {
    if (code !== undefined)
      return Number.parseInt(code, 16) > 0x10ffff ? whole : String.fromCodePoint(Number.parseInt(code, 16));
    return other === 'n' ? '\n' : other === 'r' ? '\r' : other === 't' ? '\t' : other;
  });
}

/** JSON on one line, without raw control codes, line separators or anything else that does not show. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(HIDDEN, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escapeCharacter(character: string): string {
  return SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
