/** A checkout that was cut off while it followed a new head, in every half state it can be in. */
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { restoreCheckout } from '../../src/workspaces/checkout.ts';
import { useScratch } from '../support/scratch.ts';

const scratch = useScratch();

const BEFORE = {
  'tasks.md': '- [ ] T001 x\n',
  'changed.txt': 'before\n',
  'gone.txt': 'gone\n',
  'other.txt': 'other\n',
  folder: 'a file\n',
};
const AFTER = {
  'tasks.md': '- [x] T001 x\n',
  'changed.txt': 'after, and longer\n',
  'gone.txt': null,
  'new/er.txt': 'new file\n',
};

/** The user's checkout at the commit before, and the commit that it was on its way to. */
function prepare(): { onto: string; commit: string } {
  const onto = scratch.commit('before', BEFORE);
  const commit = scratch.commit('after', AFTER);
  scratch.git('reset', '-q', '--hard', onto);
  return { onto, commit };
}

async function restore(onto: string, commit: string): Promise<string> {
  const repository = await scratch.repository();
  return restoreCheckout(repository, repository.main, onto, commit);
}

const FILES = {
  'changed.txt': { before: 'before\n', after: 'after, and longer\n', missing: null, truncated: 'after, a' },
  'gone.txt': { before: 'gone\n', after: null },
  'new/er.txt': { before: null, after: 'new file\n', empty: '' },
} as const;

const combinations = Object.entries(FILES['changed.txt']).flatMap(([changed, changedText]) =>
  Object.entries(FILES['gone.txt']).flatMap(([gone, goneText]) =>
    Object.entries(FILES['new/er.txt']).flatMap(([created, createdText]) =>
      [false, true].map((moved) => ({
        changed,
        gone,
        created,
        moved,
        files: { 'changed.txt': changedText, 'gone.txt': goneText, 'new/er.txt': createdText },
      })),
    ),
  ),
);

describe('half states', () => {
  test.each(combinations)('index moved: $moved, changed: $changed, removed: $gone, created: $created', async ({
    files,
    moved,
    changed,
    gone,
    created,
  }) => {
    const { onto, commit } = prepare();
    scratch.write({ 'other.txt': 'of the user\n' });
    if (moved) scratch.git('read-tree', commit);
    scratch.write(files);
    const isUntouched = !moved && changed === 'before' && gone === 'before' && created === 'before';
    expect(await restore(onto, commit)).toBe(isUntouched ? 'untouched' : 'restored');
    expect(scratch.git('status', '--porcelain', '--untracked-files=all', '--', ':!tasks.md')).toBe(' M other.txt');
    expect(readFileSync(scratch.path('changed.txt'), 'utf8')).toBe('before\n');
  });

  test.each([
    ['a changed file', { 'changed.txt': 'somebody else\n' }],
    ['a created file', { 'new/er.txt': 'somebody else\n' }],
    ['a removed file', { 'gone.txt': 'somebody else\n' }],
    ['more than was to be written', { 'changed.txt': 'after, and longer\nand more\n' }],
  ])('work of somebody else in %s is left alone', async (_what, files) => {
    const { onto, commit } = prepare();
    scratch.git('read-tree', '-m', '-u', onto, commit);
    scratch.write(files);
    const before = scratch.git('status', '--porcelain', '--', ':!tasks.md');
    expect(await restore(onto, commit)).toBe('foreign');
    expect(scratch.git('status', '--porcelain', '--', ':!tasks.md')).toBe(before);
  });

  test('something else that was staged is left alone', async () => {
    const { onto, commit } = prepare();
    scratch.write({ 'changed.txt': 'staged\n' });
    scratch.git('add', 'changed.txt');
    expect(await restore(onto, commit)).toBe('foreign');
    expect(scratch.git('show', ':changed.txt')).toBe('staged');
  });

  test('the tick in the index is taken back: another task may be published first', async () => {
    const { onto, commit } = prepare();
    scratch.git('read-tree', '-m', '-u', onto, commit);
    scratch.write({ 'tasks.md': BEFORE['tasks.md'] });
    expect(await restore(onto, commit)).toBe('restored');
    expect(scratch.git('diff', '--cached', 'HEAD')).toBe('');
    expect(scratch.git('status', '--porcelain')).toBe('');
  });

  test('a lock of the index goes', async () => {
    const { onto, commit } = prepare();
    scratch.write({ '.git/index.lock': '', 'changed.txt': 'after, and longer\n' });
    expect(await restore(onto, commit)).toBe('restored');
    expect(scratch.git('status', '--porcelain')).toBe('');
  });
});

