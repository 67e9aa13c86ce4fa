import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLocalBackend } from '../../src/backends/local.ts';
import type { Assignment } from '../../src/core/assignment.ts';
import type { Outcome } from '../../src/core/event.ts';
import { createIo } from '../support/attempt.ts';

const SUCCESS: Outcome = { kind: 'success', verified: null };
const io = createIo();

function named(id: string): Assignment {
  return {
    id,
    run: 'run',
    step: id,
    attempt: 1,
    slot: 1,
    work: [],
    verify: null,
    commit: null,
    dir: '/',
    env: {},
    prompt: '',
    log: '/dev/null',
    timeoutMs: null,
    silenceMs: null,
    graceMs: 0,
  };
}

/** Work that ends when the test says so. */
function held() {
  const running = new Map<string, (outcome: Outcome) => void>();
  const order: string[] = [];
  const work = ({ id }: Assignment): Promise<Outcome> => {
    order.push(id);
    return new Promise((resolve) => running.set(id, resolve));
  };
  const finish = (id: string): void => {
    running.get(id)?.(SUCCESS);
    running.delete(id);
  };
  return { running, order, work, finish };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the local backend', () => {
  test('never runs more than its slots, all in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 20 }), async (slots, picks) => {
        const { running, order, work, finish } = held();
        const backend = createLocalBackend({ slots, work, flush: async () => undefined });
        const outcomes = picks.map((_, at) => backend.run(named(`${at}`), io));
        for (const pick of picks) {
          await settle();
          expect(running.size).toBeLessThanOrEqual(slots);
          const ids = [...running.keys()];
          finish(ids[pick % ids.length] ?? '');
        }
        expect(await Promise.all(outcomes)).toEqual(picks.map(() => SUCCESS));
        expect(order).toEqual(picks.map((_, at) => `${at}`));
      }),
      { numRuns: 30 },
    );
  });

  test('hands the assignment and its switches on', async () => {
    const seen: unknown[] = [];
    const work = async (...args: unknown[]) => {
      seen.push(...args);
      return SUCCESS;
    };
    const backend = createLocalBackend({ slots: 1, work, flush: async () => undefined });
    const assignment = named('a');
    expect(await backend.run(assignment, io)).toEqual(SUCCESS);
    expect(seen).toEqual([assignment, io]);
    expect(backend.slots).toBe(1);
  });

  test.each([
    ['rejects', async () => Promise.reject(new Error('secret'))],
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
  ])('work that %s is an unexpected failure without its words', async (_, work) => {
    const outcome = await createLocalBackend({ slots: 1, work, flush: async () => undefined }).run(named('a'), io);
    expect(outcome).toMatchObject({ kind: 'failure', failure: { reason: 'unexpected' } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  test('close waits for what runs, then ends what was left', async () => {
    const { work, finish } = held();
    const events: string[] = [];
    const backend = createLocalBackend({ slots: 1, work, flush: async () => void events.push('flush') });
    const running = backend.run(named('a'), io).then(() => events.push('a'));
    const waiting = backend.run(named('b'), io).then(() => events.push('b'));
    const closed = backend.close().then(() => events.push('closed'));
    await settle();
    finish('a');
    await settle();
    expect(events).toEqual(['a']);
    finish('b');
    await Promise.all([running, waiting, closed]);
    expect(events).toEqual(['a', 'b', 'flush', 'closed']);
  });
});
