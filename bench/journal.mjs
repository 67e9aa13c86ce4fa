/** The durable journal, alone and in the real engine, whose tasks take no time: what is left is the price of safety. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, middle } from './support/measure.mjs';
import { internals, workFolder } from './support/paths.mjs';
import { digits, times } from './support/table.mjs';
import { flatFile } from './support/task-files.mjs';

const IN_FLIGHT = 8;
const SIZES = [100, 1000, 10_000];

export default async function journal({ rounds = 7 }) {
  const rooms = await internals();
  const folder = workFolder();
  const fresh = () => mkdtempSync(join(folder, 'run-'));
  const plans = new Map(SIZES.map((size) => [size, rooms.read('tasks.md', flatFile(size), { deps: 'all' })]));
  const cases = { sync: () => syncs(fresh()) };
  for (const size of SIZES) {
    cases[`append ${size}`] = () => appends(rooms, fresh(), size);
    cases[`bare ${size}`] = () => engine(rooms, fresh(), plans.get(size), { durable: false });
    cases[`run ${size}`] = () => engine(rooms, fresh(), plans.get(size), { durable: true });
  }
  const results = await interleave(cases, rounds);
  const ms = (name) => middle(results[name], 'ms');
  rmSync(folder, { recursive: true, force: true });
  return [
    {
      title: 'Durable journal, milliseconds per task',
      note: [
        `${rounds} rounds, ${IN_FLIGHT} tasks in flight, one fdatasync of one line: ${digits(ms('sync'), 3)} ms.`,
        'Append: one ending per task, each awaiting its own durability. Engine: the real one with tasks that take no time, first with a journal in memory',
        'and no files, then with the journal on disk, the checkpoint for people and the ticks in the task file: four records a task, two of them awaited.',
        'Target: at most 0.1 ms where fdatasync takes 0.2 ms; 10,000 tasks at most 1.2 x the price of 100.',
      ].join('\n'),
      header: [
        'tasks',
        'append',
        '/ 100 tasks',
        'engine, in memory',
        'engine, durable',
        '/ 100 tasks',
        'CPU',
        'checkpoints written',
      ],
      rows: SIZES.map((size) => [
        digits(size, 0),
        digits(ms(`append ${size}`), 3),
        times(ms(`append ${size}`) / ms('append 100')),
        digits(ms(`bare ${size}`), 3),
        digits(ms(`run ${size}`), 3),
        times(ms(`run ${size}`) / ms('run 100')),
        digits(middle(results[`run ${size}`], 'cpuMs'), 3),
        digits(middle(results[`run ${size}`], 'checkpoints'), 0),
      ]),
    },
  ];
}

/** One line written and synced, again and again. */
function syncs(folder) {
  const fd = openSync(join(folder, 'plain'), 'a');
  const start = process.hrtime.bigint();
  for (let i = 0; i < 200; i++) {
    writeSync(fd, `${JSON.stringify(endingOf(i))}\n`);
    fdatasyncSync(fd);
  }
  const ms = Number(process.hrtime.bigint() - start) / 1e6 / 200;
  closeSync(fd);
  return { ms };
}

const endingOf = (seq) => ({
  kind: 'attempt-ended',
  step: `T${seq}`,
  attempt: 1,
  outcome: { kind: 'success', verified: null },
  retryAt: null,
  seq,
  time: 0,
});

async function appends(rooms, folder, count) {
  const opened = await rooms.openJournal(join(folder, 'journal.ndjson'));
  let seq = 0;
  const start = process.hrtime.bigint();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (seq < count) await opened.value.append(endingOf(++seq));
    }),
  );
  const ms = Number(process.hrtime.bigint() - start) / 1e6 / count;
  await opened.value.close();
  return { ms };
}

/** The engine with a backend that is done at once. */
async function engine(rooms, folder, plan, { durable }) {
  const { systemClock: clock } = rooms;
  const path = join(folder, 'tasks.md');
  writeFileSync(path, plan.source.text);
  const state = new rooms.RunState({
    plan,
    rank: rooms.rankOf(plan, () => 1),
    selected: new Set(plan.byId.keys()),
    settled: new Map(),
    verifications: [],
    owed: new Set(),
    overlap: 'marked',
    failFast: false,
    maxFailures: null,
    earlier: new Map(),
  });
  const log = durable
    ? (await rooms.openJournal(join(folder, 'journal.ndjson'))).value
    : { append: async () => {}, close: async () => {} };
  const ticker = rooms.createTicker({ path, text: plan.source.text, boxes: rooms.boxesOf(plan), locate: () => null });
  let checkpoints = 0;
  const writer = rooms.createSessionWriter({
    paths: [join(folder, 'current-session.md')],
    clock,
    onError: (_path, fault) => {
      throw fault;
    },
  });
  const began = clock.now();
  const session = () => {
    checkpoints++;
    return rooms.sessionOf(state, {
      run: 'bench',
      session: 1,
      status: 'running',
      file: 'tasks.md',
      digest: '0',
      options: OPTIONS,
      startedAt: began,
      now: clock.now(),
      elapsedMs: clock.now() - began,
      continueCommand: 'implement --continue',
      clean: (text) => text,
      redact: (text) => text,
    });
  };
  const done = { kind: 'success', verified: null };
  const made = rooms.createEngine({
    state,
    backend: {
      slots: IN_FLIGHT,
      async run(_assignment, io) {
        io.spawned(1, '1');
        return done;
      },
      close: async () => {},
    },
    journal: log,
    clock,
    policy: { retries: 0, backoffMs: 1000 },
    boxes: {
      tick: async (id) => (durable ? (await ticker.tick(id)).ok : true),
      restore: async () => false,
    },
    seq: 0,
    assign: (step, attempt, slot) => ({ step, attempt, slot }),
    commands: () => null,
    emit: () => (durable ? writer.update(session) : undefined),
  });
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const { status } = await made.run();
  await writer.flush();
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  const used = process.cpuUsage(cpu);
  await log.close();
  if (status !== 'complete') throw new Error(`the run is ${status}`);
  const count = plan.tasks.length;
  return { ms: ms / count, cpuMs: (used.user + used.system) / 1000 / count, checkpoints };
}

const OPTIONS = {
  parallel: true,
  jobs: IN_FLIGHT,
  overlap: 'marked',
  deps: 'all',
  filter: [],
  only: false,
  failFast: false,
  maxFailures: null,
  retries: 0,
  timeoutMs: null,
  scripts: false,
  exec: 'true',
  verify: null,
  verifyPhase: null,
  verifyEnd: null,
  worktree: false,
  commit: false,
  branch: null,
  allowDirty: false,
  conflictRetries: 2,
  commitStyle: 'plain',
};
