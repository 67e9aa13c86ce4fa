/** Runs with resources, on fakes: never more holders than slots, verifications in turns, and every run ends. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEvent, StepId } from '../../src/core/event.ts';
import type { Resource } from '../../src/core/settings.ts';
import { type Fate, fates, PLAIN, planOf, runOptions, taskFiles, tries } from '../support/random-plan.ts';
import { judge } from './judge.ts';
import { type Played, play, type Scene } from './rig.ts';

const resource = (name: string): fc.Arbitrary<Resource> =>
  fc.record({
    name: fc.constant(name),
    slots: fc.constantFrom(1, 1, 2),
    labels: fc.constant([]),
    phases: fc.subarray(['Phase 1', 'Phase 2', 'Phase 3'], { maxLength: 2 }),
    paths: fc.subarray(['src/f1.ts', 'src/f2.ts', 'src/f3.ts'], { maxLength: 2 }),
    verify: fc.boolean(),
  });
const resources = fc
  .tuple(resource('a'), resource('b'), resource('c'))
  .chain((all) => fc.subarray(all, { minLength: 1 }));
const verifyMs = fc.constantFrom(0, 100, 400);

/** At no moment more verifications than the scarcest of their resources has slots. */
function expectTurns({ backend }: Played, all: readonly Resource[]): void {
  const slots = all.filter((one) => one.verify).map((one) => one.slots);
  expect(backend.mostVerifying).toBeLessThanOrEqual(Math.min(Number.POSITIVE_INFINITY, ...slots));
}

/** Resources that are in use by more than they may be at some event, from the events alone. */
function overused(events: readonly RunEvent[], all: readonly Resource[], paths: (step: StepId) => readonly string[]) {
  const own = (step: StepId): string[] =>
    all.flatMap((one) => (one.paths.some((path) => paths(step).includes(path)) ? [one.name] : []));
  const shared = all.filter((one) => one.verify).map((one) => one.name);
  const held = new Map<StepId, readonly string[]>();
  const found: string[] = [];
  for (const event of events) {
    if (event.kind === 'attempt-started')
      held.set(event.step, event.step.startsWith('verify:') ? shared : own(event.step));
    else if (event.kind === 'verification-started') held.set(event.step, [...new Set([...own(event.step), ...shared])]);
    else if (event.kind === 'verification-waiting')
      held.set(
        event.step,
        (held.get(event.step) ?? []).filter((name) => !shared.includes(name)),
      );
    else if (event.kind === 'attempt-ended' || event.kind === 'merge-ended') held.delete(event.step);
    for (const { name, slots } of all) {
      const holders = [...held].flatMap(([step, names]) => (names.includes(name) ? [step] : []));
      if (holders.length > slots) found.push(`${name}: ${holders.join(', ')}`);
    }
  }
  return found;
}

describe('a run with resources', () => {
  test('keeps to the contract at every event, and ends', async () => {
    await fc.assert(
      fc.asyncProperty(taskFiles, runOptions, fates, resources, verifyMs, async (text, options, outcomes, all, ms) => {
        const scene: Scene = { text, options, fates: outcomes, resources: all, verifyMs: ms };
        const played = await play(scene);
        if (played === null) return;
        judge(scene, played);
        expectTurns(played, all);
        expect(played.state.counts.pending).toBe(0);
        const asked = played.events.some((event) => event.kind.startsWith('verification-'));
        if (!all.some((one) => one.verify)) expect(asked).toBe(false);
      }),
      tries(300),
    );
  });

  test('in trees of their own, with merges that verify again, keeps to them too', async () => {
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        resources,
        verifyMs,
        fc.constantFrom(0, 300),
        async (text, options, outcomes, some, ms, mergeMs) => {
          const all = some.map((one) => ({ ...one, phases: [] }));
          const scene = { text, options: { ...options, worktree: true }, fates: outcomes, resources: all };
          const played = await play({ ...scene, verifyMs: ms, mergeMs });
          if (played === null) return;
          const { plan } = played.prepared;
          expect(overused(played.events, all, (step) => plan.byId.get(step)?.paths ?? [])).toEqual([]);
          expect(played.state.counts.pending).toBe(0);
        },
      ),
      tries(200),
    );
  });

  test('that is stopped ends, whatever waits', async () => {
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        resources,
        fc.nat(2500),
        fc.constantFrom(1, 2, 3),
        fc.boolean(),
        async (text, options, outcomes, all, at, stage, merges) => {
          const scene: Scene = {
            text,
            options: { ...options, parallel: true, jobs: 4 },
            fates: outcomes,
            resources: all,
            verifyMs: 400,
            interrupts: [{ at, signal: 'SIGINT', stage: stage as 1 | 2 | 3 }],
            ...(merges ? { mergeMs: 300 } : {}),
          };
          const played = await play(scene);
          if (played === null) return;
          if (!merges) judge(scene, played);
          expect(played.backend.closed).toBe(true);
          if (stage > 1 && played.signal !== null) {
            const stopped = played.events.findIndex((event) => event.kind === 'interrupted');
            const later = played.events.slice(stopped).map((event) => event.kind);
            expect(later).not.toContain('verification-started');
          }
        },
      ),
      tries(200),
    );
  });
});

