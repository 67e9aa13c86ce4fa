/** Strict JSON: the same verdict as `JSON.parse`, and the place of the first fault. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from '../../src/config/json.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('jsonFault', () => {
  it('finds none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
        expect(jsonFault(text)).toBeNull();
        expect(jsonFault(JSON.stringify(JSON.parse(text), null, indent))).toBeNull();
      }),
    );
  });

  it('agrees with JSON.parse on anything that looks like it', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '01',
      '1.5e3',
      'true',
      'nul',
      ' ',
      '\n',
      '//',
      '\\',
      "'a'",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect(jsonFault(text) === null, text).toBe(isJson(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('agrees with JSON.parse when a character is taken away', () => {
    const text = '{"a": [1, -2.5e+3, {"b": "c\\u00e9\\n"}], "d": null, "e": {}}';
    for (let i = 0; i < text.length; i++) {
      const cut = text.slice(0, i) + text.slice(i + 1);
      expect(jsonFault(cut) === null, cut).toBe(isJson(cut));
    }
  });

  it.each([
    ['{"a": 1,}', 7, 'this comma stands behind the last member'],
    ['{"a": 1 "b": 2}', 8, 'here a comma or } is missing'],
    ['{a: 1}', 1, 'a key stands in double quotes'],
    ["{'a': 1}", 1, 'a key stands in double quotes'],
    ['{"a": 1} // why', 9, 'JSON has no comments'],
    ['{"a" 1}', 5, 'behind a key comes a colon'],
    ['{"a": ', 6, 'it ends too early'],
    ['', 0, 'it ends too early'],
    ['{"a": \'b\'}', 6, 'text stands in double quotes'],
    ['{} {}', 3, 'something follows its end'],
    ['{"a": yes}', 6, 'here a value is missing'],
  ])('%s', (text, offset, message) => {
    expect(jsonFault(text)).toEqual({ offset, message });
  });

  it('gives up on what no person nests', () => {
    expect(jsonFault('['.repeat(10_000))?.message).toBe('it is nested too deeply');
  });
});
