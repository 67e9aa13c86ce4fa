/** Documents are found, read once as long as they stay the same, and never from outside the project. */
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endOf, realInside, stateOf } from '../../src/documents/inside.ts';
import { createLibrary } from '../../src/documents/library.ts';
import { readTemplate } from '../../src/documents/template.ts';

let base: string;
let root: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'implement-documents-')));
  root = join(base, 'project');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const library = (cleaned: string[] = []) =>
  createLibrary(root, join(root, 'specs/a/tasks.md'), (text) => {
    cleaned.push(text);
    return text.replaceAll('hunter2', '***');
  });
const names = (found: ReturnType<ReturnType<typeof library>>): string[] => found.documents.map((one) => one.name);

describe('the library', () => {
  test('holds the documents of the feature and the standards of the project', () => {
    for (const name of ['spec.md', 'plan.md', 'data-model.md', 'research.md', 'quickstart.md', 'tasks.md', 'other.md'])
      write(`specs/a/${name}`, `# ${name}\n\nhunter2\n`);
    write('specs/a/contracts/api.yaml', 'openapi: 3.1.0\n');
    write('specs/a/contracts/logo.png', 'x');
    write('.specify/memory/constitution.md', '# Constitution\n\nTests first.\n');
    write('AGENTS.md', '# Agents\n\nBe brief.\n');
    symlinkSync('AGENTS.md', join(root, 'CLAUDE.md'));
    write('biome.json', '{}');
    write('pyproject.toml', '');
    const found = library()();
    expect(names(found)).toEqual([
      ...[
        'specs/a/spec.md',
        'specs/a/plan.md',
        'specs/a/data-model.md',
        'specs/a/research.md',
        'specs/a/quickstart.md',
      ],
      ...['specs/a/contracts/api.yaml', '.specify/memory/constitution.md', 'AGENTS.md'],
    ]);
    expect(found.lint).toEqual(['biome.json', 'pyproject.toml']);
    expect(found.documents[0]?.text).toBe('# spec.md\n\n***\n');
  });

  test('is empty where there is nothing', () => {
    expect(library()()).toEqual({ documents: [], lint: [] });
  });

  test('reads a file again only when it has changed, and sees what comes and goes', () => {
    const read: string[] = [];
    const spec = write('specs/a/spec.md', '# A\n\none\n');
    const look = library(read);
    look();
    const before = read.length;
    expect(names(look())).toEqual(['specs/a/spec.md']);
    expect(read).toHaveLength(before);
    writeFileSync(spec, '# A\n\nother\n');
    utimesSync(spec, 1_000, 1_000);
    expect(look().documents[0]?.text).toBe('# A\n\nother\n');
    write('specs/a/plan.md', '# P\n\np\n');
    utimesSync(join(root, 'specs/a'), 1_000, 1_000);
    expect(names(look())).toEqual(['specs/a/spec.md', 'specs/a/plan.md']);
    renameSync(spec, join(root, 'elsewhere.md'));
    utimesSync(join(root, 'specs/a'), 2_000, 2_000);
    expect(names(look())).toEqual(['specs/a/plan.md']);
  });

  test('never follows a link out of the project', () => {
    writeFileSync(join(base, 'secret.md'), '# Secret\n\nkeys\n');
    mkdirSync(join(base, 'contracts'));
    writeFileSync(join(base, 'contracts/api.yaml'), 'keys: 1\n');
    mkdirSync(join(root, 'specs/a'), { recursive: true });
    symlinkSync(join(base, 'secret.md'), join(root, 'specs/a/spec.md'));
    symlinkSync('../../../contracts', join(root, 'specs/a/contracts'));
    symlinkSync('../secret.md', join(root, 'AGENTS.md'));
    expect(names(library()())).toEqual([]);
  });

  test('names a document that is too long without reading it, and passes over what is no file', () => {
    write('specs/a/spec.md', 'x'.repeat(600_000));
    mkdirSync(join(root, 'specs/a/plan.md'));
    const found = library()();
    expect(names(found)).toEqual(['specs/a/spec.md']);
    expect(found.documents[0]?.text).toBe('');
  });
});

test('a path that a task names is there, missing or outside', () => {
  write('src/a.ts', '');
  symlinkSync(base, join(root, 'out'));
  symlinkSync('nowhere', join(root, 'dangling'));
  const states = [
    'src/a.ts',
    'src',
    'src/b.ts',
    'src/a.ts/b',
    '../x',
    '/etc/passwd',
    'out/x',
    'out',
    'src/*.ts',
    'a\0b',
  ];
  expect(states.map((path) => stateOf(root, path))).toEqual([
    ...['there', 'there', 'missing', 'missing', 'outside', 'outside', 'missing', 'outside', null, null],
  ]);
  expect(stateOf(root, 'dangling')).toBe('outside');
  expect(realInside(root, '../project/src/a.ts')).toBe(join(root, 'src/a.ts'));
  expect(realInside(root, 'out/project/src/a.ts')).toBe(join(root, 'src/a.ts'));
});

test('the end of a log begins with a whole line, and a link is not followed', () => {
  const log = write('a.log', 'first\nsecond\nthird\n');
  expect(endOf(log, 12)).toBe('third\n');
  expect(endOf(log, 100)).toBe('first\nsecond\nthird\n');
  symlinkSync('a.log', join(root, 'b.log'));
  expect(endOf(join(root, 'b.log'), 100)).toBe('');
  expect(endOf(join(root, 'c.log'), 100)).toBe('');
});

test('the layout of the nearest folder counts, inside the project only', () => {
  const read = (folders: readonly string[]) =>
    readTemplate(
      root,
      folders,
      (path) => path,
      (text) => text,
    );
  expect(read([root])).toEqual({ ok: true, template: null });
  writeFileSync(join(base, 'implement.prompt.md'), '{{task}}');
  expect(read([base, root])).toEqual({ ok: true, template: null });
  write('implement.prompt.md', 'root {{task}}');
  write('specs/implement.prompt.md', 'near {{task}}');
  expect(read([join(root, 'specs'), root])).toMatchObject({ ok: true, template: { literals: ['near ', ''] } });
  rmSync(join(root, 'implement.prompt.md'));
  symlinkSync('../implement.prompt.md', join(root, 'implement.prompt.md'));
  expect(read([root])).toMatchObject({ ok: false, diagnostics: [{ code: 'prompt-template' }] });
});
