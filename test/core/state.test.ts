import { describe, expect, test } from 'vitest';
import { buildPlan, type Plan } from '../../src/core/plan.ts';
import { at, sourceFile } from '../../src/core/source.ts';
import type { Heading, Parsed, TaskDraft } from '../../src/core/task.ts';
import { planOf } from '../support/random-plan.ts';
import { stateOf } from '../support/run-state.ts';

const CHAIN = `- [ ] T001 Make a
- [ ] T002 Make b
- [ ] T003 Make c
`;

describe('a state', () => {
  test('lets a chain run link by link, and counts', () => {
    const hand = stateOf(planOf(CHAIN));
    expect(hand.fill()).toEqual(['T001']);
    expect(hand.state.counts).toMatchObject({ selected: 3, pending: 3, done: 0 });
    hand.end('T001');
    expect(hand.fill()).toEqual(['T002']);
    hand.end('T002');
    hand.fill();
    hand.end('T003');
    expect(hand.status()).toEqual({ T001: 'done', T002: 'done', T003: 'done' });
    expect(hand.state.counts).toEqual({
      selected: 3,
      done: 3,
      failed: 0,
      blocked: 0,
      cancelled: 0,
      pending: 0,
      skipped: 0,
      deferred: 0,
    });
  });

  test('blocks what a failure reaches, and names the first cause', () => {
    const hand = stateOf(planOf(CHAIN));
    hand.fill();
    hand.end('T001', 'failed');
    expect(hand.status()).toEqual({ T001: 'failed', T002: 'blocked', T003: 'blocked' });
    expect(hand.state.blocked).toEqual(['T002', 'T003']);
    expect(hand.state.step('T003')?.blockedBy).toBe('T001');
    expect(hand.state.next()).toBe(null);
  });

  test('blocks by a cancellation too, and through what was done before', () => {
    const hand = stateOf(planOf(CHAIN.replace('[ ] T002', '[x] T002')));
    hand.fill();
    hand.end('T001', 'cancelled');
    expect(hand.status()).toEqual({ T001: 'cancelled', T002: 'skipped', T003: 'blocked' });
  });

  test('keeps time and number of the attempts', () => {
    const hand = stateOf(planOf(CHAIN), { earlier: new Map([['T001', 4]]) });
    expect(hand.state.nextAttempt('T001')).toBe(5);
    hand.start(1000, 3);
    expect(hand.state.step('T001')).toMatchObject({
      status: 'running',
      attempts: 1,
      current: { number: 5, slot: 3, startedAt: hand.noon + 1000 },
    });
    hand.end('T001', 'failed', 1500, hand.noon + 2500);
    expect(hand.state.step('T001')).toMatchObject({ status: 'delayed', current: null, durationMs: 500 });
    expect([...hand.state.delayed.keys()]).toEqual(['T001']);
    expect(hand.start()).toBe(null);
    hand.apply({ kind: 'retry-due', step: 'T001' }, 2500);
    expect(hand.state.delayed.size).toBe(0);
    hand.start(2600);
    hand.end('T001', 'done', 2900);
    expect(hand.state.step('T001')).toMatchObject({
      status: 'done',
      attempts: 2,
      durationMs: 800,
      startedAt: hand.noon + 1000,
      endedAt: hand.noon + 2900,
      failure: null,
    });
    expect(hand.state.nextAttempt('T001')).toBe(7);
  });

  test('calls a task failed that waits for an attempt when the run ends', () => {
    const hand = stateOf(planOf(CHAIN));
    hand.fill();
    hand.end('T001', 'failed', 0, hand.noon + 1000);
    hand.apply({ kind: 'run-ended', status: 'interrupted', commands: null });
    expect(hand.status()).toEqual({ T001: 'failed', T002: 'blocked', T003: 'blocked' });
  });

  test.each([
    ['the first failure', { failFast: true }, 1, 'fail-fast'],
    ['so many failures', { maxFailures: 2 }, 2, 'max-failures'],
  ])('stops after %s', (_what, some, limit, stop) => {
    const hand = stateOf(planOf('- [ ] T001 [P] Make a\n- [ ] T002 [P] Make b\n- [ ] T003 [P] Make c\n'), some);
    for (let n = 1; n <= limit; n++) {
      expect(hand.state.stop).toBe(null);
      const id = hand.start() as string;
      hand.end(id, 'failed');
    }
    expect(hand.state.stop).toBe(stop);
    expect(hand.start()).toBe(null);
  });

  test('starts nothing after an interrupt, and lets what runs end', () => {
    const hand = stateOf(planOf(CHAIN));
    hand.fill();
    hand.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    hand.end('T001');
    expect(hand.start()).toBe(null);
    expect(hand.status()).toEqual({ T001: 'done', T002: 'pending', T003: 'pending' });
  });
});

