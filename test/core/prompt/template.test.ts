import { expect, test } from 'vitest';
import { draw } from '../../../src/core/caret.ts';
import { DEFAULT_TEMPLATE, PLACEHOLDERS, parseTemplate, render } from '../../../src/core/prompt/template.ts';
import { sourceFile } from '../../../src/core/source.ts';

const values = (given: object) =>
  ({ ...Object.fromEntries(PLACEHOLDERS.map((name) => [name, ''])), ...given }) as Parameters<typeof render>[1];

function filled(text: string, given: object): string {
  const parsed = parseTemplate(sourceFile('implement.prompt.md', text));
  if (!parsed.ok) throw new Error(parsed.diagnostics[0]?.message);
  return render(parsed.value, values(given));
}

test('values take the places of their names', () => {
  expect(filled('Do {{task}}, {{ task }}: {{body}}!', { task: 'T001 $& $1', body: '{{rules}}' })).toBe(
    'Do T001 $& $1, T001 $& $1: {{rules}}!',
  );
});

test('an empty value takes its line with it, and the empty line behind', () => {
  expect(filled('a\n\n{{body}}\n\nb\n', {})).toBe('a\n\nb\n');
  expect(filled('{{task}}\n{{phase}}\n{{files}}\n\nb\n', { files: 'f' })).toBe('f\n\nb\n');
  expect(filled('a\n{{phase}}\nb {{body}} c\n', {})).toBe('a\nb  c\n');
  expect(render(DEFAULT_TEMPLATE, values({ task: 'T001', place: 'P', rules: 'R' }))).toBe('T001\n\nP\n\nR\n');
});

test('the usual layout has every block once', () => {
  expect([...DEFAULT_TEMPLATE.names].sort()).toEqual([...PLACEHOLDERS].sort());
});

test('a placeholder that there is not is shown where it stands', () => {
  const source = sourceFile(
    'implement.prompt.md',
    '\uFEFF# Work\n\n{{task}}\n  {{documnets}}\n{{tsk}} {{ quite other }}\n',
  );
  const parsed = parseTemplate(source);
  const lines = parsed.ok ? [] : parsed.diagnostics.map((one) => draw(one, source).split('\n'));
  expect(lines[0]).toEqual([
    'implement.prompt.md:4:3: error[prompt-template]: There is no placeholder {{documnets}}.',
    '  4 |   {{documnets}}',
    '    |   ^^^^^^^^^^^^^',
    expect.stringMatching(/^ {2}→ Did you mean \{\{documents\}\}\? There are: \{\{task\}\}, \{\{body\}\}, /),
  ]);
  expect(lines[1]?.[0]).toContain('implement.prompt.md:5:1');
  expect(lines[2]?.at(-1)).toMatch(/^ {2}→ There are: /);
});
