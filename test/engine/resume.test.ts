/** Runs that were cut off anywhere, by anything, come to a correct end: nothing done runs again, nothing is lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent, RunOptions } from '../../src/core/event.ts';
import { foldHistory, historyOf } from '../../src/core/history.ts';
import type { Task } from '../../src/core/task.ts';
import { readJournal } from '../../src/journal/event-log.ts';
import { parseSession, renderSession } from '../../src/journal/session-file.ts';
import { type Fate, fateOf, fates, planOf, runOptions, taskFiles, tries } from '../support/random-plan.ts';
import { judge } from './judge.ts';
import { type Played, play, type Scene } from './rig.ts';

/** From here on everything works. */
const WELL: readonly Fate[] = [{ ms: 100, failures: 0, reason: 'exit-code', ticks: false }];

const stops = { failFast: false, maxFailures: null, only: false } as const;

/** What a crash leaves: the records that were durable, and the task file as it was at some moment then. */
interface Wreck {
  readonly events: readonly RunEvent[];
  readonly text: string;
}

/** The first `count` records of a session, with the task file just when the last of them was appended, or just before the next. */
function wreckOf(played: Played, count: number, early: boolean): Wreck {
  const own = played.events.length - played.first;
  const kept = count % (own + 1);
  const texts = [...played.texts, played.text];
  const text = texts[early ? Math.max(0, kept - 1) : kept] as string;
  return { events: played.events.slice(0, played.first + kept), text };
}

/** Tasks that were done according to the records, and are not to be done again. */
function doneIn(events: readonly RunEvent[]): Set<string> {
  const done = new Set<string>();
  for (const event of events) {
    if (event.kind === 'attempt-ended' && event.outcome.kind === 'success') done.add(event.step);
    if (event.kind === 'adopted') for (const id of event.done) done.add(id);
    if (event.kind === 'undone') done.delete(event.task);
  }
  return done;
}

const tickedIn = (events: readonly RunEvent[]): Set<string> =>
  new Set(events.flatMap((event) => (event.kind === 'box-ticked' ? [event.task] : [])));

const startedIn = (events: readonly RunEvent[]): Set<string> =>
  new Set(events.flatMap((event) => (event.kind === 'attempt-started' ? [event.step] : [])));

/** Checks a session that went on from a wreck and in which everything worked. `before` is the file as its author left it. */
function checkEnd(before: string, scene: Scene, wreck: Wreck, played: Played, done = doneIn(wreck.events)): void {
  judge(scene, played);
  const own = played.events.slice(played.first);
  const started = startedIn(own);
  const ticked = tickedIn(wreck.events);
  const authors = planOf(before, scene.options.deps);
  const found = planOf(wreck.text, scene.options.deps);
  const ended = planOf(played.text, scene.options.deps);
  const { settled } = played.prepared.reconciled;
  for (const task of authors.tasks) {
    const boxThen = (found.byId.get(task.id) as Task).status;
    const reopened = done.has(task.id) && ticked.has(task.id) && boxThen === 'open';
    if (done.has(task.id) && !reopened) expect([task.id, started.has(task.id)]).toEqual([task.id, false]);
    if (settled.has(task.id)) expect([task.id, done.has(task.id) || task.status !== 'open']).toEqual([task.id, true]);
    const step = played.state.step(task.id);
    if (step?.status === 'deferred' || step?.status === 'skipped') continue;
    expect([task.id, step?.status]).toEqual([task.id, 'done']);
    expect([task.id, ended.byId.get(task.id)?.status]).toEqual([task.id, 'done']);
  }
  expect(played.status).toBe('complete');
  const attempts = played.events.flatMap((event) =>
    event.kind === 'attempt-started' ? [`${event.step} ${event.attempt}`] : [],
  );
  expect(new Set(attempts).size).toBe(attempts.length);
  expect(played.events.map((event) => event.seq)).toEqual(played.events.map((_event, i) => i + 1));
  const after = foldHistory(played.events);
  expect(after?.status).toBe('complete');
  expect(after?.inFlight.size).toBe(0);
}

/** Every verification that was asked for passed behind the last task of its group. */
function checkVerified({ events, prepared, state }: Played, options: RunOptions): void {
  if (options.verifyPhase === null) return;
  const last = new Map<string, number>();
  events.forEach((event, i) => {
    if (event.kind === 'attempt-ended' && event.outcome.kind === 'success') last.set(event.step, i);
  });
  const { plan } = prepared;
  const verifications = state.verifications().filter((one) => one.verification?.kind === 'phase');
  const byStory = plan.phases.every((one) => one.heading === null) && plan.tasks.some((one) => one.stories.length > 0);
  const keys = [...new Set(plan.tasks.map((task) => (byStory ? (task.stories[0] ?? '') : task.phase)))];
  verifications.forEach(({ id }, i) => {
    for (const task of plan.tasks) {
      if ((byStory ? (task.stories[0] ?? '') : task.phase) !== keys[i] || !last.has(task.id)) continue;
      expect([id, task.id, (last.get(id) ?? -1) > (last.get(task.id) as number)]).toEqual([id, task.id, true]);
    }
  });
}

