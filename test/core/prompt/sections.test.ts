import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sectionsOf, wholeOf } from '../../../src/core/prompt/sections.ts';

const shown = (text: string) =>
  sectionsOf(text).map((one) => [
    one.heading,
    one.above.join(' > '),
    one.line,
    one.lastLine,
    text.slice(one.start, one.end),
  ]);

test('a section is what stands below a heading, up to the next one', () => {
  expect(shown('Intro\n\n# A #\n\n## B\ntext\n\n\n## C\n\n# D\nlast\n')).toEqual([
    [null, '', 1, 1, 'Intro'],
    ['B', 'A', 5, 6, '## B\ntext'],
    ['D', '', 11, 12, '# D\nlast'],
  ]);
});

test('what looks like a heading in a fence is none', () => {
  expect(shown('# A\n```sh\n# not one\n```\n~~~\n# nor this\n```\n~~~\n# B\nb')).toEqual([
    ['A', '', 1, 8, '# A\n```sh\n# not one\n```\n~~~\n# nor this\n```\n~~~'],
    ['B', '', 9, 10, '# B\nb'],
  ]);
});

test('other line ends, and no heading where no space follows the hashes', () => {
  expect(shown('# A\r\na\r\n#b\r\n####### c\r\n')).toEqual([['A', '', 1, 4, '# A\r\na\r\n#b\r\n####### c']]);
});

test('a text without headings is one section, an empty one none', () => {
  expect(wholeOf('a\nb\n')).toEqual([{ heading: null, above: [], start: 0, end: 3, line: 1, lastLine: 2 }]);
  expect(wholeOf(' \n')).toEqual([]);
  expect(sectionsOf('')).toEqual([]);
});

test('sections never overlap, and leave out nothing but headings with nothing below them', () => {
  const line = fc.constantFrom('# A', '## B', '### C ###', 'text', '', '```', '~~~~', '  # D', '- item', '\u2028 odd');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const text = lines.join('\n');
      let end = 0;
      let rest = '';
      for (const one of sectionsOf(text)) {
        expect(one.start).toBeGreaterThanOrEqual(end);
        rest += text.slice(end, one.start);
        end = one.end;
        expect(
          text
            .split('\n')
            .slice(one.line - 1, one.lastLine)
            .join('\n')
            .trimEnd(),
        ).toBe(text.slice(one.start, one.end));
      }
      rest += text.slice(end);
      expect(rest.split('\n').filter((each) => each.trim() !== '' && !/^ {0,3}#/.test(each))).toEqual([]);
    }),
  );
});
