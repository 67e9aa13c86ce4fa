import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { writeCheckpoint } from '../../src/journal/checkpoints.ts';
import { temporary } from './temp.ts';

const folder = temporary();
const written = async (text: string) => {
  const result = await writeCheckpoint(folder.path, text);
  return result.ok ? result.value : result.diagnostics[0]?.code;
};

describe('numbered checkpoints', () => {
  it('take the next free number and touch nothing that is there', async () => {
    expect(await written('one')).toBe(folder.in('checkpoints/checkpoint-001.md'));
    expect(await written('two')).toBe(folder.in('checkpoints/checkpoint-002.md'));
    await writeFile(folder.in('checkpoints/checkpoint-041.md'), 'mine');
    await writeFile(folder.in('checkpoints/notes.md'), 'mine');
    expect(await written('three')).toBe(folder.in('checkpoints/checkpoint-042.md'));
    expect(await readFile(folder.in('checkpoints/checkpoint-001.md'), 'utf8')).toBe('one');
    await writeFile(folder.in('checkpoints/checkpoint-999.md'), 'mine');
    expect(await written('four')).toBe(folder.in('checkpoints/checkpoint-1000.md'));
  });

  it('give each of several writers its own', async () => {
    const paths = await Promise.all(['a', 'b', 'c', 'd'].map(written));
    expect(new Set(paths).size).toBe(4);
    expect((await readdir(folder.in('checkpoints'))).length).toBe(4);
  });

  it('do not follow a link, and say when they cannot be written', async () => {
    await mkdir(folder.in('elsewhere'));
    await symlink(folder.in('elsewhere'), folder.in('checkpoints'));
    expect(await written('x')).toBe('state-foreign');
    expect(await readdir(folder.in('elsewhere'))).toEqual([]);
    const result = await writeCheckpoint(folder.in('file'), 'x').then(async () => {
      await writeFile(folder.in('plain'), '');
      return writeCheckpoint(folder.in('plain'), 'x');
    });
    expect(result.ok ? 'ok' : result.diagnostics[0]?.code).toBe('state-broken');
  });
});