const cuts = fc.record({ at: fc.nat(200), early: fc.boolean() });
const filters = fc.constantFrom<string[][]>([], [], ['T002'], ['US1']);
const crashes = fc.array(fc.tuple(fates, cuts, filters), { minLength: 1, maxLength: 3 });

/** Plays sessions that are cut off one after the other. */
async function ruin(
  text: string,
  some: RunOptions,
  all: readonly (readonly [readonly Fate[], Cut, readonly string[]])[],
) {
  let wreck: Wreck = { events: [], text };
  for (const [outcomes, cut, filter] of all) {
    const options = { ...some, ...stops, filter };
    const played = await play({ text: wreck.text, options, fates: outcomes, past: wreck });
    if (played !== null) wreck = wreckOf(played, cut.at, cut.early);
  }
  return wreck;
}
interface Cut {
  readonly at: number;
  readonly early: boolean;
}

describe('a run that was cut off', () => {
  test('goes on from any prefix of its journal, however often it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(taskFiles, runOptions, crashes, async (text, some, all) => {
        const wreck = await ruin(text, some, all);
        const scene: Scene = { text: wreck.text, options: { ...some, ...stops, filter: [] }, fates: WELL, past: wreck };
        const played = await play(scene);
        if (played === null) return;
        checkEnd(text, scene, wreck, played);
        checkVerified(played, scene.options);
      }),
      tries(100),
    );
  });

  test('goes on when the ticks of the task file are lost', async () => {
    await fc.assert(
      fc.asyncProperty(taskFiles, runOptions, crashes, async (text, some, all) => {
        const wreck = { ...(await ruin(text, some, all)), text };
        const scene: Scene = { text, options: { ...some, ...stops, filter: [] }, fates: WELL, past: wreck };
        const played = await play(scene);
        if (played === null) return;
        checkEnd(text, scene, wreck, played);
      }),
      tries(60),
    );
  });

  test('leaves a new run what it did, and nothing that it had in hand', async () => {
    await fc.assert(
      fc.asyncProperty(taskFiles, runOptions, fates, cuts, cuts, async (text, some, outcomes, one, two) => {
        const first = await ruin(text, some, [[outcomes, one, []]]);
        const options = { ...some, ...stops, filter: [] };
        const renewed = await play({ text: first.text, options, fates: outcomes, past: first, anew: true });
        if (renewed === null || first.events.length === 0) return;
        const done = doneIn(first.events);
        const again = startedIn(renewed.events);
        const then = planOf(first.text, some.deps);
        for (const id of done) {
          const box = then.byId.get(id)?.status;
          if (box === 'done' || !tickedIn(first.events).has(id)) expect([id, again.has(id)]).toEqual([id, false]);
        }
        const wreck = wreckOf(renewed, two.at, two.early);
        const scene: Scene = { text: wreck.text, options, fates: WELL, past: wreck };
        const played = await play(scene);
        if (played === null) return;
        checkEnd(text, scene, wreck, played, new Set([...done, ...doneIn(wreck.events)]));
      }),
      tries(50),
    );
  });

  test('goes on from the checkpoint that people read, with and without the ticks', async () => {
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        fc.nat(200),
        fc.boolean(),
        async (text, some, outcomes, at, lost) => {
          const options = { ...some, ...stops, filter: [] };
          const kept: { session: string; text: string; events: RunEvent[] }[] = [];
          const heard: RunEvent[] = [];
          await play({
            text,
            options,
            fates: outcomes,
            hear(event, _state, session, now) {
              heard.push(event);
              kept.push({ session: renderSession(session()), text: now, events: [...heard] });
            },
          });
          const last = kept[at % Math.max(1, kept.length)];
          if (last === undefined) return;
          const session = await parseSession(last.session);
          if (!session.ok) throw new Error(session.diagnostics[0]?.message);
          const history = historyOf(session.value);
          const wreck: Wreck = { events: [], text: lost ? text : last.text };
          const scene: Scene = { text: wreck.text, options, fates: WELL, past: { history } };
          const played = await play(scene);
          if (played === null) return;
          for (const id of doneIn(last.events)) {
            if (!id.startsWith('verify:')) expect([id, history.done.has(id)]).toEqual([id, true]);
          }
          checkEnd(text, scene, wreck, played, new Set(history.done));
        },
      ),
      tries(60),
    );
  });

  test('stops when the journal cannot be written, and loses nothing that was durable', async () => {
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        fc.integer({ min: 1, max: 60 }),
        async (text, some, outcomes, failAt) => {
          const options = { ...some, ...stops, filter: [] };
          const broken = await play({ text, options, fates: outcomes, failAt });
          if (broken === null) return;
          const own = broken.events.filter((event) => !['run-started', 'plan-read'].includes(event.kind));
          if (broken.fault === null) expect(own.length).toBeLessThan(failAt);
          else {
            expect(broken.fault).toMatch(/ENOSPC/);
            expect(own.length).toBe(failAt - 1);
          }
          const durable = own.flatMap((event) => (event.kind === 'attempt-started' ? [event.step] : []));
          const performed = broken.backend.performed.map(({ step }) => step);
          // What was recorded in the same moment as the fault may not have begun.
          expect(durable.slice(0, performed.length)).toEqual(performed);
          expect(broken.backend.closed).toBe(true);
          const done = doneIn(broken.events);
          const before = planOf(text, some.deps);
          for (const task of planOf(broken.text, some.deps).tasks) {
            if (task.status !== 'done' || before.byId.get(task.id)?.status !== 'open') continue;
            // Its own tick stands until the run goes on; ours comes only behind a durable ending.
            const isOwn = fateOf(outcomes, task.id).ticks && !tickedIn(broken.events).has(task.id);
            expect([task.id, done.has(task.id) || isOwn]).toEqual([task.id, true]);
          }
          const scene: Scene = { text: broken.text, options, fates: WELL, past: broken };
          const played = await play(scene);
          if (played === null) return;
          checkEnd(text, scene, broken, played);
          checkVerified(played, options);
        },
      ),
      tries(60),
    );
  });

  test('that a person stopped ends in order and goes on', async () => {
    const interrupts = fc.array(
      fc.record({
        at: fc.constantFrom(0, 50, 100, 150, 250, 700, 1500, 3000),
        stage: fc.constantFrom<(1 | 2 | 3)[]>(1, 1, 2, 3),
      }),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        interrupts,
        fc.boolean(),
        async (text, some, outcomes, signals, stubborn) => {
          const options = { ...some, ...stops, filter: [] };
          const scene: Scene = {
            text,
            options,
            fates: outcomes,
            interrupts: signals.map(({ at, stage }, i) => ({ at, stage, signal: i === 0 ? 'SIGINT' : 'SIGTERM' })),
            stubborn: () => stubborn,
          };
          const stopped = await play(scene);
          if (stopped === null) return;
          judge(scene, stopped);
          const heard = stopped.events.filter((event) => event.kind === 'interrupted');
          expect(stopped.signal !== null).toBe(heard.length > 0);
          const stages = heard.map((event) => (event.kind === 'interrupted' ? event.stage : 0));
          expect(stages).toEqual([...new Set(stages)].sort());
          const { counts } = stopped.state;
          const open = counts.failed + counts.blocked + counts.cancelled + counts.pending;
          const unverified = stopped.state
            .verifications()
            .some((one) => one.status !== 'done' && !stopped.state.isSpared(one.id));
          if (heard.length > 0) expect(stopped.status).toBe(open > 0 || unverified ? 'interrupted' : 'complete');
          for (const step of stopped.state.tasks()) expect(['running', 'delayed']).not.toContain(step.status);
          const next: Scene = { text: stopped.text, options, fates: WELL, past: stopped };
          const played = await play(next);
          if (played === null) return;
          checkEnd(text, next, stopped, played);
          checkVerified(played, options);
        },
      ),
      tries(60),
    );
  });
});

