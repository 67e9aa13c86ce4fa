/**
 * Kills the real command at random moments and continues it until it is done, keeping book of what was recorded as
 * done before each kill. Plan, failures and moments follow from a seed; the machine's own timing does the rest.
 */
import { rmSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import { foldHistory } from '../../src/core/history.ts';
import { readJournal } from '../../src/journal/event-log.ts';
import { parseSession } from '../../src/journal/session-file.ts';
import { generator } from './random.ts';
import { createRig, type Rig, type Started } from './rig.ts';

/** What happened on the way: proof that the kills hit where it hurts. */
interface Toll {
  kills: number;
  /** Kills that left processes behind. */
  orphaned: number;
  /** Kills that cut off a task which had ticked its own box. */
  ticking: number;
}

interface Chaos {
  readonly seed: number;
  /** What is gone after each kill. `journal`: only `current-session.md` and the boxes are left. */
  readonly lose: 'nothing' | 'journal';
}

/** One more kill than this never happens, so that every round ends. */
const MOST_KILLS = 3;
const TASKS = 20;

/** Goes through random plans, four at a time, until so many kills have hit. */
export async function surviveMany(first: number, kills: number, lose: Chaos['lose']): Promise<Toll> {
  const toll: Toll = { kills: 0, orphaned: 0, ticking: 0 };
  const faults: Error[] = [];
  let seed = first;
  const lane = async (): Promise<void> => {
    while (toll.kills < kills && faults.length === 0) {
      const own = seed++;
      await survive({ seed: own, lose }, toll).catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause);
        faults.push(new Error(`with the seed ${own}: ${message}`, { cause }));
      });
    }
  };
  // All lanes come to their end, also when one has failed: each removes what it made.
  await Promise.all([lane(), lane(), lane(), lane()]);
  if (faults.length > 0) throw faults[0];
  return toll;
}

/** Runs one random plan to its end through kills, and adds to the toll. */
async function survive({ seed, lose }: Chaos, toll: Toll): Promise<void> {
  const random = generator(seed);
  const rig = await createRig();
  try {
    const isParallel = random() < 0.4;
    rig.write('tasks.md', randomTasks(random, isParallel));
    rig.write('work.sh', WORK);
    const flags = [
      ...(isParallel ? ['-j3'] : []),
      ...(random() < 0.3 ? ['--verify-phase', 'echo "verified" >> ledger'] : []),
      ...['--retries', random() < 0.25 ? '1' : '0', '--grace', '30ms'],
    ];
    const book = new Map<string, number>();
    let kills = 0;
    for (let session = 1; ; session++) {
      expect(session, 'it comes to an end').toBeLessThan(TASKS * 2);
      const command = rig.start([...(session === 1 ? flags : ['--continue']), '--exec', 'exec sh ./work.sh']);
      const isKilled = kills < MOST_KILLS && (await killAtRandom(rig, command, random));
      const { code, signal, stderr } = await command.ended;
      if (isKilled && signal === 'SIGKILL') {
        kills++;
        toll.kills++;
        if (rig.survivors().length > 0) toll.orphaned++;
        if (await noteDone(rig, book, lose)) toll.ticking++;
        if (lose === 'journal') rmSync(rig.path('.implement/runs'), { recursive: true, force: true });
      } else {
        expect([0, 1], stderr).toContain(code);
        expect(rig.survivors()).toEqual([]);
        if (code === 0) break;
      }
    }
    await check(rig, book, lose);
  } finally {
    await rig.remove();
  }
}

/**
 * Writes a line when it starts and one when it is through. Some tasks fail the first time, some tick their own box,
 * some leave processes behind, some of those ignore TERM, and some take their time.
 */
const WORK = `
id=$IMPLEMENT_TASK_ID
echo "start $id $$" >> ledger
case "$IMPLEMENT_TASK_TITLE" in *leaves*) (trap '' TERM; sleep 300) & esac
case "$IMPLEMENT_TASK_TITLE" in *ticks*) sed "s/\\[ \\] $id/[x] $id/" tasks.md > "copy.$id" && cat "copy.$id" > tasks.md && echo "tick $id $$" >> ledger;; esac
case "$IMPLEMENT_TASK_TITLE" in *slow*|*ticks*) sleep 0.1;; esac
case "$IMPLEMENT_TASK_TITLE" in *fails*) if [ ! -e "failed.$id" ]; then : > "failed.$id"; exit 1; fi;; esac
echo "end $id $$" >> ledger
`;

function randomTasks(random: () => number, isParallel: boolean): string {
  const lines: string[] = [];
  const ids = Array.from({ length: TASKS }, (_, i) => `T${String(i + 1).padStart(3, '0')}`);
  // Two that write the whole file at the same time would undo each other's ticks, and ours.
  const withTickers = !isParallel && random() < 0.6;
  for (const [index, id] of ids.entries()) {
    if (index % 7 === 0)
      lines.push('', `## Phase ${index / 7 + 1}: ${['Setup', 'User Story work', 'Polish'][index / 7]}`);
    const story = random() < 0.5 ? ` [US${1 + Math.floor(random() * 3)}]` : '';
    const habits = [
      random() < 0.15 ? 'fails' : '',
      random() < 0.15 ? 'leaves' : '',
      random() < 0.3 ? 'slow' : '',
      withTickers && random() < 0.3 ? 'ticks' : '',
    ].filter((habit) => habit !== '');
    const need = index > 0 && random() < 0.2 ? ` (depends on ${ids[Math.floor(random() * index)]})` : '';
    lines.push(`- [ ] ${id}${random() < 0.5 ? ' [P]' : ''}${story} Task ${habits.join(' ')}${need}`);
  }
  return `# Tasks\n${lines.join('\n')}\n`;
}

