/**
 * Kills runs with worktrees at random moments and continues them until they are complete; then compares history, tree
 * and checkout with a serial replay of the tasks' edits. Plan, edits, failures and moments follow from a seed.
 */
import { chmodSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { filesBefore, type Model, randomEdits, replay, scriptOf, treeOf } from './edits.ts';
import { generator } from './random.ts';
import { createRepo, type Repo } from './repository.ts';
import { createRig, type Rig, type Started } from './rig.ts';

/** What happened on the way: proof that the kills hit where it hurts. */
export interface Toll {
  runs: number;
  kills: number;
  /** Kills between the word that a commit is about to be published and the word that it was. */
  publishing: number;
  /** Kills while a change was committed and not yet merged. */
  waiting: number;
  conflicts: number;
}

const MOST_KILLS = 4;

/** What the user has not committed; no task touches it. */
const MINE = { 'mine.txt': 'changed, without a newline', 'mine staged.txt': 'staged\n', 'mine/new.bin': '\0\x01new' };

/** So many random plans, three at a time. */
export async function replayMany(first: number, runs: number): Promise<Toll> {
  const toll: Toll = { runs: 0, kills: 0, publishing: 0, waiting: 0, conflicts: 0 };
  const faults: Error[] = [];
  let seed = first;
  const lane = async (): Promise<void> => {
    while (seed < first + runs && faults.length === 0) {
      const own = seed++;
      await survive(own, toll).catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause);
        faults.push(new Error(`with the seed ${own}: ${message}`, { cause }));
      });
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  if (faults.length > 0) throw faults[0];
  return toll;
}

async function survive(seed: number, toll: Toll): Promise<void> {
  const random = generator(seed);
  const rig = await createRig();
  const repo = createRepo(rig);
  try {
    const ids = Array.from({ length: 5 + Math.floor(random() * 26) }, (_, i) => `T${String(i + 1).padStart(3, '0')}`);
    const edits = new Map(ids.map((id) => [id, randomEdits(random, id)]));
    const before = filesBefore(ids);
    begin(rig, repo, before, randomPlan(random, ids));
    const isDirty = random() < 0.5;
    if (isDirty) makeDirty(rig, repo);
    const status = repo.status();
    const scripts = Object.fromEntries(
      ids.map((id) => [id, randomScript(random, scriptOf(edits.get(id) ?? [], random() < 0.3 ? 0.05 : 0))]),
    );
    const flags = [
      ...[`-j${2 + Math.floor(random() * 3)}`, '--worktree', '--conflict-retries', '100', '--grace', '30ms'],
      ...['--retries', random() < 0.2 ? '1' : '0'],
      ...(isDirty ? ['--allow-dirty'] : []),
      ...(random() < 0.3 ? ['--verify', 'true'] : []),
    ];
    let kills = 0;
    for (let session = 1; ; session++) {
      expect(session, 'it comes to an end').toBeLessThan(ids.length + 10);
      const command = repo.start(scripts, { flags: session === 1 ? flags : ['--continue'] });
      const isKilled = kills < MOST_KILLS && (await killAtRandom(rig, command, random));
      const { code, signal, stderr } = await command.ended;
      expect(stderr).not.toMatch(/outside its worktree/);
      if (isKilled && signal === 'SIGKILL') {
        kills++;
        noteKill(rig, toll);
        // Sometimes the whole machine dies, sometimes what the command started lives on.
        if (random() < 0.5) await rig.endAll();
        checkMine(rig, isDirty);
      } else {
        expect([0, 1], stderr).toContain(code);
        if (code === 0) break;
      }
    }
    toll.conflicts += rig.of('merge-ended').filter((one) => one.result.kind === 'failure').length;
    check(rig, repo, { ids, edits, before, status, isDirty });
    toll.runs++;
  } finally {
    await rig.endAll();
    repo.remove();
    await rig.remove();
  }
}

function begin(rig: Rig, repo: Repo, files: Model, tasks: string): void {
  const mine = { 'mine.txt': 'mine\n', 'mine staged.txt': 'mine\n' };
  repo.init({ ...Object.fromEntries([...files].map(([path, { text }]) => [path, text])), ...mine, 'tasks.md': tasks });
  expect(rig.exists('tasks.md')).toBe(true);
}

function makeDirty(rig: Rig, repo: Repo): void {
  for (const [path, text] of Object.entries(MINE)) rig.write(path, text);
  repo.git('add', 'mine staged.txt');
  chmodSync(rig.path('mine/new.bin'), 0o700);
}

function checkMine(rig: Rig, isDirty: boolean): void {
  if (!isDirty) return;
  for (const [path, text] of Object.entries(MINE)) expect(readFileSync(rig.path(path), 'utf8'), path).toBe(text);
}

