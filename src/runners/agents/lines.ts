/**
 * Bytes to the JSON objects in their lines, piece by piece. Knows nothing of agents: lines that are no JSON object and
 * lines that are too long are counted and passed over.
 */
import { asObject, type Json } from './found.ts';

/** A longer line is no event that matters, and is not kept in memory. In bytes. */
export const LONGEST_LINE = 512 * 1024;

const NEWLINE = 10;

interface LineReader {
  push(bytes: Uint8Array): void;
  /** The end: what has no newline is a line too. Gives how many lines were no object, or too long. */
  end(): { readonly foreign: number; readonly tooLong: number };
}

/** @param take is given each object, in order. */
export function createLineReader(take: (event: Json) => void): LineReader {
  let parts: Uint8Array[] = [];
  let length = 0;
  let isTooLong = false;
  let foreign = 0;
  let tooLong = 0;

  function add(bytes: Uint8Array): void {
    if (isTooLong) return;
    if (length + bytes.length > LONGEST_LINE) {
      isTooLong = true;
      parts = [];
      return;
    }
    // Whoever reads a file may use its buffer again.
    parts.push(bytes.slice());
    length += bytes.length;
  }

  function close(): void {
    const line = isTooLong ? '' : Buffer.concat(parts).toString('utf8').trim();
    if (isTooLong) tooLong += 1;
    parts = [];
    length = 0;
    isTooLong = false;
    if (line === '') return;
    const event = line.startsWith('{') ? parsed(line) : null;
    if (event === null) foreign += 1;
    else take(event);
  }

  return {
    push(bytes) {
      let from = 0;
      for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
        add(bytes.subarray(from, at));
        close();
        from = at + 1;
      }
      add(bytes.subarray(from));
    },
    end() {
      close();
      return { foreign, tooLong };
    },
  };
}

function parsed(line: string): Json | null {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return null;
  }
}
