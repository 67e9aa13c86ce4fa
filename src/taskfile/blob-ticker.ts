/**
 * Ticks and opens boxes in a text that is handed in, such as the task file in a commit. Reads it anew only where more
 * than boxes has changed since the last call; knows no files.
 */
import type { TaskId } from '../core/task.ts';
import { applyFlips, type Boxes, type Content, contentOf, rewritten, tickStyle } from './content.ts';

export interface BlobTicker {
  /** The bytes with all open boxes of the task ticked; `null`: there is none. */
  tick(bytes: Buffer, id: TaskId): Buffer | null;
  /** The bytes with all ticked boxes of the task open; `null`: there is none. */
  untick(bytes: Buffer, id: TaskId): Buffer | null;
}

/** @param locate finds the boxes in a text; `null`: it cannot be read as tasks. */
export function createBlobTicker(locate: (text: string) => Boxes | null): BlobTicker {
  let content: Content | null = null;
  let style = 'x';

  function current(bytes: Buffer): Content | null {
    if (content !== null && applyFlips(content, bytes)) return content;
    content = null;
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return null;
    }
    const boxes = locate(text);
    if (boxes === null) return null;
    style = tickStyle(text);
    content = contentOf(Buffer.from(bytes), text, boxes);
    return content;
  }

  function put(bytes: Buffer, id: TaskId, from: 'open' | 'done', to: 'open' | 'done'): Buffer | null {
    const known = current(bytes);
    const slots = (known?.slots.get(id) ?? []).filter((slot) => slot.state === from);
    if (known === null || slots.length === 0) return null;
    for (const slot of slots) rewritten(known, slot, Buffer.from(to === 'done' ? style : ' '), to);
    return Buffer.from(known.bytes);
  }

  return {
    tick: (bytes, id) => put(bytes, id, 'open', 'done'),
    untick: (bytes, id) => put(bytes, id, 'done', 'open'),
  };
}
