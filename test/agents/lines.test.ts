import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/runners/agents/found.ts';
import { createLineReader, LONGEST_LINE } from '../../src/runners/agents/lines.ts';

function readAll(chunks: readonly Uint8Array[]) {
  const events: Json[] = [];
  const reader = createLineReader((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  return { events, ...reader.end() };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('lines of a stream', () => {
  test('come out the same wherever the bytes are cut, also inside a character', () => {
    const text = `{"a":"ü🙈"}\nno JSON\r\n\n[1]\n{"b":\n{"c":{"d":1}}`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes(text).length }), { maxLength: 8 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), bytes(text).length];
        const chunks = cuts.slice(1).map((to, index) => bytes(text).subarray(cuts[index], to));
        expect(readAll(chunks)).toEqual({ events: [{ a: 'ü🙈' }, { c: { d: 1 } }], foreign: 3, tooLong: 0 });
      }),
    );
  });

  test('of more than 512 KiB are passed over, and what follows is read', () => {
    const long = `{"text":"${'x'.repeat(LONGEST_LINE)}"}`;
    const whole = `{"text":"${'x'.repeat(LONGEST_LINE - 11)}"}`;
    expect(whole).toHaveLength(LONGEST_LINE);
    const { events, ...counts } = readAll([bytes(`${long}\n{"a":1}\n${whole}\n`)]);
    expect(counts).toEqual({ foreign: 0, tooLong: 1 });
    expect(events.map((event) => Object.keys(event))).toEqual([['a'], ['text']]);
  });

  test('are kept although the buffer in which they came is used again', () => {
    const buffer = bytes('{"a":');
    const events: Json[] = [];
    const reader = createLineReader((event) => events.push(event));
    reader.push(buffer);
    buffer.fill(0);
    reader.push(bytes('1}\n'));
    expect(events).toEqual([{ a: 1 }]);
  });
});
