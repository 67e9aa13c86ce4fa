/** Plain lines: what was found, one line per ending, the summary. The same with and without a terminal. */

import { draw } from '../core/caret.ts';
import { filesLine } from '../core/change.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { clockTime, counted, duration } from '../core/duration.ts';
import type { Failure, RunEvent } from '../core/event.ts';
import type { RunState } from '../core/state.ts';
import type { StepView } from '../core/step.ts';
import { tagsOf } from '../core/task.ts';
import type { Reporter, ReporterOptions, RunOpening } from './reporter.ts';
import { summaryOf } from './summary.ts';

export function createPlainReporter(options: ReporterOptions): Reporter {
  const { output, paint, verbosity, clean } = options;
  const tell = (text: string): void => {
    if (verbosity >= 0) output.err(text);
  };
  let opening: RunOpening | null = null;
  let startedAt = options.now();
  let blockedSeen = 0;

  /** `T003 [US1] Create auth service`, without control codes, at most a line long. */
  const named = (step: StepView): string => {
    if (step.task === null) return clean(step.label);
    const tags = tagsOf(step.task);
    const title = clean(step.task.title);
    return [step.id, tags, title.length > 90 ? `${title.slice(0, 89)}…` : title]
      .filter((part) => part !== '')
      .join(' ');
  };
  /** Ends that were told, not ends that there are: several may have been applied before the first is told. */
  let ended = 0;
  const progress = (state: RunState): string => `[${ended}/${state.counts.selected}]`;
  /** ` · slot 2 · 00:27` in parallel runs. */
  const where = (slot: number | null, time: number): string =>
    opening?.parallel === true && slot !== null ? paint.dim(` · slot ${slot} · ${clockTime(time - startedAt)}`) : '';
  const slots = new Map<string, number>();

  const failed = (step: StepView, state: RunState, time: number): void => {
    const { failure } = step;
    if (failure === null) return;
    const allowed = (opening?.retries ?? 0) + 1;
    const tries = step.task === null ? '' : `, ${step.attempts}/${allowed} attempts`;
    output.err(
      `${progress(state)} ${paint.error('✗')} ${named(step)} (${duration(step.durationMs)})${where(slots.get(step.id) ?? null, time)}`,
    );
    output.err(`      ${paint.error(clean(failure.message))}${tries}`);
    for (const line of lastLines(failure.tail)) output.err(`      ${paint.dim('│')} ${line}`);
    const log = logs(step.id, state.nextAttempt(step.id) - 1);
    if (log !== null) output.err(`      ${paint.dim(`log: ${log}`)}`);
    if (step.kept !== null) output.err(`      ${paint.dim(`worktree: ${step.kept}`)}`);
  };
  /** An attempt came to its end: done, to be tried again, or failed. */
  const ending = (
    step: StepView,
    state: RunState,
    time: number,
    failure: Failure | null,
    retryAt: number | null,
  ): void => {
    if (step.task !== null && retryAt === null) ended++;
    const slot = slots.get(step.id) ?? null;
    if (failure === null) {
      const note = step.task === null && step.verified !== null ? `: ${clean(step.verified)}` : '';
      tell(
        `${progress(state)} ${paint.info('✓')} ${named(step)}${note} (${duration(step.durationMs)})${where(slot, time)}`,
      );
      if (step.merged !== null && step.merged.files.length > 0)
        tell(`      ${paint.dim(clean(filesLine(step.merged.files, 6)))}`);
    } else if (retryAt !== null) {
      const allowed = (opening?.retries ?? 0) + 1;
      const again = retryAt > time ? `next in ${duration(retryAt - time)}` : 'again at once';
      output.err(
        `${progress(state)} ${paint.warning('↻')} ${named(step)}: ${clean(failure.message)}; attempt ${step.attempts - step.conflicts + (failure.reason === 'merge-conflict' ? 1 : 0)}/${allowed}, ${again}`,
      );
      if (verbosity > 0) for (const line of lastLines(failure.tail)) output.err(`      ${paint.dim('│')} ${line}`);
    } else failed(step, state, time);
    for (; blockedSeen < state.blocked.length; blockedSeen++) tellBlocked(state, state.blocked[blockedSeen] as string);
  };
  let logs: (step: string, attempt: number) => string | null = () => null;

  return {
    begin(run) {
      opening = run;
      startedAt = options.now();
      logs = run.logOf;
      for (const line of openingLines(run, clean)) tell(line);
      const { done, failed: lost, cancelled } = run.state.counts;
      ended = done + lost + cancelled;
      blockedSeen = run.state.blocked.length;
      for (const id of run.state.blocked) tellBlocked(run.state, id);
    },
    on(event: RunEvent, state: RunState) {
      if (event.kind === 'attempt-started' || event.kind === 'merge-resumed') {
        slots.set(event.step, event.slot);
        const step = state.step(event.step);
        if (verbosity > 0 && step !== null)
          tell(
            `      ${paint.dim('▸')} ${named(step)}${event.kind === 'merge-resumed' ? ' (only to be merged)' : event.attempt > 1 ? ` (attempt ${step.attempts})` : ''}${where(event.slot, event.time)}`,
          );
      } else if (event.kind === 'attempt-ended') {
        const step = state.step(event.step);
        if (step === null) return;
        if (event.outcome.kind === 'success' && event.outcome.change !== undefined) {
          // It is told when it has joined the target.
        } else
          ending(
            step,
            state,
            event.time,
            event.outcome.kind === 'success' ? null : event.outcome.failure,
            event.retryAt,
          );
      } else if (event.kind === 'merge-ended') {
        const step = state.step(event.step);
        if (step === null) return;
        ending(step, state, event.time, event.result.kind === 'merged' ? null : event.result.failure, event.retryAt);
      } else if (event.kind === 'interrupted') {
        const n = state.running.size;
        const running = n === 0 ? 'nothing is running' : `${n} ${n === 1 ? 'task is' : 'tasks are'} running`;
        const what = [
          `nothing new is started, ${running}; press again to end ${n === 1 ? 'it' : 'them'}`,
          `ending what runs (${n})`,
          'killing what runs',
        ][event.stage - 1] as string;
        output.err(paint.warning(`${event.signal}: ${what}`));
      } else if (event.kind === 'box-restored') {
        output.err(
          paint.warning(`      the box of ${event.task} was ticked while it ran, but it is not done: it is open again`),
        );
      }
    },
    note(diagnostic: Diagnostic) {
      if (verbosity < 0 && diagnostic.severity === 'info') return;
      output.err(draw(diagnostic, opening?.state.plan.source ?? null, paint));
    },
    end(closing) {
      for (const line of summaryOf(closing, { paint, clean })) output.out(line);
    },
  };

  function tellBlocked(state: RunState, id: string): void {
    const step = state.step(id);
    if (step === null || step.task === null) return;
    const cause = step.blockedBy === null ? null : state.step(step.blockedBy);
    const by =
      cause === null
        ? 'what it needs'
        : cause.task === null
          ? cause.label
          : `${cause.id}${cause.status === 'deferred' ? ', which is outside the filter' : ''}`;
    tell(`      ${paint.warning('⊘')} ${named(step)}: blocked by ${by}`);
  }

  function lastLines(tail: string): string[] {
    return clean(tail)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(verbosity > 0 ? -40 : -8);
  }
}

