import { describe, expect, it } from 'vitest';
import { readPaths } from '../../src/core/paths.ts';

const target = (text: string): string | null => readPaths(text, '').target;
const paths = (text: string): readonly string[] => readPaths(text, '').paths;

describe('the target', () => {
  it.each([
    ['Create the model in src/models/user.ts', 'src/models/user.ts'],
    ['Create `src/models/user.ts` and `src/models/a.ts`', 'src/models/user.ts'],
    ['Update package.json, then src/a.ts', 'src/a.ts'],
    ['Update package.json', 'package.json'],
    ['Update Dockerfile', 'Dockerfile'],
    ['Write .env.example', '.env.example'],
    ['Page (app/[id]/page.tsx)', 'app/[id]/page.tsx'],
    ['→ backend/src/x.controller.ts.', 'backend/src/x.controller.ts'],
    ['於 `a/b.ts`（list）', 'a/b.ts'],
    ['T001の後にsrc/ui/App.tsxを実装', 'src/ui/App.tsx'],
    ['Fix src/a.ts:12', 'src/a.ts'],
    ['[docs](docs/guide.md)', 'docs/guide.md'],
    ['Windows src\\a\\b.cs', 'src/a/b.cs'],
    ['./src/a.ts', 'src/a.ts'],
    ['Show loading/empty/error states', null],
    ['Create src/models/ for all', null],
    ['Tests in tests/**/*.test.ts', null],
    ['Follow contracts/api.yaml and specs/001/spec.md, quickstart.md', null],
    ['Use contracts/api.yaml for src/api.ts', 'src/api.ts'],
    ['See https://example.org/a/b.ts', null],
    ['Mail a.b@example.org', null],
    ['Use Node.js and Next.js 15.0', null],
    ['Route GET /api/users/{id}', null],
    ['Run /speckit.plan', null],
    ['Run `npm test`', null],
    ['Install @scope/thing and v1.2.3', null],
    ['and/or', null],
  ])('of "%s" is %s', (text, expected) => {
    expect(target(text)).toBe(expected);
  });

  it('stands in the text below where the title names none', () => {
    expect(readPaths('Create it', 'Files: src/a.ts')).toEqual({ paths: ['src/a.ts'], target: 'src/a.ts' });
    expect(readPaths('Create README.md', 'Files: src/a.ts').target).toBe('README.md');
  });
});

describe('the paths', () => {
  it('hold directories, globs and documents, in order, each once', () => {
    expect(paths('Move `src/a` to lib/, as in spec.md, src/*.ts and src/b.ts, `src/a`')).toEqual([
      'src/a',
      'lib/',
      'spec.md',
      'src/*.ts',
      'src/b.ts',
    ]);
  });

  it('are read in linear time', () => {
    for (const piece of ['(', '[', '[a](', '`', 'a@', 'a.', 'a/', '](', '{', '((a)', 'http://', '\\']) {
      expect(Array.isArray(paths(piece.repeat(300_000)))).toBe(true);
    }
  });
});