describe('a conflict', () => {
  test('is waited for till its end, good or bad', () => {
    const text = '- [ ] T001 [P] Make src/a.ts\n- [ ] T002 [P] Mend src/a.ts\n- [ ] T003 [P] Polish src/a.ts\n';
    const hand = stateOf(planOf(text));
    expect(hand.fill()).toEqual(['T001']);
    hand.end('T001', 'failed', 0, hand.noon + 1000);
    expect(hand.fill()).toEqual([]);
    hand.apply({ kind: 'retry-due', step: 'T001' });
    expect(hand.fill()).toEqual(['T001']);
    hand.end('T001', 'failed');
    expect(hand.fill()).toEqual(['T002']);
    hand.end('T002', 'cancelled');
    expect(hand.fill()).toEqual(['T003']);
  });

  test('with a blocked task still keeps the tasks round it apart', () => {
    const text = `- [ ] T001 [P] Make src/a.ts
- [ ] T002 [P] Make the ground
- [ ] T003 [P] Mend src/a.ts (depends on T002)
- [ ] T004 [P] Polish src/a.ts
`;
    const hand = stateOf(planOf(text));
    expect(hand.fill().sort()).toEqual(['T001', 'T002']);
    hand.end('T002', 'failed');
    expect(hand.status()['T003']).toBe('blocked');
    // T001 still has its hands on the file.
    expect(hand.fill()).toEqual([]);
    hand.end('T001');
    expect(hand.fill()).toEqual(['T004']);
  });
});

describe('a filter', () => {
  test('lets order pass through what is outside, and blocks at once what needs it', () => {
    const plan = planOf(CHAIN);
    const hand = stateOf(plan, { selected: new Set(['T001', 'T003']) });
    expect(hand.status()).toEqual({ T001: 'pending', T002: 'deferred', T003: 'blocked' });
    expect(hand.state.step('T003')?.blockedBy).toBe('T002');
    expect(hand.state.counts).toMatchObject({ selected: 2, blocked: 1, deferred: 1 });
  });

  test('names the first of those outside', () => {
    const hand = stateOf(planOf(CHAIN), { selected: new Set(['T003']) });
    expect(hand.state.step('T003')?.blockedBy).toBe('T001');
  });
});

