import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, cut, measure, plain, shorten, wrap } from '../../src/pictures/text.ts';
import { HOSTILE } from './support/plans.ts';

const anyText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme' }),
);

describe('clean', () => {
  it('leaves one line without controls, lone surrogates, noncharacters and bidi overrides', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(clean(text)).not.toMatch(
          /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u,
        );
        expect(clean(clean(text))).toBe(clean(text));
      }),
    );
  });

  it('keeps what people write', () => {
    for (const text of ['日本語 é 👩‍👩‍👧‍👦', 'שלום', 'a & b < c "d"']) expect(clean(text)).toBe(text);
  });
});

describe('plain', () => {
  it('takes out the marks for code and bold, but not all of a title', () => {
    expect(plain('**Create** `src/a.ts` in __init__')).toBe('Create src/a.ts in __init__');
    expect(plain('``')).toBe('``');
  });
});

describe('wrap', () => {
  it('breaks at spaces, behind slashes and between CJK characters', () => {
    expect(wrap('Create the model', 66, 11, 3)).toEqual(['Create the', 'model']);
    expect(wrap('src/services/list.ts', 80, 11, 3)).toEqual(['src/services/', 'list.ts']);
    expect(wrap('日本語日本語', 40, 11, 3)).toEqual(['日本語', '日本語']);
  });

  it('marks what it cuts off', () => {
    expect(wrap('one two three four five', 66, 11, 2)).toEqual(['one two', 'three four…']);
    expect(cut('wonderful', 30, 11)).toMatch(/^w.*…$/);
    expect(cut('', 30, 11)).toBe('');
  });

  it('never exceeds lines or width, and never tears a character apart', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 60, max: 300 }), fc.integer({ min: 1, max: 4 }), (text, width, lines) => {
        const result = wrap(clean(text), width, 11, lines);
        expect(result.length).toBeLessThanOrEqual(lines);
        for (const line of result) {
          expect(line).not.toMatch(/\p{Cs}/u);
          if ([...new Intl.Segmenter().segment(line)].length > 1)
            expect(measure(line, 11)).toBeLessThanOrEqual(width + 0.001);
        }
      }),
    );
  });

  it('leaves out nothing that has room', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(wrap(clean(text), 5000, 11, 3).join('')).toBe(clean(text));
      }),
    );
  });
});

describe('shorten', () => {
  it('counts characters as people see them', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
    expect(shorten('👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 2)).toBe('👩‍👩‍👧‍👦…');
  });
});
