import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { argumentsIn } from '../../src/core/argument-list.ts';
import { shellWord } from '../../src/core/command-line.ts';

test.each<readonly [string, readonly string[] | null]>([
  ['', []],
  ['  ', []],
  ['--flag value', ['--flag', 'value']],
  [`--a="b c" 'd  e' f\\ g`, ['--a=b c', 'd  e', 'f g']],
  [`"" ''`, ['', '']],
  [`"a\\"b" 'a\\b'`, ['a"b', 'a\\b']],
  ['$HOME *', ['$HOME', '*']],
  ['a\\', ['a\\']],
  [`it's`, null],
  ['"', null],
])('%j', (line, words) => expect(argumentsIn(line)).toEqual(words));

test('what is quoted for a shell comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      expect(argumentsIn(words.map(shellWord).join(' '))).toEqual(words);
    }),
  );
});