function openingLines(run: RunOpening, clean: (text: string) => string): string[] {
  const { plan, counts } = run.state;
  const lines: string[] = [];
  if (run.resumed !== null) {
    const { history, reconciled } = run.resumed;
    const done = reconciled.settled.size;
    lines.push('Loaded checkpoint from current-session.md');
    lines.push(`  run ${history.run}, session ${run.session}`);
    const failed = [...reconciled.failed].filter((id) => !reconciled.settled.has(id));
    const again = failed.filter((id) => run.state.step(id)?.status !== 'deferred').length;
    lines.push(
      `  Found ${counted(done, 'completed task')}, ${failed.length} failed${failed.length > 0 ? ` (${failed.slice(0, 10).join(', ')})` : ''}, ${counts.pending + counts.blocked - again} pending`,
    );
  }
  const stories = new Map<string, number>();
  let marked = 0;
  for (const task of plan.tasks) {
    if (task.parallel) marked++;
    for (const story of task.stories) stories.set(story, (stories.get(story) ?? 0) + 1);
  }
  const before = counts.skipped;
  lines.push(
    `${clean(plan.source.name)}: ${counted(plan.tasks.length, 'task')}${marked > 0 ? `, ${marked} parallelizable [P]` : ', no [P] markers'}${before > 0 ? `, ${before} done before` : ''}${counts.deferred > 0 ? `, ${counts.deferred} deferred by --filter=${run.selection.filter}` : ''}`,
  );
  if (stories.size > 0) lines.push(`  Stories: ${[...stories].map(([story, n]) => `${story} (${n})`).join(', ')}`);
  lines.push(
    `  Graph: ${counted(plan.edges.length, 'edge')}, ${counted(run.waves, 'wave')}, critical path ${counted(run.criticalPath, 'task')}`,
  );
  const needed = [...run.selection.neededBy];
  for (const [id, by] of needed.slice(0, 10)) lines.push(`  ${id}: needed by ${by}`);
  if (needed.length > 10) lines.push(`  … and ${needed.length - 10} more tasks that the selected ones need`);
  if (counts.pending === 0 && counts.blocked === 0) lines.push('Nothing to run: everything selected is done.');
  else
    lines.push(
      run.parallel
        ? `Running ${counted(counts.pending, 'task')}, up to ${run.slots} side by side (run ${run.run})`
        : `Running ${counted(counts.pending, 'task')}, one at a time (run ${run.run})`,
    );
  return lines;
}
