/** The run against its contract, on fakes: random plans, random outcomes, an oracle that knows none of the code. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankOf } from '../../src/core/rank.ts';
import { scheduleOf } from '../../src/core/waves.ts';
import { type Fate, fates, planOf, runOptions, taskFiles, tries } from '../support/random-plan.ts';
import { judge, recount } from './judge.ts';
import { play, type Scene } from './rig.ts';

const limits = fc.record({
  failFast: fc.constantFrom(false, false, false, true),
  maxFailures: fc.constantFrom(null, null, null, 1, 2),
});

const well: readonly Fate[] = [{ ms: 1000, failures: 0, reason: 'exit-code', ticks: false }];

describe('a run', () => {
  test('keeps to the contract at every event, ends, and says truly how', async () => {
    await fc.assert(
      fc.asyncProperty(taskFiles, runOptions, limits, fates, async (text, options, limit, outcomes) => {
        let miscounted = 0;
        const scene: Scene = {
          text,
          options: { ...options, ...limit },
          fates: outcomes,
          hear: (_event, state) => {
            if (JSON.stringify(state.counts) !== JSON.stringify(recount(state))) miscounted++;
          },
        };
        const played = await play(scene);
        if (played === null) return;
        const { state, backend, prepared } = played;
        const oracle = judge(scene, played);
        const slots = scene.options.parallel ? scene.options.jobs : 1;
        expect(backend.most).toBeLessThanOrEqual(slots);
        expect([played.fault, played.signal, backend.closed, miscounted]).toEqual([null, null, true, 0]);
        const { counts } = state;
        const wentWrong = counts.failed + counts.blocked + counts.cancelled + counts.pending > 0;
        const verified = state.verifications().every(({ status }) => status === 'done' || status === 'pending');
        expect(played.status).toBe(wentWrong || !verified ? 'partial' : 'complete');
        if (!oracle.stopped) expect(counts.pending).toBe(0);
        const after = planOf(played.text, options.deps);
        for (const task of prepared.plan.tasks) {
          const { status, startedAt } = state.step(task.id) as NonNullable<ReturnType<typeof state.step>>;
          const box = after.byId.get(task.id)?.status;
          expect([task.id, box]).toEqual([
            task.id,
            startedAt === null ? task.status : status === 'done' ? 'done' : 'open',
          ]);
        }
      }),
      tries(200),
    );
  });

  test('runs in unit time the waves that were printed', async () => {
    await fc.assert(
      fc.asyncProperty(taskFiles, runOptions, async (text, some) => {
        const options = { ...some, verifyPhase: null, verifyEnd: null };
        const played = await play({ text, options, fates: well });
        if (played === null) return;
        const { prepared, state } = played;
        const overlap = options.parallel ? options.overlap : 'serial';
        const slots = options.parallel ? options.jobs : 1;
        const { selected } = prepared.selection;
        const schedule = scheduleOf(planOf(text, options.deps), selected, overlap, slots, prepared.reconciled.settled);
        const ran = new Map<number, string[]>();
        for (const event of played.events) {
          if (event.kind !== 'attempt-started') continue;
          const wave = ran.get(event.time);
          if (wave === undefined) ran.set(event.time, [event.step]);
          else wave.push(event.step);
        }
        expect([...ran.values()]).toEqual(schedule.waves);
        const left = state.tasks().filter(({ status }) => status === 'blocked' || status === 'pending');
        expect(left.map(({ id }) => id)).toEqual(schedule.unreached);
        const rank = rankOf(planOf(text, options.deps), (id) =>
          selected.has(id) && !prepared.reconciled.settled.has(id) ? 1 : 0,
        );
        const reached = schedule.unreached.length === 0;
        if (reached) expect(schedule.waves.length).toBeGreaterThanOrEqual(rank.criticalWeight);
      }),
      tries(200),
    );
  });
});
