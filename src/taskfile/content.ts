/**
 * The bytes of a task file with the places of its boxes: where each one is, what is around it, what changes when
 * one is rewritten. Pure data over buffers; knows offsets in text and bytes, opens no file.
 */
import type { Box, BoxState, TaskId } from '../core/task.ts';

/** Boxes of each task. */
export type Boxes = ReadonlyMap<TaskId, readonly Box[]>;

/** The inside of a box, in bytes of the file. Changes when the file does. */
export interface Slot {
  start: number;
  length: number;
  state: BoxState;
}

export interface Content {
  bytes: Buffer;
  readonly slots: ReadonlyMap<TaskId, readonly Slot[]>;
  /** All slots in the order of the file. */
  readonly ordered: readonly Slot[];
}

/** Finds the bytes of all boxes. `bytes` is `text` in UTF-8. Linear, however many boxes there are. */
export function contentOf(bytes: Buffer, text: string, boxes: Boxes): Content {
  const found: { readonly box: Box; readonly slot: Slot }[] = [];
  const slots = new Map<TaskId, Slot[]>();
  for (const [id, all] of boxes) {
    const own = all.map((box) => {
      const slot = { start: 0, length: 0, state: box.state };
      found.push({ box, slot });
      return slot;
    });
    slots.set(id, own);
  }
  found.sort((a, b) => a.box.inner.start - b.box.inner.start);
  let offset = 0;
  let byte = 0;
  for (const { box, slot } of found) {
    byte += Buffer.byteLength(text.slice(offset, box.inner.start));
    offset = box.inner.start;
    slot.start = byte;
    slot.length = Buffer.byteLength(text.slice(box.inner.start, box.inner.end));
  }
  return { bytes, slots, ordered: found.map(({ slot }) => slot) };
}

const SPACE = 0x20;
const LOWER = 0x78;
const UPPER = 0x58;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/**
 * Takes over `bytes` if they differ from the content only in boxes that somebody ticked or unticked, which moves
 * nothing and needs no new reading of the file. Else gives `false`, and the content is of no more use.
 */
export function applyFlips(content: Content, bytes: Buffer): boolean {
  const old = content.bytes;
  if (old.length !== bytes.length) return false;
  for (const slot of content.ordered) {
    const now = bytes[slot.start];
    if (slot.length !== 1 || slot.state === 'skipped' || now === old[slot.start]) continue;
    if (!isPlain(now) || !isPlain(old[slot.start])) return false;
    old[slot.start] = now;
    slot.state = now === SPACE ? 'open' : 'done';
  }
  return old.equals(bytes);
}

function isPlain(byte: number | undefined): byte is number {
  return byte === SPACE || byte === LOWER || byte === UPPER;
}

/** Bytes of a line behind a box that are compared with the disk before the box is written. */
const CONTEXT = 128;

/** The box with its brackets and the rest of its line, or `null` if no brackets are around it. */
export function windowOf(content: Content, slot: Slot): { readonly start: number; readonly expected: Buffer } | null {
  const { bytes } = content;
  const start = slot.start - 1;
  const close = slot.start + slot.length;
  if (bytes[start] !== OPENING || bytes[close] !== CLOSING) return null;
  let end = close + 1;
  while (end < bytes.length && end < close + CONTEXT && bytes[end] !== 0x0a && bytes[end] !== 0x0d) end++;
  return { start, expected: bytes.subarray(start, end) };
}

/** Notes that the inside of a box is now `inner`: what stands behind it has moved if the length differs. */
export function rewritten(content: Content, slot: Slot, inner: Buffer, state: BoxState): void {
  const shift = inner.length - slot.length;
  const end = slot.start + slot.length;
  if (shift === 0) inner.copy(content.bytes, slot.start);
  else {
    content.bytes = Buffer.concat([content.bytes.subarray(0, slot.start), inner, content.bytes.subarray(end)]);
    for (const other of content.ordered) if (other.start >= end && other !== slot) other.start += shift;
  }
  slot.length = inner.length;
  slot.state = state;
}

/** `x` or `X`, whichever ticks more boxes of the text; `x` if it is a draw. */
export function tickStyle(text: string): string {
  let upper = 0;
  for (const match of text.matchAll(/^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([xX])\]/gm)) {
    upper += match[1] === 'X' ? 1 : -1;
  }
  return upper > 0 ? 'X' : 'x';
}