describe('kinds of entries', () => {
  /** From `onto` to a commit made by `change`, cut off behind its files, with the index moved or not. */
  async function cutOff(change: () => void, moved: boolean): Promise<string> {
    const onto = scratch.commit('before', BEFORE);
    change();
    const commit = scratch.commit('after');
    scratch.git('reset', '-q', '--hard', onto);
    scratch.git('read-tree', '-m', '-u', onto, commit);
    if (!moved) scratch.git('read-tree', onto);
    return restore(onto, commit);
  }

  test.each([true, false])('a file that became a folder (index moved: %s)', async (moved) => {
    const state = await cutOff(() => {
      unlinkSync(scratch.path('folder'));
      scratch.write({ 'folder/in/it': 'x\n' });
    }, moved);
    expect(state).toBe('restored');
    expect(scratch.git('status', '--porcelain')).toBe('');
    expect(readFileSync(scratch.path('folder'), 'utf8')).toBe('a file\n');
  });

  test.each([true, false])('a folder that became a file (index moved: %s)', async (moved) => {
    scratch.write({ 'dir/a': 'a\n', 'dir/b/c': 'c\n' });
    expect(await cutOff(() => scratch.write({ dir: null }), moved)).toBe('restored');
    expect(scratch.git('status', '--porcelain')).toBe('');
    scratch.write({ dir: null });
    const onto = scratch.git('rev-parse', 'HEAD');
    scratch.write({ dir: 'a file now\n' });
    const commit = scratch.commit('file');
    scratch.git('reset', '-q', '--hard', onto);
    scratch.git('read-tree', '-m', '-u', onto, commit);
    if (!moved) scratch.git('read-tree', onto);
    expect(await restore(onto, commit)).toBe('restored');
    expect(scratch.git('status', '--porcelain')).toBe('');
    expect(readFileSync(scratch.path('dir/b/c'), 'utf8')).toBe('c\n');
  });

  test('a folder that became a file is not taken away with what the user put there', async () => {
    const onto = scratch.commit('before', BEFORE);
    unlinkSync(scratch.path('folder'));
    const commit = scratch.commit('after', { 'folder/in/it': 'x\n' });
    scratch.git('reset', '-q', '--hard', onto);
    scratch.git('read-tree', '-m', '-u', onto, commit);
    scratch.write({ 'folder/of the user': 'mine\n' });
    expect(await restore(onto, commit)).toBe('foreign');
    expect(readFileSync(scratch.path('folder/of the user'), 'utf8')).toBe('mine\n');
  });

  test.each([true, false])('the right to be run (index moved: %s)', async (moved) => {
    expect(await cutOff(() => chmodSync(scratch.path('other.txt'), 0o755), moved)).toBe('restored');
    expect(statSync(scratch.path('other.txt')).mode & 0o111).toBe(0);
    expect(scratch.git('status', '--porcelain')).toBe('');
  });

  test.each([true, false])('a file that became a link (index moved: %s)', async (moved) => {
    const state = await cutOff(() => {
      unlinkSync(scratch.path('other.txt'));
      symlinkSync('changed.txt', scratch.path('other.txt'));
    }, moved);
    expect(state).toBe('restored');
    expect(scratch.git('status', '--porcelain')).toBe('');
    expect(readFileSync(scratch.path('other.txt'), 'utf8')).toBe('other\n');
  });

  test('a name that is no UTF-8', async () => {
    const name = Buffer.concat([Buffer.from(`${scratch.dir}/caf`), Buffer.from([0xe9])]);
    expect(await cutOff(() => writeFileSync(name, 'x\n'), true)).toBe('restored');
    expect(scratch.git('status', '--porcelain')).toBe('');
  });

  test('a folder of the user where a file was to be created', async () => {
    const { onto, commit } = prepare();
    mkdirSync(scratch.path('new/er.txt'), { recursive: true });
    writeFileSync(scratch.path('new/er.txt/mine'), 'mine\n');
    expect(await restore(onto, commit)).toBe('untouched');
    expect(readFileSync(scratch.path('new/er.txt/mine'), 'utf8')).toBe('mine\n');
  });
});
