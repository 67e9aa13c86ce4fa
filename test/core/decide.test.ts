import { describe, expect, test } from 'vitest';
import { decideEnding, decideStart, decideStatus, decideVerification } from '../../src/core/decide.ts';
import { failed, succeeded } from '../../src/core/outcome.ts';
import { usesOf } from '../../src/core/resources.ts';
import type { Resource } from '../../src/core/settings.ts';
import { globTest } from '../../src/util/globs.ts';
import { planOf } from '../support/random-plan.ts';
import { type Hand, stateOf } from '../support/run-state.ts';

const TEXT = '- [ ] T001 [P] Make a\n- [ ] T002 [P] Make b\n';
const policy = { conflictRetries: 0, retries: 2, backoffMs: 1000 };
const bad = failed('exit-code', 'exit code 1');

describe('decideStart', () => {
  test('names the next step, its attempt over all sessions, and the slot', () => {
    const hand = stateOf(planOf(TEXT), { earlier: new Map([['T001', 3]]) });
    expect(decideStart(hand.state, 2)).toEqual({ kind: 'attempt-started', step: 'T001', attempt: 4, slot: 2 });
  });

  test('names nothing when the run stops', () => {
    const hand = stateOf(planOf(TEXT));
    hand.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    expect(decideStart(hand.state, 1)).toBe(null);
  });
});

describe('decideVerification', () => {
  const resource = (name: string, paths: readonly string[], verify: boolean): Resource => ({
    name,
    slots: 1,
    labels: [],
    phases: [],
    paths,
    verify,
  });
  const running = (...resources: Resource[]): Hand => {
    const plan = planOf(
      ['- [ ] T001 [P] Make src/a.ts', '- [ ] T002 [P] Make src/b.ts', '- [ ] T003 [P1] [P] Make c\n'].join('\n'),
    );
    const hand = stateOf(plan, { uses: usesOf(plan, resources, globTest) });
    expect(hand.fill()).toEqual(['T003', 'T001', 'T002']);
    return hand;
  };

  test('lets the best begin, whoever asked first, and the others wait', () => {
    const { state, apply, end } = running(resource('e2e', [], true));
    const asking = new Set(['T002', 'T001', 'T003']);
    const body = decideVerification(state, asking);
    expect(body).toEqual({ kind: 'verification-started', step: 'T003', attempt: 1 });
    apply(body as NonNullable<typeof body>);
    asking.delete('T003');
    expect(decideVerification(state, asking)).toBe(null);
    end('T003');
    expect(decideVerification(state, asking)).toMatchObject({ kind: 'verification-started', step: 'T001' });
    expect(decideVerification(state, [])).toBe(null);
  });

  test('passes over one that needs more than is free', () => {
    const { state } = running(resource('b', ['src/b.ts'], true));
    expect(decideVerification(state, ['T003', 'T001'])).toBe(null);
    expect(decideVerification(state, ['T003', 'T001', 'T002'])).toMatchObject({
      kind: 'verification-started',
      step: 'T002',
    });
  });

  test('has the last that holds something give way, and only what verifications use', () => {
    const { state, apply } = running(
      resource('a', ['src/a.ts'], true),
      resource('b', ['src/b.ts'], true),
      resource('own', ['src/b.ts'], false),
    );
    const asking = ['T001', 'T002'];
    expect(decideVerification(state, ['T003'])).toBe(null);
    const body = decideVerification(state, asking);
    expect(body).toEqual({ kind: 'verification-waiting', step: 'T002', attempt: 1 });
    apply(body as NonNullable<typeof body>);
    expect(decideVerification(state, asking)).toMatchObject({ kind: 'verification-started', step: 'T001' });
    expect(decideVerification(state, ['T002'])).toBe(null);
    expect(state.mayVerify('T002')).toBe(false);
  });
});

