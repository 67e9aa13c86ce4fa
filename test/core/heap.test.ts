import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from '../../src/core/heap.ts';

describe('a heap', () => {
  test('gives its items in order, whatever is pushed and popped between', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: null })), (steps) => {
        const heap = new Heap<number>((a, b) => a - b);
        const sorted: number[] = [];
        for (const step of steps) {
          if (step === null) expect(heap.pop()).toBe(sorted.shift());
          else {
            heap.push(step);
            sorted.push(step);
            sorted.sort((a, b) => a - b);
          }
          expect([heap.size, heap.peek()]).toEqual([sorted.length, sorted[0]]);
        }
      }),
    );
  });

  test('compares a few times per item, however many there are', () => {
    const perItem = (n: number): number => {
      let compared = 0;
      const heap = new Heap<number>((a, b) => {
        compared++;
        return a - b;
      });
      for (let i = 0; i < n; i++) heap.push((i * 7919) % n);
      while (heap.pop() !== undefined);
      return compared / n;
    };
    expect(perItem(100_000)).toBeLessThan(2 * Math.log2(100_000) + 4);
    expect(perItem(100_000) - perItem(1_000)).toBeLessThan(2 * Math.log2(100) + 2);
  });
});
