/**
 * Evidence lines: what the body of a task says must be found in the project once it is done. Knows text only: which
 * lines are evidence, what they claim, and whether a text holds it; files are read elsewhere.
 */
import { type Diagnostic, error, warning } from './diagnostic.ts';
import { at, type Location, lineText, type SourceFile } from './source.ts';
import { nearest } from './suggest.ts';
import type { Task } from './task.ts';

/** `evidence: code path=src/a.ts symbol=createUser contains="…"`. */
export interface Evidence {
  /** Relative to the project root, `/` as separator; never leads out of it by its words. */
  readonly path: string;
  /** Occurs in the file as a word of its own. */
  readonly symbol: string | null;
  /** Occurs in the file as it stands. */
  readonly contains: string | null;
  readonly at: Location;
}

const KEYS = ['path', 'symbol', 'contains'] as const;
type Key = (typeof KEYS)[number];

interface Line {
  readonly text: string;
  /** Offset of its first character in the source; `null`: it could not be found there again. */
  readonly start: number | null;
}

/** The evidence lines of a task. Diagnostics: `evidence`, an error for each that cannot be read. */
export function evidenceOf(
  task: Task,
  source: SourceFile,
): { readonly evidence: readonly Evidence[]; readonly diagnostics: readonly Diagnostic[] } {
  const evidence: Evidence[] = [];
  const diagnostics: Diagnostic[] = [];
  if (!task.body.includes('evidence:')) return { evidence, diagnostics };
  for (const line of linesOf(task, source)) {
    const head = /^(\s*(?:[-*+]\s+)?)(`?)evidence:[ \t]+/.exec(line.text);
    if (head === null) continue;
    const place = (from: number, to: number): Location =>
      line.start === null ? task.at : at(source, line.start + from, line.start + to);
    const end = line.text.trimEnd().length - (head[2] === '`' && line.text.trimEnd().endsWith('`') ? 1 : 0);
    const from = (head[1] as string).length + (head[2] as string).length;
    const read = readClaim(line.text.slice(0, end), head[0].length, from, place);
    if ('path' in read) evidence.push(read);
    else diagnostics.push(read);
  }
  return { evidence, diagnostics };
}

/** Lines of the task's body outside fenced blocks. */
function linesOf(task: Task, source: SourceFile): Line[] {
  const lines: Line[] = [];
  let next = task.line + 1;
  let fence: string | null = null;
  for (const raw of task.body.split(/\r\n|\r|\n/)) {
    const trimmed = raw.trim();
    if (trimmed === '') continue;
    let found: Line | null = null;
    for (let line = next; line <= source.lineStarts.length && found === null; line++) {
      const text = lineText(source, line);
      if (text.trim() !== trimmed) continue;
      found = { text, start: source.lineStarts[line - 1] as number };
      next = line + 1;
    }
    const mark = /^(?:`{3,}|~{3,})/.exec(trimmed)?.[0] ?? null;
    if (fence !== null) {
      if (mark?.startsWith(fence) === true && trimmed === mark) fence = null;
    } else if (mark !== null) fence = mark;
    else lines.push(found ?? { text: raw, start: null });
  }
  return lines;
}

