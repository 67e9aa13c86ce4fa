import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draw, noPaint, plainDiagnostic, widthOf } from '../../src/core/caret.ts';
import { error, warning } from '../../src/core/diagnostic.ts';
import { at, sourceFile } from '../../src/core/source.ts';

/** The diagnostic for `words`, where they stand first in `text`. */
function drawn(text: string, words: string): string[] {
  const source = sourceFile('tasks.md', text);
  const start = text.indexOf(words);
  return draw(warning('hint', 'Look.', at(source, start, start + words.length)), source).split('\n');
}

describe('draw', () => {
  test('shows place, line, caret, what belongs to it and what to do', () => {
    const text = '# Tasks\n\n- [ ] T001 A (depends on T009)\n- [ ] T002 B\n';
    const source = sourceFile('specs/tasks.md', text);
    const one = text.indexOf('T009');
    const two = text.indexOf('T002');
    const diagnostic = error('unknown-id', 'There is no task T009.', at(source, one, one + 4), {
      related: [{ message: 'T002 is here', at: at(source, two, two + 4) }],
      hint: 'Did you mean T001?',
    });
    expect(draw(diagnostic, source)).toBe(
      [
        'specs/tasks.md:3:26: error[unknown-id]: There is no task T009.',
        '  3 | - [ ] T001 A (depends on T009)',
        '    |                          ^^^^',
        '  specs/tasks.md:4:7: T002 is here',
        '  4 | - [ ] T002 B',
        '    |       ^^^^',
        '  → Did you mean T001?',
      ].join('\n'),
    );
  });

  test('says a message without a place on one line, with its hint', () => {
    const diagnostic = error('usage', 'No such file.', null, { hint: 'Name one.' });
    expect(draw(diagnostic, null)).toBe('error[usage]: No such file.\n  → Name one.');
    expect(draw(diagnostic, sourceFile('a', ''))).toBe('error[usage]: No such file.\n  → Name one.');
  });

  test('paints what has a colour, and nothing else', () => {
    const mark = (name: string) => (text: string) => `<${name} ${text}>`;
    const paint = {
      ...noPaint,
      error: mark('e'),
      dim: mark('d'),
      bold: mark('b'),
    };
    const source = sourceFile('a.md', 'one two\n');
    expect(draw(error('usage', 'Bad.', at(source, 4, 7), { hint: 'Mend it.' }), source, paint)).toBe(
      '<b a.md:1:5>: <e error[usage]>: Bad.\n  <d 1 |> one two\n  <d   |>     <d ^^^>\n  <d →> Mend it.',
    );
  });

  test.each([
    ['a tab stays one', '\t- [ ] T001', 'T001', ['  1 | \t- [ ] T001', '    | \t      ^^^^']],
    ['wide characters count double', '- 認証 T001', 'T001', ['  1 | - 認証 T001', '    |        ^^^^']],
    ['wide characters are marked at their width', '- 認証', '認証', ['  1 | - 認証', '    |   ^^^^']],
    ['accents of their own take no room', '- e\u0301\u0301 T1', 'T1', ['  1 | - e\u0301\u0301 T1', '    |     ^^']],
    ['an emoji is wide', '- 🚀 T1', 'T1', ['  1 | - 🚀 T1', '    |      ^^']],
    ['control codes are left out', '- \x1b[31mred\x1b[0m T1', 'T1', ['  1 | - red T1', '    |       ^^']],
    ['a mark over several lines ends with its line', '- one\n- two', 'one\n- two', ['  1 | - one', '    |   ^^^']],
    ['the line end is no part of it', '- one\r\n', 'one', ['  1 | - one', '    |   ^^^']],
  ])('%s', (_what, text, words, lines) => expect(drawn(text, words).slice(1)).toEqual(lines));

  test('marks a place at the end of the text', () => {
    const source = sourceFile('a.md', '- one');
    expect(
      draw(warning('hint', 'Look.', at(source, 5, 5)), source)
        .split('\n')
        .slice(1),
    ).toEqual(['  1 | - one', '    |      ^']);
  });

  test('cuts a long line round the place', () => {
    const text = `${'a'.repeat(200)}HERE${'b'.repeat(200)}`;
    const [, shown, marks] = drawn(text, 'HERE') as [string, string, string];
    expect(shown).toBe(`  1 | …${'a'.repeat(20)}HERE${'b'.repeat(76)}…`);
    expect(marks.indexOf('^')).toBe(shown.indexOf('HERE'));
    expect(marks.trimEnd().length).toBe(shown.indexOf('HERE') + 4);
  });

  test('never puts the caret beside the place, nor half a character on the terminal', () => {
    const symbol = fc.constantFrom('a', ' ', '\t', '認', '🚀', 'e\u0301', '-', '한', '\x1b[1m');
    fc.assert(
      fc.property(
        fc.array(symbol, { maxLength: 150, size: 'max' }),
        fc.array(symbol, { maxLength: 80, size: 'max' }),
        (before, after) => {
          const text = `${before.join('')}HERE${after.join('')}`;
          const [, shown, marks] = drawn(text, 'HERE') as [string, string, string];
          const columns = (line: string): number => widthOf(line.replaceAll('\t', ' '));
          expect(columns(marks.slice(0, marks.indexOf('^')))).toBe(columns(shown.slice(0, shown.indexOf('HERE'))));
          expect(marks.endsWith('^^^^')).toBe(true);
          expect(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(shown)).toBe(false);
          expect(shown).not.toContain('\x1b');
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('plainDiagnostic gives line and column', () => {
  const source = sourceFile('a.md', 'one\ntwo\n');
  expect(plainDiagnostic(error('usage', 'Bad.', at(source, 5, 6), { hint: 'Mend it.' }), source)).toEqual({
    severity: 'error',
    code: 'usage',
    message: 'Bad.',
    line: 2,
    column: 2,
    hint: 'Mend it.',
  });
  expect(plainDiagnostic(error('usage', 'Bad.', null), source)).toMatchObject({ line: null, column: null, hint: null });
});
