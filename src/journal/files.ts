/**
 * Small file operations that the journal's files share: replace one as a whole, sync a folder, word a fault.
 * Knows nothing of what is in the files.
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces the file at `path`: whoever reads it sees the old text or the new one, also after a power cut.
 * A new file gets mode 0600, an old one keeps its own. Rejects with the system's error.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.new`);
  const mode = await stat(path).then(
    (old) => old.mode & 0o777,
    () => 0o600,
  );
  // Left by a killed process, or planted as a link: never written through.
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', mode);
  try {
    await writeAndClose(handle, text);
    await rename(draft, path);
  } catch (fault) {
    await rm(draft, { force: true });
    throw fault;
  }
  await syncFolder(folder);
}

/** Writes, syncs and closes, whatever happens. */
export async function writeAndClose(handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes names that were added to a folder survive a power cut, where the system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => {});
  await handle.close();
}

/** The system's error code (`ENOSPC`), or the error's message. */
export function faultOf(fault: unknown): string {
  const { code, message } = fault as Partial<NodeJS.ErrnoException>;
  return code ?? message ?? String(fault);
}