function readClaim(
  text: string,
  start: number,
  from: number,
  place: (from: number, to: number) => Location,
): Evidence | Diagnostic {
  const whole = place(from, text.length);
  const form = 'Write it so: evidence: code path=src/user.ts symbol=createUser contains="export"';
  const kind = /^\S*/.exec(text.slice(start))?.[0] ?? '';
  if (kind !== 'code') {
    // A sentence that begins with the word is none of ours.
    if (!/\w=/.test(text.slice(start)))
      return warning('evidence', 'This evidence line is not understood, and not checked.', whole, { hint: form });
    const near = kind.includes('=') ? 'code' : nearest(kind, ['code']);
    return error('evidence', `There is no evidence of the kind ${kind}.`, place(start, start + kind.length), {
      hint: near === null ? 'There is one kind: code.' : `Did you mean evidence: ${near} …?`,
    });
  }
  const values = new Map<Key, string>();
  const pair = /\s*(?:([^\s=]+)(?:(=)(?:"((?:[^"\\]|\\.)*)"(?!\S)|([^\s"]\S*))?)?)/y;
  pair.lastIndex = start + kind.length;
  while (text.slice(pair.lastIndex).trim() !== '') {
    const before = pair.lastIndex;
    const match = pair.exec(text);
    const [name, equals, quoted, bare] = match === null ? [] : match.slice(1);
    const begin = before + (/^\s*/.exec(text.slice(before))?.[0].length ?? 0);
    const here = (length: number): Location => place(begin, begin + length);
    if (name === undefined) return error('evidence', 'A key must stand before "=".', here(1), { hint: form });
    if (!(KEYS as readonly string[]).includes(name)) {
      const near = nearest(name, KEYS);
      const hint =
        near === null ? `There are: ${KEYS.join(', ')}. A value with spaces needs quotes.` : `Did you mean ${near}?`;
      return error('evidence', `Evidence of code has no key ${name}.`, here(name.length), { hint });
    }
    const value = quoted === undefined ? bare : quoted.replace(/\\(["\\])/g, '$1');
    if (equals === undefined || value === undefined || value === '') {
      const isOpen = equals !== undefined && text[begin + name.length + 1] === '"' && quoted === undefined;
      const why = isOpen ? 'its quotes are not closed' : 'it has no value';
      return error('evidence', `${name} cannot be read: ${why}.`, here(name.length), { hint: form });
    }
    if (values.has(name as Key)) return error('evidence', `${name} is said twice.`, here(name.length), { hint: form });
    values.set(name as Key, value);
  }
  const path = values.get('path');
  if (path === undefined) return error('evidence', 'Evidence of code needs a path.', whole, { hint: form });
  const inside = insidePath(path);
  if (inside === null) {
    return error('evidence', `The path ${path} leads out of the project.`, whole, {
      hint: 'Paths are relative to the project root.',
    });
  }
  return { path: inside, symbol: values.get('symbol') ?? null, contains: values.get('contains') ?? null, at: whole };
}

/** A path relative to the project root, made plain; `null` where its words lead out of the project. */
export function insidePath(path: string): string | null {
  const parts = path.replaceAll('\\', '/').split('/');
  if (parts[0] === '' || parts[0] === '~' || /^[A-Za-z]:/.test(path) || /[\x00-\x1f]/.test(path)) return null;
  if (parts.includes('..')) return null;
  const plain = parts.filter((part) => part !== '' && part !== '.').join('/');
  return plain === '' ? null : plain;
}

/** Why a text does not hold what the evidence claims, or `null` where it does. */
export function lacking(evidence: Evidence, text: string): string | null {
  const { path, symbol, contains } = evidence;
  if (symbol !== null && !hasWord(text, symbol)) return `${path} has no ${symbol}`;
  if (contains !== null && !text.includes(contains)) return `${path} does not contain "${contains}"`;
  return null;
}

const WORD = /[\p{L}\p{N}_$]/u;

function hasWord(text: string, word: string): boolean {
  for (let i = text.indexOf(word); i >= 0; i = text.indexOf(word, i + 1)) {
    if (!WORD.test(text[i - 1] ?? '') && !WORD.test(text[i + word.length] ?? '')) return true;
  }
  return false;
}

/** Titles of tasks whose work is that a file is gone, or elsewhere. */
const REMOVES = /^\W*(?:remove|delete|drop|rename|move|replace|migrate)\b/i;

/** Whether the file that the task names may be gone because the task was done. */
export function mayRemove(title: string): boolean {
  return REMOVES.test(title) || /\b(?:and|then|by) (?:remov|delet|renam|mov)(?:e|ing)\b/i.test(title);
}
