/**
 * The environment and the arguments that a process can really be given. Knows what the system refuses; not what the
 * variables mean.
 */
import type { Assignment } from '../core/assignment.ts';
import { markerName } from './family.ts';

/** Linux takes no string above 128 KiB, its NUL included; `NAME=` is part of it. */
const LONGEST_STRING = 128 * 1024 - 1;

/** What takes the place of a NUL, which no argument and no variable can hold. */
const NO_NUL = '\ufffd';

/**
 * @param base the variables that every attempt gets, usually those of this process; looked at once, now.
 * @returns a function: base, then the assignment's own variables, its marker, and `PWD`. Longer values than the
 *   system takes are cut, names that cannot be are left out.
 */
export function environments(
  base: Readonly<Record<string, string | undefined>>,
): (assignment: Assignment) => Record<string, string> {
  const common = possible(base);
  return (assignment) => {
    const { name, value } = markerOf(assignment);
    return { ...common, ...possible({ ...assignment.env, [name]: value, PWD: assignment.dir }) };
  };
}

/** The marker of an assignment's processes: its value is the assignment's id. */
export function markerOf(assignment: Assignment): { readonly name: string; readonly value: string } {
  return { name: markerName(assignment.run), value: withoutNul(assignment.id) };
}

/** The text as it can be given as an argument. */
export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', NO_NUL) : text;
}

function possible(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || name === '' || /[=\0]/.test(name)) continue;
    result[name] = cut(withoutNul(value), LONGEST_STRING - Buffer.byteLength(name) - 1);
  }
  return result;
}

/** At most so many bytes of UTF-8, no character in halves. */
function cut(text: string, bytes: number): string {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, Math.max(bytes, 0)), {
    stream: true,
  });
}
