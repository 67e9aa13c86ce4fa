import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneLine, plainText, redactor } from '../../src/core/redact.ts';

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x9b',
        '\x9d',
        '\x90',
        '\x07',
        '\x1b\\',
        '\x9c',
        '\r',
        '\n',
        '\t',
      ),
      fc.constantFrom('31m', '0;title', '[', ';', ' ', '\0', '\x7f', '\u202e', '\u2066', '\u200f', '\u061c'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
  )
  .map((parts) => parts.join(''));

describe('plainText', () => {
  test.each([
    ['colours', '\x1b[1;31mred\x1b[0m and \x9b32mgreen', 'red and green'],
    ['cursor and screen', '\x1b[2J\x1b[H\x1b[?25lhere\x1b7\x1b8\x1bc', 'here'],
    ['a title', '\x1b]0;evil\x07text\x1b]2;evil\x1b\\more\x9d1;evil\x9cend', 'textmoreend'],
    ['a link keeps its words', '\x1b]8;;https://example.com\x1b\\words\x1b]8;;\x1b\\', 'words'],
    ['device control', '\x1bPq#0;2;0;0;0\x1b\\after', 'after'],
    ['privacy message and application command', 'a\x1b^secret\x1b\\b\x1b_secret\x1b\\c', 'abc'],
    ['an unfinished string ends with its line', 'a\x1b]0;never closed\nnext', 'a\nnext'],
    ['character sets', '\x1b(0lqk\x1b(B', 'lqk'],
    ['an escape at the end', 'a\x1b', 'a'],
    ['an unfinished sequence', 'a\x1b[38;5', 'a'],
    ['bells, backspaces, NUL, DEL, C1', 'a\x07b\x08c\0d\x7fe\x85f', 'abcdef'],
    ['tabs and newlines stay', 'a\tb\n\nc\n', 'a\tb\n\nc\n'],
    ['turned writing direction', 'user\u202e\u2066gpj.exe\u2069\u200e\u200f\u061c', 'usergpj.exe'],
    ['joined emoji stay', '👩\u200d💻', '👩\u200d💻'],
    ['CRLF', 'one\r\ntwo\r\n', 'one\ntwo\n'],
    ['the last state of a progress bar', '10%\r50%\r100%\r\ndone', '100%\ndone'],
    ['only returns', '\r\r\r', ''],
    ['a line that begins with a return', '\rhello', 'hello'],
    ['a return hidden by an escape', 'a\r\x1b[Kb', 'b'],
  ])('%s', (_, text, expected) => {
    expect(plainText(text)).toBe(expected);
  });

  test('leaves nothing that a terminal obeys, and has nothing more to do', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const plain = plainText(text);
        expect(plain).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
        expect(plainText(plain)).toBe(plain);
      }),
    );
  });

  test('leaves ordinary text alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text));
        expect(plainText(text)).toBe(text);
      }),
    );
  });

  test.each([
    '\x1b[',
    '\x1b]',
    '\x1b]0;a',
    '\x1b[1;1;1',
    '\r',
    'a\r',
    '\x1b ',
    '\x1bP\x1b',
    '0',
    ' ',
  ])('comes to an end on two million of %j', (piece) => {
    expect(plainText(piece.repeat(2_000_000 / piece.length)).length).toBeLessThanOrEqual(2_000_000);
  });
});

test('oneLine', () => {
  expect(oneLine(' a\n\tb\x1b[0m  c\r\n')).toBe('a b c');
});

describe('redactor', () => {
  const masked = (env: Record<string, string | undefined>, text: string): string => redactor(env)(text);

  test.each([
    'API_KEY',
    'GH_TOKEN',
    'client_secret',
    'PGPASSWORD',
    'SSH_KEYS',
    'DB_PASSWD',
    'AWS_CREDENTIALS',
  ])('masks the value of %s', (name) => {
    expect(masked({ [name]: 'hunter22' }, 'it is hunter22, hunter22!')).toBe('it is ***, ***!');
  });

  test.each(['PATH', 'KEYBOARD', 'TOKEN_COUNT', 'SECRETARY'])('leaves the value of %s', (name) => {
    expect(masked({ [name]: 'hunter22' }, 'it is hunter22')).toBe('it is hunter22');
  });

  test('leaves short and empty values, and variables without one', () => {
    const env = { A_KEY: 'abc', B_KEY: '', C_KEY: undefined, D_KEY: '      ' };
    expect(masked(env, 'abc      undefined')).toBe('abc      undefined');
  });

  test('a value inside a longer one, values that overlap, and values that touch', () => {
    expect(masked({ A_KEY: 'abcd', B_KEY: 'abcdefgh' }, 'abcdefgh abcd')).toBe('*** ***');
    expect(masked({ A_KEY: 'abcdef', B_KEY: 'defghi' }, 'xabcdefghix')).toBe('x***x');
    expect(masked({ A_KEY: 'abcd', B_KEY: 'efgh' }, '-abcdefgh-')).toBe('-***-');
  });

  test('characters that mean something to patterns', () => {
    expect(masked({ A_KEY: 'a.*$&(b' }, 'x a.*$&(b y a.bb(b')).toBe('x *** y a.bb(b');
  });

  test('every line of a value of several, and a value without its last newline', () => {
    const key = '-----BEGIN-----\r\nabcdefghijkl\r\nshort\r\n';
    expect(masked({ PRIVATE_KEY: key }, 'line abcdefghijkl, short')).toBe('line ***, short');
    expect(masked({ A_TOKEN: 'tok3\n' }, 'the tok3 is')).toBe('the *** is');
  });

  test('no value is left, whatever the text and the values', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.array(word), (values, words) => {
        const env = Object.fromEntries(values.map((value, at) => [`V${at}_SECRET`, value]));
        const text = words.join('');
        const result = redactor(env)(text);
        for (const value of values) expect(result).not.toContain(value);
        if (!values.some((value) => text.includes(value))) expect(result).toBe(text);
      }),
    );
  });
});
