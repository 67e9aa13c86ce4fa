/** A temporary folder for each test of a file, removed after it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

export function temporary(): { readonly path: string; in(name: string): string } {
  const folder = { path: '', in: (name: string) => join(folder.path, name) };
  beforeEach(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'implement-test-'));
  });
  afterEach(async () => {
    await rm(folder.path, { recursive: true, force: true });
  });
  return folder;
}
