/** `implement status`: where the last run of the file stands. */

import { duration } from '../core/duration.ts';
import { select } from '../core/filter.ts';
import type { History } from '../core/history.ts';
import type { Plan } from '../core/plan.ts';
import { reconcile } from '../core/reconcile.ts';
import type { Task } from '../core/task.ts';
import { BAD_INPUT, type CommandIo, OK } from './command.ts';

export interface StatusView {
  readonly plan: Plan;
  readonly history: History | null;
  /** Who works on the run now, in words, or `null`. */
  readonly live: string | null;
  readonly json: boolean;
  readonly continueCommand: string;
}

export function statusCommand(view: StatusView, io: CommandIo): number {
  const { plan, history } = view;
  const hasErrors = plan.diagnostics.some((one) => one.severity === 'error');
  const known = reconcile(plan, history, true);
  const done = plan.tasks.filter((task) => known.settled.has(task.id));
  const failed = plan.tasks.filter((task) => known.failed.has(task.id) && !known.settled.has(task.id));
  const running = view.live === null ? [] : plan.tasks.filter((task) => history?.inFlight.has(task.id) === true);
  const chosen = select(plan, history?.options.filter ?? [], history?.options.only ?? false, known.failed);
  const isSelected = (task: Task): boolean => !chosen.ok || chosen.value.selected.has(task.id);
  const left = plan.tasks.filter(
    (task) => !known.settled.has(task.id) && !failed.includes(task) && !running.includes(task),
  );
  const open = left.filter(isSelected);
  const deferred = left.filter((task) => !isSelected(task));
  const status =
    history === null
      ? 'none'
      : view.live !== null
        ? 'running'
        : history.status === 'running'
          ? 'interrupted'
          : history.status;
  if (view.json) {
    io.output.out(
      JSON.stringify(
        {
          schemaVersion: 1,
          file: plan.source.name,
          runId: history?.run ?? null,
          status,
          sessions: history?.sessions ?? 0,
          startedAt: history === null ? null : new Date(history.startedAt).toISOString(),
          elapsedMs: history?.elapsedMs ?? 0,
          counts: {
            total: plan.tasks.length,
            done: done.length,
            failed: failed.length,
            running: running.length,
            pending: open.length,
            deferred: deferred.length,
          },
          failed: failed.map((task) => ({
            id: task.id,
            message: io.clean(history?.failed.get(task.id)?.message ?? ''),
            reason: history?.failed.get(task.id)?.reason ?? null,
          })),
          running: running.map((task) => task.id),
        },
        null,
        2,
      ),
    );
    return hasErrors ? BAD_INPUT : OK;
  }
  const { out } = io.output;
  out(`${io.paint.bold(io.clean(plan.source.name))}: ${done.length}/${plan.tasks.length} tasks done`);
  if (history === null) {
    out('No run yet.');
    return hasErrors ? BAD_INPUT : OK;
  }
  const words = {
    none: '',
    running: `is running (${view.live})`,
    interrupted: 'was interrupted',
    partial: 'ended with something left',
    complete: 'is complete',
  }[status];
  out(
    `Run ${history.run} ${words}: ${history.sessions} ${history.sessions === 1 ? 'session' : 'sessions'}, ${duration(history.elapsedMs)} in all`,
  );
  if (running.length > 0) out(`Running: ${list(running, io)}`);
  for (const task of failed) {
    const failure = history.failed.get(task.id);
    out(
      `${io.paint.error('✗')} ${name(task, io)}${failure === null || failure === undefined ? '' : `: ${io.clean(failure.message)}`}`,
    );
  }
  if (open.length > 0) out(`Open: ${list(open, io)}`);
  if (deferred.length > 0) out(`Deferred by --filter=${history.options.filter.join(',')}: ${list(deferred, io)}`);
  if (view.live === null && (failed.length > 0 || open.length > 0)) out(`Go on with: ${view.continueCommand}`);
  return hasErrors ? BAD_INPUT : OK;
}

function name(task: Task, io: CommandIo): string {
  return `${task.id} ${io.clean(task.title)}`;
}

function list(tasks: readonly Task[], io: CommandIo): string {
  const some = tasks.slice(0, 15).map((task) => io.clean(task.id));
  return tasks.length > some.length ? `${some.join(', ')}, … (${tasks.length} in all)` : some.join(', ');
}