describe('a verification', () => {
  const text = `## Phase 1: Setup
- [ ] T001 [P] Make a
- [ ] T002 [P] Make b
## Phase 2: Polish
- [ ] T003 Tidy
`;
  const V1 = 'verify:phase:Phase 1';
  const V2 = 'verify:phase:Phase 2';

  test('stands behind its phase and before what waits for it', () => {
    const hand = stateOf(planOf(text), { verifyPhase: 'true', verifyEnd: 'true' });
    expect(hand.fill()).toEqual(['T001', 'T002']);
    hand.end('T001');
    hand.end('T002');
    expect(hand.fill()).toEqual([V1]);
    hand.end(V1);
    expect(hand.fill()).toEqual(['T003']);
    hand.end('T003');
    expect(hand.fill()).toEqual([V2]);
    hand.end(V2);
    expect(hand.fill()).toEqual(['verify:end']);
    hand.end('verify:end');
    expect(hand.state.counts.done).toBe(3);
  });

  test('blocks what waits for its phase when it fails', () => {
    const hand = stateOf(planOf(text), { verifyPhase: 'true', verifyEnd: 'true' });
    hand.fill();
    hand.end('T001');
    hand.end('T002');
    hand.fill();
    hand.end(V1, 'failed');
    expect(hand.status()).toMatchObject({ T003: 'blocked', [V2]: 'blocked', 'verify:end': 'blocked' });
    expect(hand.state.step('T003')?.blockedBy).toBe(V1);
    expect(hand.state.counts.failed).toBe(0);
  });

  test('is spared where nothing of its phase was done now, unless it is owed', () => {
    const done = text.replaceAll('[ ] T001', '[x] T001').replaceAll('[ ] T002', '[x] T002');
    const hand = stateOf(planOf(done), { verifyPhase: 'true' });
    expect(hand.state.isSpared(V1)).toBe(true);
    expect(hand.state.isSpared(V2)).toBe(false);
    expect(hand.fill()).toEqual(['T003']);
    const owing = stateOf(planOf(done), { verifyPhase: 'true', owed: new Set([V1]) });
    expect(owing.state.isSpared(V1)).toBe(false);
    expect(owing.fill()).toEqual([V1]);
  });

  test('does not wait for what is outside the filter', () => {
    const hand = stateOf(planOf(text), { verifyPhase: 'true', selected: new Set(['T001']) });
    hand.fill();
    hand.end('T001');
    expect(hand.fill()).toEqual([V1]);
    hand.end(V1);
    expect(hand.status()).toMatchObject({ [V1]: 'done', [V2]: 'pending', T003: 'deferred' });
    expect(hand.state.isSpared(V2)).toBe(true);
  });

  test('is not held up by a ticked task that needed one outside the filter', () => {
    const plan = planOf(`## Phase 1: Setup
- [ ] T001 [P] Make a
- [x] T002 [P] Make b (depends on T001)
- [ ] T003 [P] Make c
`);
    const hand = stateOf(plan, { verifyPhase: 'true', selected: new Set(['T003']) });
    hand.fill();
    hand.end('T003');
    expect(hand.fill()).toEqual([V1]);
  });
});

describe('growth', () => {
  /** A plan of `n` tasks in phases of 50, made without any text. */
  function large(n: number): Plan {
    const source = sourceFile('tasks.md', '');
    const place = at(source, 0, 0);
    const headings = Array.from({ length: Math.ceil(n / 50) }, (_, p): Heading => {
      const text = `Phase ${p + 1}: ${p % 2 === 0 ? 'Setup' : `User Story ${p}`}`;
      return { depth: 2, text, at: place, parent: null };
    });
    const drafts = Array.from({ length: n }, (_, i): TaskDraft => {
      const target = `src/${i % 41}.ts`;
      return {
        id: `T${i + 1}`,
        title: `Make part ${i}`,
        at: place,
        box: { inner: place.span, state: i % 11 === 0 ? 'done' : 'open' },
        parallel: i % 5 !== 0,
        stories: [],
        all: false,
        priority: null,
        labels: [],
        paths: [target],
        target,
        heading: headings[Math.floor(i / 50)] as Heading,
        body: '',
        scripts: [],
      };
    });
    const parsed: Parsed = {
      source,
      dialect: 'spec-kit',
      drafts,
      statements: [],
      headings,
      checklists: 0,
      checklistsDone: 0,
      frontMatter: {},
      diagnostics: [],
    };
    return buildPlan(parsed, { deps: 'all' });
  }

  /** Edges and nodes that are looked at per task in a whole run. */
  function steps(n: number, overlap: 'marked' | 'stories'): number {
    const plan = large(n);
    let count = 0;
    const { network } = plan;
    for (const name of ['forEachOutboundEdge', 'forEachInboundEdge', 'someInNeighbor', 'forEachNode'] as const) {
      const original = (network[name] as (...args: unknown[]) => unknown).bind(network);
      Object.defineProperty(network, name, {
        value: (...args: unknown[]) => {
          const visit = args.pop() as (...seen: unknown[]) => unknown;
          return original(...args, (...seen: unknown[]) => {
            count++;
            return visit(...seen);
          });
        },
      });
    }
    const hand = stateOf(plan, { overlap, verifyPhase: 'true' });
    for (let batch = hand.fill(); batch.length > 0; batch = hand.fill()) for (const id of batch) hand.end(id);
    expect(hand.state.counts.pending).toBe(0);
    return count / n;
  }

  test.each([
    ['marked', 20_000],
    ['stories', 100_000],
  ] as const)('takes as many steps per task at 1 000 tasks as at more (%s, %d)', (overlap, many) => {
    const few = steps(1_000, overlap);
    expect(steps(many, overlap)).toBeLessThan(few * 1.1);
    expect(few).toBeLessThan(12);
  });
});
