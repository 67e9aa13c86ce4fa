/** Random Markdown out of pieces that parsers stumble over. */
import fc from 'fast-check';

const indent = fc.constantFrom('', '', '', ' ', '  ', '   ', '    ', '     ', '\t', '  \t');
const word = fc.constantFrom(
  'a',
  'model in src/a.ts',
  '**bold**',
  '`code`',
  'depends on T002',
  '(depends on T001)',
  '[P]',
  '[x]: y',
  '<b>',
  '日本',
);
const id = fc.integer({ min: 1, max: 12 }).map((n) => `T${String(n).padStart(3, '0')}`);
const box = fc.constantFrom('[ ] ', '[x] ', '[-] ', '[] ', '[~] ', '[P] ', '');
const bullet = fc.constantFrom('- ', '* ', '+ ', '1. ', '2) ', '10. ', '-\t', '-', '-   ', '-     ');
const item = fc
  .tuple(indent, bullet, box, fc.option(id, { nil: '' }), word)
  .map(([i, b, x, t, w]) => `${i}${b}${x}${t} ${w}`);
const open = fc.constantFrom('```', '~~~', '````', '~~~~', '``` sh run', '~~~ js', '```js `x', '`````');
const fence = fc.tuple(indent, open).map(([i, f]) => `${i}${f}`);
const html = fc.constantFrom(
  '<script>',
  '</script>',
  '<pre>',
  '</pre>',
  '<style>x</style>',
  '<textarea>',
  '<!-- open',
  '-->',
  '<!-- whole -->',
  '<?php',
  '?>',
  '<!DOCTYPE',
  '<!X',
  '>',
  '<![CDATA[',
  ']]>',
  '<div>',
  '</div>',
  '<details><summary>s</summary>',
  '</details>',
  '<custom-tag>',
  '<custom-tag a="b">',
  '</custom-tag>',
  '<b>inline</b> text',
  '<!>',
  '<a',
  '<table',
  '<hr/>',
);
const other = fc.constantFrom(
  '',
  '',
  '',
  ' ',
  '# One',
  '## Phase 1: Setup',
  '## Dependencies',
  '### User Story 2',
  '#### T003: heading',
  '#nohash',
  '####### seven',
  '---',
  '***',
  '- - -',
  '* * *',
  '===',
  '[foo]: /url "title',
  '[foo]:',
  '/url',
  "[bar]: <x> 't'",
  'lazy line',
  'plain text',
  '> quote',
  '> - [ ] T004 quoted',
  '> ```',
  '>',
  '> # h',
  '| a | b |',
  '|---|---|',
  '\\',
  'T001 → T002',
  '- T001 blocks T002',
  'Depends on: T001',
  '- ',
  '-',
  '1.',
  '&nbsp;',
  '\u00a0',
  'a\0b',
  '- # heading',
  '- > q',
  '- ```',
  '  ```',
);
const line = fc.oneof(
  { weight: 4, arbitrary: item },
  { weight: 2, arbitrary: fence },
  { weight: 2, arbitrary: fc.tuple(indent, html).map(([i, h]) => i + h) },
  { weight: 4, arbitrary: fc.tuple(indent, other).map(([i, o]) => i + o) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('> ', '>', '- ', '  ', '1. '), item).map(([p, i]) => p + i) },
);

/** Up to `lines` lines, with one kind of line end or several. */
export function document(lines = 40): fc.Arbitrary<string> {
  const end = fc.constantFrom('\n', '\n', '\n', '\n', '\r\n', '\r');
  const mixed = fc.array(fc.tuple(line, end), { maxLength: lines }).map((all) => all.map(([l, e]) => l + e).join(''));
  const plain = fc.array(line, { maxLength: lines }).map((all) => all.join('\n'));
  return fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: mixed });
}
