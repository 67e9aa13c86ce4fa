/** Where a text stops being JSON, and why. `JSON.parse` says whether, but not always where. Knows nothing of meanings. */

interface Fault {
  /** Offset into the text; its length where the text ends too early. */
  readonly offset: number;
  /** What is wrong there, as the end of a sentence. */
  readonly message: string;
}

const SPACE = /[\t\n\r ]*/y;
const TEXT = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** Depth at which a configuration is none. */
const DEEPEST = 100;

/** The first fault of the text, or `null` if it is JSON. */
export function jsonFault(text: string): Fault | null {
  let offset = 0;
  const fault = (message: string): Fault => ({
    offset,
    message: offset >= text.length ? 'it ends too early' : message,
  });
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset;
    if (!pattern.test(text)) return false;
    offset = pattern.lastIndex;
    return true;
  };
  const skip = (): Fault | null => {
    take(SPACE);
    return text[offset] === '/' || text[offset] === '#' ? fault('JSON has no comments') : null;
  };
  const several = (close: string, member: () => Fault | null): Fault | null => {
    offset++;
    const begin = skip();
    if (begin !== null) return begin;
    if (text[offset] === close) {
      offset++;
      return null;
    }
    for (;;) {
      const wrong = member() ?? skip();
      if (wrong !== null) return wrong;
      if (text[offset] === close) {
        offset++;
        return null;
      }
      if (text[offset] !== ',') return fault(`here a comma or ${close} is missing`);
      const comma = offset++;
      const behind = skip();
      if (behind !== null) return behind;
      if (text[offset] === close) {
        offset = comma;
        return fault('this comma stands behind the last member');
      }
    }
  };
  const pair = (depth: number) => (): Fault | null => {
    if (!take(TEXT)) return fault('a key stands in double quotes');
    const wrong = skip();
    if (wrong !== null) return wrong;
    if (text[offset] !== ':') return fault('behind a key comes a colon');
    offset++;
    return value(depth + 1);
  };
  const value = (depth: number): Fault | null => {
    const wrong = skip();
    if (wrong !== null) return wrong;
    if (depth > DEEPEST) return fault('it is nested too deeply');
    if (text[offset] === '{') return several('}', pair(depth));
    if (text[offset] === '[') return several(']', () => value(depth + 1));
    if (take(TEXT) || take(NUMBER) || take(WORD)) return null;
    return fault(text[offset] === "'" ? 'text stands in double quotes' : 'here a value is missing');
  };
  const wrong = value(0) ?? skip();
  if (wrong !== null) return wrong;
  return offset < text.length ? fault('something follows its end') : null;
}
