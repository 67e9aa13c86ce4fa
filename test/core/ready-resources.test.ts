/** The ready set with resources, against a list that is searched naively at every step. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Heap } from '../../src/core/heap.ts';
import { type Overlap, ReadySet, type ReadyStep } from '../../src/core/ready.ts';
import { tries } from '../support/random-plan.ts';

const RESOURCES = new Map([
  ['a', 1],
  ['b', 2],
  ['c', 1],
]);

const uses = fc.subarray([...RESOURCES.keys()]);

const someStep: fc.Arbitrary<Omit<ReadyStep, 'id' | 'index'>> = fc.record({
  parallel: fc.constantFrom(true, true, false),
  lanes: fc.subarray(['US1', 'US2', 'US3'], { minLength: 1 }),
  exclusive: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
  priority: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  remaining: fc.constantFrom(1, 2, 3),
  uses,
});

type Move =
  | { readonly kind: 'add'; readonly step: Omit<ReadyStep, 'id' | 'index'> }
  | { readonly kind: 'start'; readonly many: number }
  | { readonly kind: 'end'; readonly which: number }
  | { readonly kind: 'hold'; readonly which: number; readonly names: readonly string[] };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: someStep.map((step) => ({ kind: 'add', step }) as const) },
  { weight: 3, arbitrary: fc.constantFrom(1, 2, 99).map((many) => ({ kind: 'start', many }) as const) },
  { weight: 3, arbitrary: fc.nat(9).map((which) => ({ kind: 'end', which }) as const) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(9), uses).map(([which, names]) => ({ kind: 'hold', which, names }) as const),
  },
);

class Naive {
  readonly ready: ReadyStep[] = [];
  readonly running: ReadyStep[] = [];
  readonly held = new Map<string, readonly string[]>();
  private readonly overlap: Overlap;

  constructor(overlap: Overlap) {
    this.overlap = overlap;
  }

  holders(name: string): number {
    return [...this.held.values()].filter((names) => names.includes(name)).length;
  }

  isFree(name: string): boolean {
    return this.holders(name) < (RESOURCES.get(name) as number);
  }

  startable(): ReadyStep[] {
    const { ready, running } = this;
    const inOrder = (steps: ReadyStep[]): ReadyStep[] => steps.sort((a, b) => a.index - b.index);
    const best = (steps: ReadyStep[]): ReadyStep[] =>
      steps.sort(
        (a, b) =>
          (a.priority === b.priority ? 0 : a.priority - b.priority) || b.remaining - a.remaining || a.index - b.index,
      );
    if (running.some((one) => one.exclusive)) return [];
    const alone = ready.filter((one) => one.exclusive);
    if (alone.length > 0) return running.length === 0 ? inOrder(alone) : [];
    const free = ready.filter((one) => one.uses.every((name) => this.isFree(name)));
    if (this.overlap === 'serial') return running.length === 0 ? inOrder(free) : [];
    if (this.overlap === 'marked') {
      if (running.some((one) => !one.parallel)) return [];
      const unmarked = ready.filter((one) => !one.parallel);
      return running.length === 0 && unmarked.length > 0 ? inOrder(unmarked) : best(free.filter((one) => one.parallel));
    }
    const share = (a: ReadyStep, b: ReadyStep): boolean => a.lanes.some((lane) => b.lanes.includes(lane));
    return best(free.filter((one) => running.every((other) => !share(one, other) || (one.parallel && other.parallel))));
  }
}

describe('the ready set with resources', () => {
  test('names the best step for which all is free, whatever came before, and starves none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Overlap[]>('serial', 'marked', 'stories', 'stories', 'stories'),
        fc.array(someStep, { maxLength: 25 }),
        fc.array(move, { maxLength: 40 }),
        (overlap, steps, moves) => {
          const set = new ReadySet(overlap, RESOURCES);
          const naive = new Naive(overlap);
          let made = 0;
          const look = (): void => {
            for (const [name, slots] of RESOURCES) expect(naive.holders(name)).toBeLessThanOrEqual(slots);
            expect(set.next()?.id ?? null).toBe(naive.startable()[0]?.id ?? null);
          };
          const start = (): boolean => {
            const next = naive.startable()[0];
            if (next === undefined) return false;
            set.start(next.id);
            naive.ready.splice(naive.ready.indexOf(next), 1);
            naive.running.push(next);
            naive.held.set(next.id, next.uses);
            return true;
          };
          const end = (which: number): void => {
            const [one] = naive.running.splice(which % naive.running.length, 1);
            set.end((one as ReadyStep).id);
            naive.held.delete((one as ReadyStep).id);
          };
          const first = steps.map((step) => ({ kind: 'add', step }) as const);
          for (const one of [...first, ...moves]) {
            if (one.kind === 'add') {
              const step = { ...one.step, id: `s${made}`, index: made++ };
              naive.ready.push(step);
              set.add(step);
            } else if (one.kind === 'start') {
              for (let n = 0; n < one.many && start(); n++) look();
            } else if (one.kind === 'end' && naive.running.length > 0) end(one.which);
            else if (one.kind === 'hold' && naive.running.length > 0) {
              const { id } = naive.running[one.which % naive.running.length] as ReadyStep;
              const before = naive.held.get(id) as readonly string[];
              expect(set.heldBy(id)).toEqual(before);
              const may = one.names.every((name) => before.includes(name) || naive.isFree(name));
              expect(set.mayHold(id, one.names)).toBe(may);
              if (may) {
                set.hold(id, one.names);
                naive.held.set(id, one.names);
              }
            }
            look();
          }
          for (let left = naive.ready.length + naive.running.length; left > 0; left--) {
            while (start()) look();
            if (naive.running.length > 0) end(left);
            look();
          }
          expect(naive.ready).toEqual([]);
        },
      ),
      tries(2000),
    );
  });

  const step = (id: string, index: number, some: Partial<ReadyStep> = {}): ReadyStep => ({
    id,
    index,
    parallel: true,
    lanes: ['US1'],
    exclusive: false,
    priority: 1,
    remaining: 1,
    uses: [],
    ...some,
  });

  test('takes nothing that it must not have', () => {
    const set = new ReadySet('marked', RESOURCES);
    set.add(step('one', 1, { uses: ['a'] }));
    set.add(step('two', 2));
    for (const id of ['one', 'two']) set.start(id);
    expect(set.mayHold('two', ['a'])).toBe(false);
    expect(() => set.hold('two', ['a'])).toThrow('two takes a, of which nothing is left');
    expect(() => set.hold('two', ['d'])).toThrow('no resource d');
  });

  test.each([
    'marked',
    'stories',
  ] as const)('touches as few steps per step when thousands wait for one resource (%s)', (overlap) => {
    const push = vi.spyOn(Heap.prototype, 'push');
    const touched = (many: number): number => {
      push.mockClear();
      const set = new ReadySet(overlap, RESOURCES);
      for (let i = 0; i < many; i++) {
        set.add(step(`s${i}`, i, { lanes: [`US${i % 7}`], uses: i % 2 === 0 ? ['a'] : ['a', 'b'] }));
      }
      for (let i = 0; i < many; i++) {
        const next = set.next() as ReadyStep;
        set.start(next.id);
        expect(set.next()).toBe(null);
        set.end(next.id);
      }
      return push.mock.calls.length / many;
    };
    const few = touched(100);
    expect(few).toBeLessThan(8);
    expect(touched(5000)).toBeLessThan(few * 1.1);
    push.mockRestore();
  });
});
