/** Reading and rewriting a few bytes of an open file. Knows positions; knows nothing of boxes. */
import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

/** What tells whether a file is still the one that was seen, and unchanged. */
export interface FileState {
  readonly isFile: boolean;
  readonly size: number;
  readonly key: string;
}

export function stateOf(fd: number): FileState {
  const stat = fstatSync(fd, { bigint: true });
  const key = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
  return { isFile: stat.isFile(), size: Number(stat.size), key };
}

/** Up to `length` bytes from `position`; fewer at the end of the file. */
export function readAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(fd, buffer, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}

function writeAt(fd: number, position: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

/** The system writes as much as this in one piece, also when the process is killed. */
const PIECE = 4096;

/**
 * Puts `bytes` in the place of `length` bytes at `position`. If the lengths differ, the rest of the file is moved piece
 * by piece, from the side on which a process that dies in between leaves bytes twice instead of losing any.
 */
export function replaceAt(fd: number, position: number, length: number, bytes: Uint8Array): void {
  const shift = bytes.length - length;
  const { size } = stateOf(fd);
  const tail = position + length;
  if (shift > 0) {
    for (let end = size; end > tail; ) {
      const start = Math.max(tail, end - PIECE);
      writeAt(fd, start + shift, readAt(fd, start, end - start));
      end = start;
    }
  }
  writeAt(fd, position, bytes);
  if (shift < 0) {
    for (let start = tail; start < size; start += PIECE) {
      writeAt(fd, start + shift, readAt(fd, start, Math.min(PIECE, size - start)));
    }
    ftruncateSync(fd, size + shift);
  }
}
