/** The numbered checkpoints in `.spec-state`. Knows their names and where they go; knows nothing of what they say. */
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { error, fail, ok, type Result } from '../core/diagnostic.ts';
import { faultOf, syncFolder, writeAndClose } from './files.ts';

/**
 * Writes `text` to the next free `checkpoints/checkpoint-NNN.md` (from 001) below `specState`; the value is its path.
 * An existing file is never touched. Errors: `state-foreign` if `checkpoints` is a link, `state-broken`.
 */
export async function writeCheckpoint(specState: string, text: string): Promise<Result<string>> {
  const folder = join(specState, 'checkpoints');
  try {
    await mkdir(folder, { recursive: true });
    if ((await lstat(folder)).isSymbolicLink()) return fail(error('state-foreign', `${folder} is a link`, null));
    const numbers = (await readdir(folder)).map((name) => Number(/^checkpoint-(\d+)\.md$/.exec(name)?.[1] ?? 0));
    for (let number = numbers.reduce((a, b) => Math.max(a, b), 0) + 1; ; number++) {
      const path = join(folder, `checkpoint-${String(number).padStart(3, '0')}.md`);
      const handle = await open(path, 'wx').catch((fault: unknown) => {
        if (faultOf(fault) === 'EEXIST') return null;
        throw fault;
      });
      if (handle === null) continue;
      await writeAndClose(handle, text);
      await syncFolder(folder);
      return ok(path);
    }
  } catch (fault) {
    return fail(error('state-broken', `cannot write a checkpoint in ${folder}: ${faultOf(fault)}`, null));
  }
}
