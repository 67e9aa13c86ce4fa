/** Ticking in a text that is handed in does what ticking a file in place does, to the byte. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Box } from '../../src/core/task.ts';
import { createBlobTicker } from '../../src/taskfile/blob-ticker.ts';
import { createTicker } from '../../src/taskfile/ticker.ts';

function locate(text: string): Map<string, Box[]> {
  const boxes = new Map<string, Box[]>();
  for (const match of text.matchAll(/^- \[([ xX])\] (T\d)/gm)) {
    const start = match.index + 3;
    const box: Box = { inner: { start, end: start + 1 }, state: match[1] === ' ' ? 'open' : 'done' };
    boxes.set(match[2] as string, [...(boxes.get(match[2] as string) ?? []), box]);
  }
  return boxes;
}

const line = fc.oneof(
  fc.tuple(fc.constantFrom(' ', 'x', 'X'), fc.nat(4)).map(([mark, id]) => `- [${mark}] T${id} ü 🙈`),
  fc.constantFrom('', '# Head', 'text [ ] T1', '- [ ] no id'),
);

test('any order of ticks, on any file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'implement-blob-'));
  const path = join(folder, 'tasks.md');
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(5), { maxLength: 6 }),
        async (lines, end, order) => {
          const text = lines.join(end);
          writeFileSync(path, text);
          const inPlace = createTicker({ path, text, boxes: locate(text), locate });
          const blobs = createBlobTicker(locate);
          let bytes: Buffer = Buffer.from(text);
          for (const id of order.map((number) => `T${number}`)) {
            await inPlace.tick(id);
            const kept = Buffer.from(bytes);
            const ticked = blobs.tick(bytes, id);
            expect(bytes.equals(kept), 'what is handed in stays as it is').toBe(true);
            bytes = ticked ?? bytes;
            expect(bytes.toString()).toBe(readFileSync(path, 'utf8'));
          }
        },
      ),
      { numRuns: 200 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what was ticked is opened again, and what is no text is left alone', () => {
  const blobs = createBlobTicker(locate);
  const bytes = Buffer.from('- [ ] T1 a\n- [ ] T2 b\n');
  const ticked = blobs.tick(bytes, 'T1');
  expect(ticked?.toString()).toBe('- [x] T1 a\n- [ ] T2 b\n');
  expect(blobs.untick(ticked as Buffer, 'T1')?.equals(bytes)).toBe(true);
  expect(blobs.tick(bytes, 'T9')).toBeNull();
  expect(blobs.tick(Buffer.from([0xff, 0xfe]), 'T1')).toBeNull();
});
