/**
 * A run whose done tasks become commits: the places of the attempts, the merge queue, what stays when a task fails.
 * Puts the rooms together; what git does is in `workspaces/`, what is found there before a run in `ground.ts`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Assignment } from './core/assignment.ts';
import { commitMessage } from './core/commit-message.ts';
import type { Diagnostic } from './core/diagnostic.ts';
import type { Outcome, StepId } from './core/event.ts';
import { isGenerated } from './core/history.ts';
import type { Plan } from './core/plan.ts';
import type { Task } from './core/task.ts';
import type { Integrator } from './engine.ts';
import type { Ground, RepositoryRequest } from './ground.ts';
import type { StateDir } from './journal/state-dir.ts';
import { relocate } from './prepare.ts';
import type { AttemptIo } from './runners/runner.ts';
import { createBlobTicker } from './taskfile/blob-ticker.ts';
import type { Clock } from './util/clock.ts';
import { createFollower, createIndexFollower } from './workspaces/checkout.ts';
import { createForecast } from './workspaces/forecast.ts';
import { createInTree } from './workspaces/in-tree.ts';
import { createMergeQueue, type Merging } from './workspaces/merge-queue.ts';
import { createSlots } from './workspaces/slots.ts';
import { dirtyPaths } from './workspaces/status.ts';
import type { Workspace } from './workspaces/workspace.ts';
import { createWorktrees, type InFlight, type Shell } from './workspaces/worktree.ts';

export interface CommittingInput extends Pick<RepositoryRequest, 'options' | 'project' | 'tasksFile' | 'settings'> {
  readonly ground: Ground;
  readonly run: string;
  readonly plan: Plan;
  readonly state: StateDir;
  readonly resume: boolean;
  readonly clean: (text: string) => string;
  readonly clock: Clock;
  running(): readonly string[];
  tell(diagnostic: Diagnostic): void;
}

export interface Committing {
  readonly target: { readonly ref: string; readonly head: string };
  readonly commits: { message(task: Task, attempt: number): string; ref(step: StepId, attempt: number): string };
  /** Numbers of the slots that are free. */
  slots(count: number): number[];
  workspace(shell: Shell): Workspace;
  /** `verify` runs a verification command; `assign` makes the assignment that the attempt had. */
  integrator(
    verify: (command: string, assignment: Assignment, io: AttemptIo) => Promise<Outcome>,
    assign: (step: StepId, attempt: number, slot: number) => Assignment,
  ): Promise<Integrator>;
  conflictPath(step: StepId, attempt: number): string;
  /** The worktrees of this run are as if nothing had been done in them. */
  close(): Promise<void>;
}

