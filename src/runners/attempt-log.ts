/**
 * The log of an attempt, which its processes write themselves: opening it, and reading its end for people. Knows the
 * file; not what the output means.
 */
import { closeSync, constants, fstatSync, mkdirSync, open, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { plainText } from '../core/redact.ts';
import { lastLines } from '../core/tail.ts';

export interface AttemptLog {
  /** For the standard output and error of a process; appends. */
  readonly fd: number;
  /** Last lines since this log was opened: at most 20 and 4096 characters, control codes and secrets out. */
  tail(): string;
  close(): void;
}

const TAIL_LINES = 20;
const TAIL_LENGTH = 4096;
/** Escape codes and rewritten lines take room in the file that they do not take in the tail. */
const WINDOW_BYTES = 64 * 1024;

/** A link in the place of the log could lead outside the project. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** Not the synchronous one: making a file may wait for the disk, and processes can be started meanwhile. */
const openFile = promisify(open);

/**
 * Opens the file for appending, only readable by its owner; missing folders above it are made.
 *
 * @param heading a line to put before what comes, or `null`.
 * @param redact takes secrets out of plain text.
 * Rejects as `fs.open`.
 */
export async function openLog(
  file: string,
  heading: string | null,
  redact: (text: string) => string,
): Promise<AttemptLog> {
  const fd = await openOrMake(file);
  if (heading !== null) writeSync(fd, `${endsInsideLine(fd) ? '\n' : ''}${heading}\n`);
  const from = fstatSync(fd).size;
  return {
    fd,
    tail: () => lastLines(redact(plainText(readEnd(fd, from))), TAIL_LINES, TAIL_LENGTH),
    close: () => closeSync(fd),
  };
}

/** Bytes in a file that is open. */
export function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}

/** For appending, as the log; missing folders above it are made. Rejects as `fs.open`. */
export async function openOrMake(file: string): Promise<number> {
  try {
    return await openFile(file, FLAGS, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openFile(file, FLAGS, 0o600);
  }
}

function endsInsideLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  return size > 0 && read(fd, size - 1, 1) !== '\n';
}

/** The text from `from` on, or if that is much, its end: whole lines, so that no secret is cut in two. */
function readEnd(fd: number, from: number): string {
  const { size } = fstatSync(fd);
  const start = Math.max(from, size - WINDOW_BYTES);
  const text = read(fd, start, Math.max(size - start, 0));
  return start === from ? text : text.slice(text.indexOf('\n') + 1);
}

function read(fd: number, at: number, length: number): string {
  const bytes = Buffer.alloc(length);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, length, at));
}
