import { describe, expect, test } from 'vitest';
import { type Overlap, ReadySet, type ReadyStep } from '../../src/core/ready.ts';

let made = 0;
function step(id: string, some: Partial<ReadyStep> = {}): ReadyStep {
  return {
    id,
    parallel: false,
    lanes: ['phase:0'],
    exclusive: false,
    index: made++,
    priority: Number.POSITIVE_INFINITY,
    remaining: 1,
    uses: [],
    ...some,
  };
}
const marked = (id: string, some: Partial<ReadyStep> = {}): ReadyStep => step(id, { parallel: true, ...some });

function readySet(overlap: Overlap, ...steps: ReadyStep[]): ReadySet {
  const ready = new ReadySet(overlap);
  for (const one of steps) ready.add(one);
  return ready;
}

/** Starts whatever may start now. */
function fill(ready: ReadySet): string[] {
  const started: string[] = [];
  for (let next = ready.next(); next !== null; next = ready.next()) {
    ready.start(next.id);
    started.push(next.id);
  }
  return started;
}

describe('serial', () => {
  test('runs one at a time in document order, whatever the priorities', () => {
    const ready = readySet('serial', marked('b', { index: 2, priority: 1 }), marked('a', { index: 1 }));
    expect(fill(ready)).toEqual(['a']);
    ready.end('a');
    expect(fill(ready)).toEqual(['b']);
    expect(fill(ready)).toEqual([]);
  });
});

describe('marked', () => {
  test('lets marked steps run side by side, of any lane', () => {
    const ready = readySet('marked', marked('a'), marked('b', { lanes: ['US2'] }));
    expect(fill(ready)).toEqual(['a', 'b']);
  });

  test('starts unmarked steps first when nothing runs, in document order, each alone', () => {
    const ready = readySet('marked', marked('a', { priority: 1 }), step('c', { index: 9 }), step('b', { index: 8 }));
    expect(fill(ready)).toEqual(['b']);
    ready.end('b');
    expect(fill(ready)).toEqual(['c']);
    ready.end('c');
    expect(fill(ready)).toEqual(['a']);
  });

  test('fills up with marked steps while marked ones run, though an unmarked one waits', () => {
    const ready = readySet('marked', marked('a'));
    expect(fill(ready)).toEqual(['a']);
    ready.add(step('b'));
    ready.add(marked('c'));
    expect(fill(ready)).toEqual(['c']);
    ready.end('a');
    expect(fill(ready)).toEqual([]);
    ready.end('c');
    expect(fill(ready)).toEqual(['b']);
  });

  test('orders by priority, then the longest remaining path, then the document', () => {
    const ready = readySet(
      'marked',
      marked('f', { index: 6 }),
      marked('e', { index: 5 }),
      marked('d', { index: 7, remaining: 5 }),
      marked('c', { index: 3, priority: 2, remaining: 9 }),
      marked('b', { index: 2, priority: 1 }),
      marked('a', { index: 4, priority: 0 }),
    );
    expect(fill(ready)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('stories', () => {
  test('lets lanes run side by side, and inside a lane an unmarked step alone', () => {
    const ready = readySet(
      'stories',
      step('a', { lanes: ['US1'] }),
      marked('b', { lanes: ['US1'] }),
      step('c', { lanes: ['US2'] }),
    );
    expect(fill(ready)).toEqual(['a', 'c']);
    ready.end('c');
    expect(fill(ready)).toEqual([]);
    ready.end('a');
    expect(fill(ready)).toEqual(['b']);
  });

  test('makes a step of several lanes wait in each', () => {
    const ready = readySet(
      'stories',
      step('a', { lanes: ['US1'] }),
      step('b', { lanes: ['US2'] }),
      step('ab', { lanes: ['US1', 'US2'] }),
      step('c', { lanes: ['US3'] }),
    );
    expect(fill(ready)).toEqual(['a', 'b', 'c']);
    ready.end('a');
    expect(fill(ready)).toEqual([]);
    ready.end('b');
    expect(fill(ready)).toEqual(['ab']);
    ready.add(marked('a2', { lanes: ['US1'] }));
    ready.add(marked('b2', { lanes: ['US2'] }));
    expect(fill(ready)).toEqual([]);
    ready.end('ab');
    expect(fill(ready)).toEqual(['a2', 'b2']);
  });

  test('does not hold up marked steps of a lane behind an unmarked one that cannot start', () => {
    const ready = readySet('stories', marked('a', { lanes: ['US1'], index: 0 }));
    expect(fill(ready)).toEqual(['a']);
    ready.add(step('b', { lanes: ['US1'], index: 1 }));
    ready.add(marked('c', { lanes: ['US1'], index: 2 }));
    ready.add(marked('d', { lanes: ['US1'], index: 3 }));
    expect(fill(ready)).toEqual(['c', 'd']);
  });

  test('gives back all that waited for a lane, the best first', () => {
    const waiting = [5, 3, 4, 1, 2].map((priority) => marked(`p${priority}`, { lanes: ['US1'], priority }));
    const ready = readySet('stories', step('a', { lanes: ['US1'], priority: 0 }), ...waiting);
    expect(fill(ready)).toEqual(['a']);
    ready.end('a');
    expect(fill(ready)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
  });
});

describe('a verification', () => {
  test.each<Overlap>([
    'serial',
    'marked',
    'stories',
  ])('runs alone, and before anything else that is ready (%s)', (overlap) => {
    const ready = readySet(overlap, marked('a', { lanes: ['US1'] }));
    expect(fill(ready)).toEqual(['a']);
    ready.add(step('v', { exclusive: true, lanes: [], index: 0 }));
    ready.add(marked('b', { lanes: ['US2'], priority: 0 }));
    ready.add(step('c', { lanes: ['US3'], priority: 0 }));
    expect(fill(ready)).toEqual([]);
    ready.end('a');
    expect(fill(ready)).toEqual(['v']);
    ready.add(marked('d', { lanes: ['US4'] }));
    expect(fill(ready)).toEqual([]);
    ready.end('v');
    expect(fill(ready)).toContain(overlap === 'marked' ? 'c' : 'b');
  });

  test('comes in order among others', () => {
    const some = [3, 1, 2].map((index) => step(`v${index}`, { exclusive: true, lanes: [], index }));
    const ready = readySet('marked', ...some);
    for (const index of [1, 2, 3]) {
      expect(fill(ready)).toEqual([`v${index}`]);
      ready.end(`v${index}`);
    }
  });
});

describe('what comes next', () => {
  test('stays the same until it starts, unless something better is added', () => {
    const ready = readySet('marked', marked('b', { priority: 2 }));
    expect([ready.next()?.id, ready.next()?.id]).toEqual(['b', 'b']);
    ready.add(marked('a', { priority: 1 }));
    expect(ready.next()?.id).toBe('a');
    expect(fill(ready)).toEqual(['a', 'b']);
  });

  test('is all that may be started', () => {
    const ready = readySet('marked', marked('a', { priority: 1 }), marked('b'));
    expect(() => ready.start('b')).toThrow('b is not the next step');
    expect(() => readySet('serial').start('a')).toThrow();
  });
});
