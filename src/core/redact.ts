/**
 * What may be shown of text that others wrote: control codes and secrets out. Knows terminals' escape sequences and
 * which variables hold secrets; not where the text comes from or where it goes.
 */

/** CSI, then the strings (OSC, DCS, SOS, PM, APC), then every other escape. An unfinished string ends with its line. */
const ESCAPES = new RegExp(
  [
    '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?',
    '(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x9c|\\x1b\\\\)?',
    '\\x1b[ -/]*[0-~]?',
  ].join('|'),
  'g',
);

/** C0 without tab, newline and carriage return; DEL; C1; marks and overrides of the writing direction. */
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The text without anything that a terminal would obey: escape sequences, control codes but `\n` and `\t`, and the
 * Unicode characters that turn the writing direction. Of a line that was rewritten with `\r`, its last state stays.
 * Linear in the length of the text, whatever it holds.
 */
export function plainText(text: string): string {
  const plain = text.replace(ESCAPES, '').replace(CONTROLS, '');
  return plain.includes('\r') ? plain.split('\n').map(lastState).join('\n') : plain;
}

/** The same on one line, for messages: white space in a row becomes one space. */
export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}

function lastState(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end -= 1;
  // `lastIndexOf` takes a negative start for 0.
  const start = end === 0 ? 0 : line.lastIndexOf('\r', end - 1) + 1;
  return line.slice(start, end);
}

/** Names such as `OPENAI_API_KEY`, `GH_TOKEN`, `client_secret`, `PGPASSWORD`, `AWS_CREDENTIALS`. */
const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?$/i;

/** Stands in the place of a secret. */
export const MASK = '***';

/** Shorter values are left: masking them would eat ordinary words. */
const SHORTEST_VALUE = 4;
/** The same for a single line of a value that has several, such as a private key. */
const SHORTEST_LINE = 8;

/**
 * A function that puts `***` in the place of every value of a variable whose name says that it is secret.
 *
 * @param env the variables, usually those of the process; looked at once, now.
 * @returns a function for plain text (see `plainText`; escape sequences inside a value would hide it). Occurrences
 *   that overlap or touch become one `***`.
 */
export function redactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const secrets = secretsOf(env);
  return (text) => {
    const spans = secrets.flatMap((secret) => occurrences(text, secret));
    return spans.length === 0 ? text : mask(text, spans);
  };
}

function secretsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const secrets = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !SECRET_NAME.test(name)) continue;
    for (const text of [value, value.trim(), plainText(value).trim()]) {
      if (text.trim().length >= SHORTEST_VALUE) secrets.add(text);
    }
    for (const line of value.split(/[\r\n]+/)) if (line.trim().length >= SHORTEST_LINE) secrets.add(line);
  }
  return [...secrets];
}

type Span = readonly [from: number, to: number];

function occurrences(text: string, secret: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
    spans.push([at, at + secret.length]);
  }
  return spans;
}

function mask(text: string, spans: readonly Span[]): string {
  let masked = '';
  let end = -1;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (from > end) masked += `${text.slice(Math.max(end, 0), from)}${MASK}`;
    end = Math.max(end, to);
  }
  return masked + text.slice(end);
}

/** Both at once, for everything that comes from outside and is shown or kept: no control codes, no secrets. */
export function cleaner(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const redact = redactor(env);
  return (text) => redact(plainText(text));
}