/**
 * Waits until the ledger, the journal or the number of boxes that tasks ticked themselves has grown by so much, then a
 * moment, then kills; `false` if the command ended first.
 */
async function killAtRandom(rig: Rig, command: Started, random: () => number): Promise<boolean> {
  const sizeOf = (name: string): number => statSync(rig.path(name), { throwIfNoEntry: false })?.size ?? 0;
  const [measure, growth] = pick(random(), [
    [() => sizeOf('ledger'), 400],
    [() => sizeOf(`.implement/runs/${rig.runs().at(-1)}/journal.ndjson`), 5000],
    [() => rig.lines('ledger').filter((line) => line.startsWith('tick')).length, 3],
  ] as const);
  const goal = measure() + 1 + Math.floor(random() * growth);
  const wait = growth === 3 || random() < 0.5 ? 0 : random() * 120;
  const spins = Math.floor(random() ** 2 * 400);
  let isOver = false;
  void command.ended.then(() => {
    isOver = true;
  });
  while (!isOver && measure() < goal) await new Promise((resolve) => setTimeout(resolve, 1));
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  for (let i = 0; i < spins && !isOver; i++) await new Promise((resolve) => setImmediate(resolve));
  if (isOver) return false;
  command.send('SIGKILL');
  return true;
}

function pick<T>(chance: number, from: readonly T[]): T {
  return from[Math.floor(chance * from.length)] as T;
}

/**
 * Notes, for every task that is recorded as done at this moment, how often it has started; says whether one that is
 * not done has its box ticked.
 */
async function noteDone(rig: Rig, book: Map<string, number>, lose: Chaos['lose']): Promise<boolean> {
  const done = new Set<string>();
  const inFlight = new Set<string>();
  if (lose === 'nothing') {
    for (const event of rig.events()) {
      if (event.kind === 'attempt-started') inFlight.add(event.step);
      else if (event.kind === 'attempt-ended') {
        inFlight.delete(event.step);
        if (event.outcome.kind === 'success') done.add(event.step);
      }
    }
  } else {
    // The checkpoint is up to half a second old. What it calls running is not done, whatever its box says; and a task
    // that ticks its own box may have done so while the checkpoint did not know yet that it runs.
    for (const id of own(rig, 'ticks')) inFlight.add(id);
    const session = rig.exists('.implement/current-session.md') ? await parseSession(rig.session()) : null;
    for (const task of session?.ok ? session.value.tasks : []) {
      if (task.status === 'done') done.add(task.id);
      if (task.status === 'running') inFlight.add(task.id);
    }
  }
  for (const id of ticked(rig)) {
    if (lose === 'nothing')
      expect(done.has(id) || own(rig, 'ticks').has(id), `${id} is ticked, so it is done`).toBe(true);
    if (!inFlight.has(id)) done.add(id);
  }
  for (const id of done) if (!id.startsWith('verify:') && !book.has(id)) book.set(id, starts(rig, id));
  return [...ticked(rig)].some((id) => !done.has(id));
}

async function check(rig: Rig, book: ReadonlyMap<string, number>, lose: Chaos['lose']): Promise<void> {
  const ids = Array.from({ length: TASKS }, (_, i) => `T${String(i + 1).padStart(3, '0')}`);
  expect([...ticked(rig)], 'every box is ticked').toEqual(ids);
  for (const [id, count] of book) expect(starts(rig, id), `${id} was done before a kill`).toBe(count);
  const lines = rig.lines('ledger').map((line) => line.split(' '));
  for (const id of ids) {
    const own = lines.filter((line) => line[1] === id);
    expect(
      own.some((line) => line[0] === 'end'),
      `${id} ran to its end`,
    ).toBe(true);
    // Whoever started last is the last to write: the one before it was gone by then.
    const last = own.findLastIndex((line) => line[0] === 'start');
    expect(new Set(own.slice(last).map((line) => line[2])).size, `${id} had the field to itself`).toBe(1);
  }
  const journal = await readJournal(rig.path(`.implement/runs/${rig.runs().at(-1)}/journal.ndjson`));
  const history = journal.ok ? foldHistory(journal.value.events) : null;
  expect(history?.status).toBe('complete');
  expect(history?.inFlight.size).toBe(0);
  if (lose === 'nothing') {
    expect([...(history?.done ?? [])].toSorted()).toEqual(ids);
    for (const id of ids) {
      const story = rig.events().filter((event) => 'step' in event && event.step === id);
      const successes = story.filter((event) => event.kind === 'attempt-ended' && event.outcome.kind === 'success');
      expect(successes, `${id} succeeded once`).toHaveLength(1);
      expect(story.at(-1), `and did not start again`).toBe(successes[0]);
    }
  }
}

function ticked(rig: Rig): Set<string> {
  return new Set([...rig.read('tasks.md').matchAll(/^- \[x\] (T\d{3})/gm)].map((match) => match[1] as string));
}

function own(rig: Rig, habit: string): Set<string> {
  const found = [...rig.read('tasks.md').matchAll(/^- \[.\] (T\d{3})(.*)$/gm)];
  return new Set(found.flatMap((match) => (match[2]?.includes(habit) ? [match[1] as string] : [])));
}

function starts(rig: Rig, id: string): number {
  return rig.lines('ledger').filter((line) => line.startsWith(`start ${id} `)).length;
}
