/** Evidence lines: what is one, what it claims, what is said about one that cannot be read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOf, insidePath, lacking, mayRemove } from '../../src/core/evidence.ts';
import { placeOf } from '../../src/core/source.ts';
import { read } from '../../src/read.ts';

function evidence(body: string, title = 'Make src/a.ts') {
  const plan = read('tasks.md', `# Tasks\n\n- [x] T001 ${title}\n${body}\n- [ ] T002 Next\n`, { deps: 'all' });
  const found = evidenceOf(plan.tasks[0] as (typeof plan.tasks)[0], plan.source);
  return {
    claims: found.evidence.map(({ at, ...claim }) => ({ ...claim, line: placeOf(plan.source, at.span.start).line })),
    texts: found.evidence.map(({ at }) => plan.source.text.slice(at.span.start, at.span.end)),
    faults: found.diagnostics.map((one) => ({
      severity: one.severity,
      message: one.message,
      hint: one.hint,
      text: one.at === null ? null : plan.source.text.slice(one.at.span.start, one.at.span.end),
    })),
  };
}

describe('an evidence line', () => {
  it('claims a path, a symbol, a text', () => {
    const { claims, texts, faults } = evidence(
      [
        '  Some words.',
        '  evidence: code path=src/a.ts symbol=createUser contains="say \\"hi\\" now"',
        '  - evidence: code path="with space/b.ts"',
        '  - `evidence: code path=./c.ts contains=x`',
      ].join('\n'),
    );
    expect(faults).toEqual([]);
    expect(claims).toEqual([
      { path: 'src/a.ts', symbol: 'createUser', contains: 'say "hi" now', line: 5 },
      { path: 'with space/b.ts', symbol: null, contains: null, line: 6 },
      { path: 'c.ts', symbol: null, contains: 'x', line: 7 },
    ]);
    expect(texts[0]).toBe('evidence: code path=src/a.ts symbol=createUser contains="say \\"hi\\" now"');
    expect(texts[2]).toBe('evidence: code path=./c.ts contains=x');
  });

  it('is none in a fenced block, or in the middle of a sentence', () => {
    const body = '  ```sh\n  evidence: code path=src/a.ts\n  ```\n  There is no evidence: code path=x\n';
    expect(evidence(body)).toEqual({ claims: [], texts: [], faults: [] });
  });

  it.each([
    ['code path=a.ts symbl=x', 'Evidence of code has no key symbl.', 'Did you mean symbol?', 'symbl'],
    ['cod path=a.ts', 'There is no evidence of the kind cod.', 'Did you mean evidence: code …?', 'cod'],
    ['code symbol=x', 'Evidence of code needs a path.', null, 'evidence: code symbol=x'],
    ['code path=a.ts path=b.ts', 'path is said twice.', null, 'path'],
    ['code path=a.ts contains="open', 'contains cannot be read: its quotes are not closed.', null, 'contains'],
    ['code path=a.ts symbol', 'symbol cannot be read: it has no value.', null, 'symbol'],
    ['code path=', 'path cannot be read: it has no value.', null, 'path'],
    ['code =x', 'A key must stand before "=".', null, '='],
    ['code path=../a.ts', 'The path ../a.ts leads out of the project.', null, 'evidence: code path=../a.ts'],
    [
      'code path=/etc/passwd',
      'The path /etc/passwd leads out of the project.',
      null,
      'evidence: code path=/etc/passwd',
    ],
  ])('evidence: %s is refused at its place', (line, message, hint, text) => {
    const { claims, faults } = evidence(`  evidence: ${line}`);
    expect(claims).toEqual([]);
    expect(faults).toMatchObject([{ severity: 'error', message, text }]);
    if (hint !== null) expect(faults[0]?.hint).toBe(hint);
  });

  it('that is a sentence is told of, and not checked', () => {
    expect(evidence('  evidence: see the report').faults).toMatchObject([{ severity: 'warning' }]);
  });

  it('never makes a reader fail, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab =":\\`evidnco./path\t') }), (line) => {
        const { claims, faults } = evidence(`  evidence: code ${line}`);
        expect(claims.length + faults.length).toBeLessThanOrEqual(1);
        for (const { path } of claims) expect(path.split('/')).not.toContain('..');
      }),
    );
  });
});

describe('what a text holds', () => {
  const claim = (symbol: string | null, contains: string | null) => ({
    path: 'a.ts',
    symbol,
    contains,
    at: { file: 'tasks.md', span: { start: 0, end: 0 } },
  });

  it('is a symbol as a word of its own', () => {
    expect(lacking(claim('user', null), 'const superuser = users; user()')).toBeNull();
    expect(lacking(claim('user', null), 'const superuser = users; $user; user_')).toBe('a.ts has no user');
    expect(lacking(claim('größe', null), 'let übergröße')).toBe('a.ts has no größe');
    expect(lacking(claim('a.b', null), 'x = a.b;')).toBeNull();
  });

  it('is a text as it stands', () => {
    expect(lacking(claim(null, 'a  b'), 'a b')).toBe('a.ts does not contain "a  b"');
    expect(lacking(claim(null, 'a  b'), 'xa  bx')).toBeNull();
  });
});

it('paths stay inside by their words', () => {
  const outside = ['', '.', '/', '/a', '../a', 'a/../../b', 'a/..', '~/a', 'C:\\a', 'c:/a', '..\\a', 'a\0b'];
  expect(outside.map(insidePath)).toEqual(outside.map(() => null));
  expect(['a', './a', 'a//b/', 'a\\b', '.env', '..a/b'].map(insidePath)).toEqual([
    'a',
    'a',
    'a/b',
    'a/b',
    '.env',
    '..a/b',
  ]);
});

it('tasks that take something away are known by their titles', () => {
  for (const title of [
    'Remove src/old.ts',
    'Delete the legacy src/a.js',
    '**Rename** a.ts to b.ts',
    'Refactor by deleting a.ts',
  ])
    expect(mayRemove(title), title).toBe(true);
  for (const title of ['Create src/remover.ts', 'Add a delete button in src/a.ts', 'Add tests in src/a.test.ts'])
    expect(mayRemove(title), title).toBe(false);
});