export async function openCommitting(input: CommittingInput): Promise<Committing> {
  const { ground, run, plan, state, options, settings, clean, tell, project } = input;
  const { repository } = ground;
  const { git, main } = repository;
  if (repository.isNew)
    await git.run(main, ['update-ref', '-m', 'implement: start', repository.target, repository.base, '']);
  const slots = createSlots(
    repository,
    resolve(project.root, settings.worktree.dir ?? join(state.dir, 'worktrees')),
    settings.worktree.dir === null,
  );
  const inFlight = new Map<number, InFlight>();
  const keptFor = new Set<string>();
  const used = new Set<number>();
  if (options.worktree) await slots.prune();
  for (const slot of slots.list()) {
    const note = slots.note(slot);
    used.add(slot.number);
    if (note?.kept === true && note.run === run) keptFor.add(note.step);
  }
  const users = options.worktree ? new Set<string>() : await usersFiles(input);
  const boxes = createBlobTicker((text) => relocate(plan, plan.source.name, text, options.deps));
  const conflictPath = (step: StepId, attempt: number): string =>
    state.logPath(run, step, attempt).replace(/\.log$/, '.conflict.json');
  let places: ReturnType<typeof createWorktrees> | null = null;
  let watched = (): Promise<void> => Promise.resolve();

  const dropKept = async (step: StepId): Promise<void> => {
    if (!keptFor.delete(step)) return;
    for (const slot of slots.list()) {
      const note = slots.note(slot);
      if (note?.kept === true && note.run === run && note.step === step) await slots.remove(slot);
    }
  };

  return {
    target: { ref: repository.target, head: repository.base },
    commits: {
      message: (task, attempt) =>
        commitMessage(task, { run, attempt, style: options.commitStyle, generated: isGenerated(task.id), clean }),
      ref: (step, attempt) => `refs/heads/implement/${run}/${refName(step)}/${attempt}`,
    },
    slots(count) {
      if (!options.worktree) return Array.from({ length: count }, (_, i) => i + 1);
      const free: number[] = [];
      for (let number = 1; free.length < count; number++) {
        const slot = slots.find(number);
        if (slot === null || slots.note(slot)?.kept !== true) free.push(number);
      }
      for (const number of free) used.add(number);
      return free;
    },
    workspace(shell) {
      if (!options.worktree) {
        return createInTree({
          repository,
          shell,
          root: project.root,
          clean,
          tell,
          users,
          snapshots: snapshotsIn(state, run),
        });
      }
      places = createWorktrees({
        repository,
        slots,
        settings: settings.worktree,
        shell,
        tasksFile: input.tasksFile,
        clean,
        tell,
        inFlight,
        setAside(assignment, text) {
          const path = state.logPath(run, assignment.step, assignment.attempt).replace(/\.log$/, '.tasks.md');
          writeFileSync(path, text, { mode: 0o600 });
          return path;
        },
      });
      return places;
    },
    async integrator(verify, assign) {
      const forecast = createForecast({ repository, inFlight, clock: input.clock, clean, tell });
      const queue = await createMergeQueue({
        repository,
        follower: options.worktree ? createFollower(repository) : createIndexFollower(repository),
        inTree: !options.worktree,
        last: repository.base,
        tickText: (text, step) => boxes.tick(text, step),
        verify: options.worktree ? (merging, commit) => verifyAgain(merging, commit) : null,
        writeConflict(step, attempt, conflict) {
          writeFileSync(
            conflictPath(step, attempt),
            `${JSON.stringify({ schemaVersion: 1, task: step, attempt, ...conflict }, null, 2)}\n`,
            { mode: 0o600 },
          );
        },
        running: () => input.running(),
        tell,
        clean,
        published: (commit) => forecast.published(commit),
      });

      watched = () => {
        forecast.close();
        return queue.idle();
      };

      async function verifyAgain(merging: Merging, commit: string): Promise<Outcome> {
        const assignment = assign(merging.step, merging.attempt, merging.slot);
        if (assignment.verify === null || places === null) return { kind: 'success', verified: null };
        const slot = await slots.open(merging.slot, commit);
        const { dir, env } = places.placeOf(slot);
        // An id of its own: what the attempt left behind is being ended by the other one.
        const id = `${assignment.id}-merge`;
        const placed = { ...assignment, id, dir, env: { ...assignment.env, ...env } };
        await merging.io.verifying();
        return verify(assignment.verify, placed, { ...merging.io, spawned: () => {} });
      }

      return {
        async merge(merging, io) {
          const result = await queue.merge({ ...merging, io });
          if (result.kind === 'merged') await dropKept(merging.step);
          return result;
        },
        watch: (step) => void queue.watch(step),
        keep(step, attempt, number) {
          const slot = options.worktree ? slots.find(number) : null;
          if (slot === null) return null;
          const base = slots.note(slot)?.base ?? repository.base;
          slots.remember(slot, { run, step, attempt, base, kept: true, setup: null });
          keptFor.add(step);
          const next = Math.max(...used) + 1;
          used.add(next);
          return { dir: relative(project.root, slot.dir) || slot.dir, slot: next };
        },
      };
    },
    conflictPath,
    async close() {
      await watched();
      if (!options.worktree) return;
      await Promise.all(
        slots.list().map(async (slot) => {
          const note = slots.note(slot);
          if (note?.kept === true || !used.has(slot.number) || note === null) return;
          await slots.open(slot.number, repository.target).catch(() => null);
        }),
      );
    },
  };
}

/** An id as a part of a branch name. */
function refName(step: StepId): string {
  const safe = step
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$|\.lock$/g, '');
  return safe === step ? step : `${safe || 'task'}-${Buffer.from(step).toString('hex').slice(0, 12)}`;
}

/** Files that were not committed when the run began: remembered, because by the next session tasks have added to them. */
async function usersFiles({ state, run, ground, resume }: CommittingInput): Promise<ReadonlySet<string>> {
  const path = join(state.runDir(run), 'uncommitted.json');
  if (resume && existsSync(path)) return new Set(JSON.parse(readFileSync(path, 'utf8')) as string[]);
  const users = (await dirtyPaths(ground.repository)).map((one) => one.path);
  mkdirSync(state.runDir(run), { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify(users), { mode: 0o600 });
  return new Set(users);
}

function snapshotsIn(state: StateDir, run: string) {
  const pathOf = (step: StepId): string => state.logPath(run, step, 0).replace(/\.0\.log$/, '.before');
  return {
    get(step: StepId): string | null {
      const path = pathOf(step);
      return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
    },
    set(step: StepId, tree: string): void {
      writeFileSync(pathOf(step), `${tree}\n`, { mode: 0o600 });
    },
  };
}