describe('a journal of a run with resources', () => {
  test('can be cut anywhere, by a disk that is full or a crash, and the run goes on to its end', async () => {
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        resources,
        fc.nat(60),
        fc.option(fc.nat(40)),
        async (text, some, outcomes, all, cut, failAt) => {
          const options = { ...some, only: false, filter: [] };
          const scene: Scene = { text, options, fates: outcomes, resources: all, verifyMs: 100 };
          const first = await play(failAt === null ? scene : { ...scene, failAt: failAt + 1 });
          if (first === null) return;
          expect(first.backend.closed).toBe(true);
          const kept = 1 + (cut % first.events.length);
          const wreck = { events: first.events.slice(0, kept) };
          const second = await play({
            ...scene,
            text: first.texts[kept - 1] as string,
            fates: [{ ms: 100, failures: 0, reason: 'exit-code', ticks: false }],
            past: wreck,
          });
          if (second === null) return;
          judge({ ...scene, text: first.texts[kept - 1] as string }, second);
          expect(second.status).toBe('complete');
        },
      ),
      tries(200),
    );
  });
});

describe('verifications', () => {
  const TEXT = '- [ ] T001 [P] Make src/f1.ts\n- [ ] T002 [P] Make src/f2.ts\n- [ ] T003 [P] Make src/f3.ts\n';
  const well: readonly Fate[] = [{ ms: 100, failures: 0, reason: 'exit-code', ticks: false }];
  const shared = (name: string, some: Partial<Resource> = {}): Resource => ({
    name,
    slots: 1,
    labels: [],
    phases: [],
    paths: [],
    verify: true,
    ...some,
  });
  const options = { ...PLAIN, parallel: true, jobs: 3 };
  const told = ({ events }: Played): string[] => {
    const began = (events[0] as RunEvent).time;
    return events.flatMap((event) =>
      'step' in event && event.kind !== 'attempt-spawned' ? [`${event.time - began} ${event.kind} ${event.step}`] : [],
    );
  };

  test('take turns while the work of others goes on', async () => {
    const played = (await play({
      text: TEXT,
      options,
      fates: well,
      resources: [shared('e2e')],
      verifyMs: 50,
    })) as Played;
    expect(told(played)).toEqual([
      '0 attempt-started T001',
      '0 attempt-started T002',
      '0 attempt-started T003',
      '100 verification-started T001',
      '150 attempt-ended T001',
      '150 verification-started T002',
      '200 attempt-ended T002',
      '200 verification-started T003',
      '250 attempt-ended T003',
    ]);
    expect([played.status, played.backend.mostVerifying]).toEqual(['complete', 1]);
  });

  test('never wait for each other with full hands', async () => {
    const scene: Scene = {
      text: TEXT,
      options,
      fates: well,
      resources: [shared('a', { paths: ['src/f1.ts'] }), shared('b', { paths: ['src/f2.ts'] })],
      verifyMs: 50,
    };
    const played = (await play(scene)) as Played;
    expect(told(played)).toEqual([
      '0 attempt-started T001',
      '0 attempt-started T002',
      '0 attempt-started T003',
      '100 verification-waiting T002',
      '100 verification-started T001',
      '150 attempt-ended T001',
      '150 verification-started T002',
      '200 attempt-ended T002',
      '200 verification-started T003',
      '250 attempt-ended T003',
    ]);
  });

  test('come before tasks that wait for the same', async () => {
    const text = TEXT.replace('f3', 'f2');
    const scene: Scene = {
      text: `${text}- [ ] T004 [P] [P1] Make src/f1.ts\n`,
      options,
      fates: well,
      resources: [shared('a', { paths: ['src/f1.ts'] })],
      verifyMs: 50,
    };
    const played = (await play(scene)) as Played;
    expect(told(played)).toEqual([
      '0 attempt-started T001',
      '0 attempt-started T002',
      '100 verification-started T001',
      '150 attempt-ended T001',
      '150 verification-started T002',
      '200 attempt-ended T002',
      '200 attempt-started T004',
      '200 attempt-started T003',
      '300 verification-started T004',
      '350 attempt-ended T004',
      '350 verification-started T003',
      '400 attempt-ended T003',
    ]);
    judge(scene, played);
  });

  test('wait in vain when the run is stopped: the attempts are cancelled', async () => {
    const scene: Scene = {
      text: TEXT,
      options,
      fates: well,
      resources: [shared('e2e')],
      verifyMs: 5000,
      interrupts: [{ at: 200, signal: 'SIGINT', stage: 2 }],
    };
    const played = (await play(scene)) as Played;
    expect(told(played).slice(3)).toEqual([
      '100 verification-started T001',
      '200 attempt-ended T002',
      '200 attempt-ended T003',
      '240 attempt-ended T001',
    ]);
    expect(played.state.counts.cancelled).toBe(3);
  });

  test('of merges take turns with the others', async () => {
    const scene = { text: TEXT, options: { ...options, worktree: true }, fates: well, resources: [shared('e2e')] };
    const played = (await play({ ...scene, verifyMs: 50, mergeMs: 30 })) as Played;
    const plan = planOf(TEXT);
    expect(overused(played.events, [shared('e2e')], (step) => plan.byId.get(step)?.paths ?? [])).toEqual([]);
    expect(told(played).filter((line) => line.includes('verification-'))).toHaveLength(6);
    expect(played.status).toBe('complete');
  });
});
