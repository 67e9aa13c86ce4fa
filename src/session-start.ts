import { type Diagnostic, error, fail, info, ok, type Result, warning } from './core/diagnostic.ts';
import type { RunEvent, RunEventBody, RunOptions } from './core/event.ts';
import type { History } from './core/history.ts';
import { type Rank, rankOf } from './core/rank.ts';
import type { Reconciled } from './core/reconcile.ts';
import type { Uses } from './core/resources.ts';
import { RunState } from './core/state.ts';
import { addVerifications } from './core/verification.ts';
import type { Ground } from './ground.ts';
import { openJournal } from './journal/event-log.ts';
import type { Journal } from './journal/journal.ts';
import type { StateDir } from './journal/state-dir.ts';
import type { Past } from './past.ts';
import { owedBy, type Prepared } from './prepare.ts';
import type { Project } from './project.ts';
import { COMMANDS, FLAG, type RunEnvironment, type RunRequest } from './request.ts';
import { endOrphans } from './runners/process.ts';

export interface SessionInput {
  readonly request: RunRequest;
  readonly environment: RunEnvironment;
  readonly project: Project;
  readonly options: RunOptions;
  /** The repository, where done tasks become commits. */
  readonly ground: Ground | null;
  readonly state: StateDir;
  readonly id: string;
  readonly resume: boolean;
  readonly past: Past | null;
  /** Processes of the last session that were ended on the way here. */
  readonly ended: number;
  /** Run of the dead owner that held the lock, of whatever file; `null`: nobody did. */
  readonly cutOff: string | null;
  readonly prepared: Prepared;
  /** What was noticed on the way here; told once the run has been introduced. */
  readonly notices: readonly Diagnostic[];
}

/** Ends what the last session of this run left, and what the dead owner of the lock did; gives how many there were. */
export async function endLeftovers(
  { request, environment, cutOff }: SessionInput,
  last: History | null,
): Promise<number> {
  const runs = new Map<string, History['processes']>();
  if (cutOff !== null) runs.set(cutOff, []);
  if (last !== null && (last.status === 'running' || cutOff === last.run)) runs.set(last.run, last.processes);
  let ended = 0;
  for (const [run, known] of runs) ended += await endOrphans(run, known, request.graceMs, environment.clock);
  return ended;
}

/** What the user should know about the way this session relates to the last one. */
export function noticesOf(input: SessionInput, clean: (text: string) => string): Diagnostic[] {
  const { request, resume, past, options } = input;
  const history = past?.history ?? null;
  const notices: Diagnostic[] = [];
  if (request.resume && history === null) {
    notices.push(info('no-session', 'There is no session to continue; this starts one.', null));
  }
  if (!resume && history !== null && history.status !== 'complete') {
    notices.push(
      info(
        'unfinished-run',
        `Run ${history.run} was not finished. This starts a new one; to go on with that one, stop this and say: implement --continue`,
        null,
      ),
    );
  }
  const stored = resume ? COMMANDS.filter((name) => options[name] !== null && request.given[name] === undefined) : [];
  if (stored.length > 0) {
    const said = stored.map((name) => `${FLAG[name]} ${clean(options[name] ?? '')}`).join('\n  ');
    notices.push(warning('stored-command', `The session's own commands are used again:\n  ${said}`, null));
  }
  return notices;
}

/** What a journal that starts anew takes over from the checkpoint that people read, under the ids of this session. */
export function adoptedFrom(
  continued: History | null,
  past: Past | null,
  settled: Reconciled['settled'],
): RunEventBody[] {
  if (continued === null || past?.validBytes !== null) return [];
  const done = [...settled].flatMap(([task, how]) => (how === 'done' ? [task] : []));
  return [{ kind: 'adopted', done, verified: [...continued.verified], elapsedMs: continued.elapsedMs }];
}

/** Opens the journal where it left off, and appends the first events of the session. */
export async function startJournal(
  input: SessionInput,
  bodies: readonly RunEventBody[],
): Promise<Result<{ readonly journal: Journal; readonly seq: number }>> {
  const { past, resume, environment } = input;
  const keep = resume ? (past?.validBytes ?? null) : null;
  const opened = await openJournal(input.state.journalPath(input.id), keep === null ? {} : { truncateTo: keep });
  if (!opened.ok) return opened;
  let seq = keep === null ? 0 : (past as Past).history.seq;
  const time = environment.clock.now();
  const written = await Promise.allSettled(
    bodies.map((body) => opened.value.append({ ...body, seq: ++seq, time } as RunEvent)),
  );
  const broken = written.find((one) => one.status === 'rejected');
  if (broken === undefined) return ok({ journal: opened.value, seq });
  await opened.value.close().catch(() => {});
  const why = broken.status === 'rejected' && broken.reason instanceof Error ? broken.reason.message : 'unknown';
  return fail(
    error('state-broken', `The journal cannot be written: ${why}`, null, {
      hint: 'Nothing was run. Is the disk full?',
    }),
  );
}

export function rankFor({ prepared }: SessionInput): Rank {
  const { plan, selection, reconciled } = prepared;
  const known = [...reconciled.durations.values()];
  const usual = known.length === 0 ? 1 : Math.max(1, known.reduce((sum, ms) => sum + ms, 0) / known.length);
  return rankOf(plan, (task) => {
    if (reconciled.settled.has(task) || !selection.selected.has(task)) return 0;
    return reconciled.durations.get(task) ?? usual;
  });
}

export function stateFor(
  { prepared, options }: SessionInput,
  rank: Rank,
  uses: Uses,
  continued: History | null,
): RunState {
  const { plan, selection, reconciled, verify } = prepared;
  const verifications = addVerifications(plan, { phase: verify.phase !== null, end: verify.end !== null });
  const owed = continued === null ? [] : owedBy(plan, verifications, continued, reconciled);
  return new RunState({
    plan,
    rank,
    selected: selection.selected,
    settled: reconciled.settled,
    verifications,
    owed: new Set(owed),
    overlap: options.parallel ? options.overlap : 'serial',
    failFast: options.failFast,
    maxFailures: options.maxFailures,
    isolated: options.worktree,
    uses,
    unmerged: reconciled.unmerged,
    earlier: reconciled.attempts,
  });
}