describe('decideEnding', () => {
  test('waits twice as long before each further attempt, and then gives up', () => {
    const hand = stateOf(planOf(TEXT), { earlier: new Map([['T001', 7]]) });
    for (const [made, wait] of [
      [1, 1000],
      [2, 2000],
      [3, null],
    ] as const) {
      hand.start();
      const body = decideEnding(hand.state, 'T001', bad, policy, 50_000);
      expect(body).toEqual({
        kind: 'attempt-ended',
        step: 'T001',
        attempt: 7 + made,
        outcome: bad,
        retryAt: wait === null ? null : 50_000 + wait,
      });
      hand.apply(body);
      if (wait !== null) hand.apply({ kind: 'retry-due', step: 'T001' });
    }
    expect(hand.status()['T001']).toBe('failed');
  });

  test.each([
    ['a success', succeeded('ok'), {}, null],
    ['a cancellation', failed('cancelled', 'stopped'), {}, null],
    ['a failure without retries', bad, { conflictRetries: 0, retries: 0 }, null],
    ['a failed verification', failed('verification', 'exit code 2'), {}, 1000],
    ['a timeout', failed('timeout', 'timed out'), {}, 1000],
  ])('of %s', (_what, outcome, some, retryAt) => {
    const hand = stateOf(planOf(TEXT));
    hand.start();
    expect(decideEnding(hand.state, 'T001', outcome, { ...policy, ...some }, 0).retryAt).toBe(retryAt);
  });

  test('makes no further attempt when the run stops', () => {
    const hand = stateOf(planOf(TEXT));
    hand.start();
    hand.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    expect(decideEnding(hand.state, 'T001', bad, policy, 0).retryAt).toBe(null);
  });

  test('makes one attempt of the verification of a phase', () => {
    const hand = stateOf(planOf(TEXT), { verifyEnd: 'true' });
    for (const id of hand.fill()) hand.end(id);
    expect(hand.start()).toBe('verify:end');
    expect(decideEnding(hand.state, 'verify:end', bad, policy, 0).retryAt).toBe(null);
  });
});

describe('decideStatus', () => {
  const ran = (how: 'done' | 'failed' | 'cancelled', some: Parameters<typeof stateOf>[1] = {}) => {
    const hand = stateOf(planOf(TEXT), some);
    hand.fill();
    hand.end('T001');
    hand.end('T002', how);
    return hand;
  };

  test.each([
    ['done', 'complete'],
    ['failed', 'partial'],
    ['cancelled', 'partial'],
  ] as const)('after a task that ended %s: %s', (how, status) => expect(decideStatus(ran(how).state)).toBe(status));

  test('is interrupted when somebody did, unless all was done already', () => {
    const open = stateOf(planOf(TEXT));
    open.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    expect(decideStatus(open.state)).toBe('interrupted');
    const done = ran('done');
    done.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    expect(decideStatus(done.state)).toBe('complete');
  });

  test('is not complete before the verification has passed', () => {
    const hand = ran('done', { verifyEnd: 'true' });
    expect(decideStatus(hand.state)).toBe('partial');
    hand.apply({ kind: 'interrupted', signal: 'SIGINT', stage: 1 });
    expect(decideStatus(hand.state)).toBe('interrupted');
    const passed = ran('done', { verifyEnd: 'true' });
    passed.start();
    passed.end('verify:end');
    expect(decideStatus(passed.state)).toBe('complete');
    const failing = ran('done', { verifyEnd: 'true' });
    failing.start();
    failing.end('verify:end', 'failed');
    expect(decideStatus(failing.state)).toBe('partial');
  });

  test('is complete where there was nothing to do', () => {
    const plan = planOf(TEXT.replaceAll('[ ]', '[x]'));
    expect(decideStatus(stateOf(plan, { verifyPhase: 'true', verifyEnd: 'true' }).state)).toBe('complete');
  });

  test('does not ask for what is outside the filter', () => {
    const hand = stateOf(planOf(TEXT), { selected: new Set(['T001']) });
    hand.fill();
    hand.end('T001');
    expect(decideStatus(hand.state)).toBe('complete');
  });
});

describe('the next attempt', () => {
  const ends = (outcome: ReturnType<typeof failed>) => {
    const hand = stateOf(planOf(TEXT));
    hand.fill();
    return decideEnding(hand.state, 'T001', outcome, policy, 5000).retryAt;
  };

  test.each([
    'cancelled',
    'held-back',
    'denied',
    'auth',
    'blocked-by-agent',
  ] as const)('there is none after %s', (reason) => expect(ends(failed(reason, ''))).toBe(null));

  test.each([
    'no-result',
    'agent-error',
    'overloaded',
    'silent',
    'rate-limit',
  ] as const)('comes after a pause: %s', (reason) => expect(ends(failed(reason, ''))).toBe(6000));

  test('waits for the end of a limit, where that is known and later', () => {
    expect(ends(failed('rate-limit', '', { resetAt: 90_000 }))).toBe(90_000);
    expect(ends(failed('rate-limit', '', { resetAt: 5_500 }))).toBe(6000);
  });
});