describe('a journal cut at any byte', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'implement-cut-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('is read as the records that are whole, and the run goes on from them', async () => {
    const path = join(dir, 'events.ndjson');
    await fc.assert(
      fc.asyncProperty(
        taskFiles,
        runOptions,
        fates,
        fc.array(fc.nat(), { minLength: 10, maxLength: 10 }),
        async (text, some, outcomes, places) => {
          const options = { ...some, ...stops, filter: [] };
          const whole = await play({ text, options, fates: outcomes });
          if (whole === null) return;
          const lines = whole.events.map((event) => `${JSON.stringify(event)}\n`);
          const bytes = Buffer.from(lines.join(''));
          const ends = lines.map((_line, i) => Buffer.byteLength(lines.slice(0, i + 1).join('')));
          for (const place of [...places.map((n) => n % (bytes.length + 1)), 0, bytes.length]) {
            writeFileSync(path, bytes.subarray(0, place));
            const content = await readJournal(path);
            if (!content.ok) throw new Error(content.diagnostics[0]?.message);
            const kept = ends.filter((end) => end <= place).length;
            expect(content.value.events).toEqual(whole.events.slice(0, kept));
            expect(content.value.validBytes).toBe(kept === 0 ? 0 : ends[kept - 1]);
          }
          const place = (places[0] as number) % (bytes.length + 1);
          const kept = ends.filter((end) => end <= place).length;
          const wreck = wreckOf(whole, kept, true);
          const scene: Scene = { text: wreck.text, options, fates: WELL, past: wreck };
          const played = await play(scene);
          if (played !== null) checkEnd(text, scene, wreck, played);
        },
      ),
      tries(30),
    );
  });
});