/** Stories whose tasks overlap those of the others; some tasks need another one. */
function randomPlan(random: () => number, ids: readonly string[]): string {
  const stories = 1 + Math.floor(random() * 5);
  const lines: string[] = ['# Tasks'];
  let story = 0;
  for (const [index, id] of ids.entries()) {
    if (index >= (story * ids.length) / stories) {
      story++;
      lines.push('', `## Phase ${story + 2}: User Story ${story} - Part ${story} (Priority: P1)`, '');
    }
    const need = index > 0 && random() < 0.15 ? ` (depends on ${ids[Math.floor(random() * index)]})` : '';
    lines.push(`- [ ] ${id}${random() < 0.4 ? ' [P]' : ''} [US${story}] Task ${index + 1}${need}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Some leave rubbish and fail the first time, some commit by themselves, some leave a process behind. */
function randomScript(random: () => number, edits: string): string {
  const fails =
    random() < 0.12
      ? 'if [ ! -e "$PLAY/failed-$IMPLEMENT_TASK_ID" ]; then : > "$PLAY/failed-$IMPLEMENT_TASK_ID"; echo rubbish | tee rubbish >> log.txt; exit 1; fi\n'
      : '';
  const commits = random() < 0.15 ? 'git add -A; git -c core.hooksPath=/dev/null commit -qm Own --allow-empty\n' : '';
  const ticks = random() < 0.1 ? `sed -i 's/\\[ \\]/[x]/' tasks.md\n` : '';
  const leaves = random() < 0.1 ? '(trap "" TERM; while :; do echo more >> left-behind; sleep 0.01; done) & \n' : '';
  // What a process that was left behind writes is no part of the model: it writes where git does not look.
  return `${fails}${leaves.replace('left-behind', '"$PLAY/left-behind"')}${edits}${ticks}${commits}`;
}

/** Waits until the journal has grown by so much, or the next commit is about to be published; then a moment; then kills. */
async function killAtRandom(rig: Rig, command: Started, random: () => number): Promise<boolean> {
  const journal = (): string => {
    const path = `.implement/runs/${rig.runs().at(-1)}/journal.ndjson`;
    return rig.exists(path) ? rig.read(path) : '';
  };
  const merges = (): number => journal().split('"kind":"merge-started"').length;
  const isAtMerge = random() < 0.6;
  const measure = isAtMerge ? merges : (): number => journal().length;
  const goal = measure() + 1 + Math.floor(random() * (isAtMerge ? 4 : 6000));
  const wait = random() < 0.3 ? 0 : random() * (isAtMerge ? 25 : 100);
  let isOver = false;
  void command.ended.then(() => {
    isOver = true;
  });
  while (!isOver && measure() < goal) await new Promise((resolve) => setTimeout(resolve, 1));
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  if (isOver) return false;
  command.send('SIGKILL');
  return true;
}

function noteKill(rig: Rig, toll: Toll): void {
  toll.kills++;
  const events = rig.events();
  const open = new Map<string, 'committed' | 'publishing'>();
  for (const event of events) {
    if (event.kind === 'attempt-ended' && event.outcome.kind === 'success') open.set(event.step, 'committed');
    if (event.kind === 'merge-started') open.set(event.step, 'publishing');
    if (event.kind === 'merge-ended') open.delete(event.step);
  }
  if ([...open.values()].includes('publishing')) toll.publishing++;
  if ([...open.values()].includes('committed')) toll.waiting++;
}

interface Expected {
  readonly ids: readonly string[];
  readonly edits: ReadonlyMap<string, ReturnType<typeof randomEdits>>;
  readonly before: Model;
  readonly status: string;
  readonly isDirty: boolean;
}

function check(rig: Rig, repo: Repo, { ids, edits, before, status, isDirty }: Expected): void {
  const [, ...commits] = repo.log();
  expect(
    commits.every((one) => one.parents.length === 1),
    'history is linear',
  ).toBe(true);
  expect(commits.map((one) => one.trailers['task']).sort(), 'each task has one commit').toEqual(ids);
  let model = before;
  for (const { trailers, files } of commits) {
    const id = trailers['task'] ?? '';
    const step = replay(model, edits.get(id) ?? []);
    expect(files.slice().sort(), `the files of ${id}`).toEqual([...step.changed, 'M tasks.md'].sort());
    model = step.model;
  }
  const listed = repo
    .git('ls-tree', '-rz', 'main')
    .split('\0')
    .filter((line) => line !== '' && !/\t(?:tasks\.md|mine.*)$/.test(line));
  expect(listed.sort(), 'the tree is that of a serial run').toEqual(treeOf(model));
  expect(rig.read('tasks.md').match(/- \[ \]/g)).toBeNull();
  expect(rig.read('tasks.md')).toBe(repo.show('main', 'tasks.md'));
  expect(repo.status(), 'the checkout is that of the head, and what the user had changed').toBe(status);
  checkMine(rig, isDirty);
  expect(repo.waiting(), 'no branch is left of a task that is done').toEqual([]);
  expect(repo.locks()).toEqual([]);
  repo.git('fsck', '--strict', '--no-dangling');
}
