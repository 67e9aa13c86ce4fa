import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest, nearestId } from '../../src/core/suggest.ts';

describe('nearest', () => {
  test.each<[string, string[], string | null]>([
    ['T01', ['T001', 'T002'], 'T001'],
    ['T019', ['T001', 'T018', 'T109'], 'T018'],
    ['t001', ['T001'], 'T001'],
    ['US11', ['US1', 'US2'], 'US1'],
    ['lable:TEST', ['label:TEST', 'label:DOC'], 'label:TEST'],
    ['P12', ['P1', 'P2'], 'P1'],
    ['Phse 2', ['Phase 2', 'Phase 20'], 'Phase 2'],
    ['fialed', ['failed'], 'failed'],
    ['banana', ['T001', 'US1', 'P1'], null],
    ['x', [], null],
    ['', ['T001'], null],
  ])('%s among %j is %s', (word, known, near) => expect(nearest(word, known)).toBe(near));

  test('finds what one edit away from a name was typed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z]{5,8}$/),
        fc.nat(),
        fc.constantFrom('drop', 'double', 'swap'),
        (name, n, edit) => {
          const i = n % (name.length - 1);
          const typed = {
            drop: name.slice(0, i) + name.slice(i + 1),
            double: name.slice(0, i) + name[i] + name.slice(i),
            swap: name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2),
          }[edit];
          expect(nearest(typed, ['1234567', name])).toBe(name);
        },
      ),
    );
  });
});

describe('nearestId', () => {
  const ids = new Map(Array.from({ length: 5000 }, (_, i) => [`T${String(i + 1).padStart(4, '0')}`, null]));
  test.each([
    ['T9001', ids, 'T0001'],
    ['T00001', ids, 'T0001'],
    ['T123', ids, 'T1230'],
    ['QUUX-77', ids, null],
    ['T019', new Map([['T018', null]]), 'T018'],
  ])('%s', (id, known, near) => expect(nearestId(id, known)).toBe(near));
});
