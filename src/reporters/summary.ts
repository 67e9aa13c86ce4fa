/** The summary of a run as lines: what came of it, how the time was used, what remains, what to do next. */
import type { Paint } from '../core/caret.ts';
import { counted, duration } from '../core/duration.ts';
import { deferredBy, groupReports, timingOf } from '../core/report.ts';
import type { StepView } from '../core/step.ts';
import { tagsOf } from '../core/task.ts';
import type { RunClosing } from './reporter.ts';

interface Look {
  readonly paint: Paint;
  readonly clean: (text: string) => string;
}

export function summaryOf(closing: RunClosing, look: Look): string[] {
  const { state, report } = closing;
  const { paint } = look;
  const isComplete = report.status === 'complete';
  const counts = report.counts;
  const filter = closing.selection.filter;
  const kind = filter === null ? '' : ` ${filter}`;
  const mark = closing.resumed !== null ? ' (Resumed)' : filter !== null && isComplete ? ` (${filter} Tasks)` : '';
  const lines: string[] = [
    '',
    isComplete
      ? paint.bold(`Implementation Complete ✓${mark}`)
      : paint.bold(`Implementation Partially Complete${mark}`),
    '',
    'Summary:',
  ];
  const item = (name: string, value: string): void => void lines.push(`- ${name}: ${value}`);
  item(`${kind.trim() === '' ? '' : `${kind.trim()} `}Tasks Completed`, `${counts.done}/${counts.selected}`);
  const steps = state.tasks();
  const of = (status: StepView['status']): StepView[] => steps.filter((step) => step.status === status);
  const failed = of('failed');
  const blocked = of('blocked');
  const cancelled = of('cancelled');
  const pending = of('pending');
  if (failed.length > 0) item('Tasks Failed', `${failed.length} (${ids(failed)})`);
  if (blocked.length > 0) item('Tasks Blocked', `${blocked.length} (${ids(blocked)})`);
  if (cancelled.length > 0) item('Tasks Cancelled', `${cancelled.length} (${ids(cancelled)})`);
  if (pending.length > 0) item('Tasks Not Started', `${pending.length} (${ids(pending)})`);
  if (counts.skipped > 0) item('Done Before', String(counts.skipped));
  if (counts.deferred > 0) item('Tasks Deferred', String(counts.deferred));
  if (closing.resumed !== null) {
    const before = steps.filter((step) => step.before && step.status !== 'deferred').length;
    const resumed = steps.filter((step) => step.startedAt !== null);
    item('Previously Completed', `${counted(before, 'task')}`);
    item('Resumed Tasks', `${counted(resumed.length, 'task')}`);
    for (const id of closing.resumed.reconciled.failed) {
      const step = state.step(id);
      if (step !== null) item('Failed Task Retry', `${id} (${retryResult(step)})`);
    }
    item('Resume Duration', duration(report.makespanMs));
    item('Total Duration', `${duration(closing.elapsedMs)} (across ${closing.session} sessions)`);
  } else item('Total Duration', duration(report.makespanMs));
  const timing = timingOf(steps, closing.slots);
  const ran = steps.filter((step) => step.startedAt !== null);
  if (ran.length > 0) item('Average Task Time', duration(timing.averageMs));
  if (closing.parallel && ran.length > 0) {
    item('Sequential Equivalent', duration(timing.serialMs));
    item(
      'Time Saved',
      `${duration(Math.max(0, timing.serialMs - timing.makespanMs))} (${percent(timing.saved)} faster)`,
    );
    item('Parallel Efficiency', percent(Math.min(1, timing.efficiency)));
    item('Average Parallelism', `${timing.parallelism.toFixed(1)} of ${closing.slots} slots`);
  }
  if (ran.length > 1 && timing.longest !== null && timing.shortest !== null) {
    item('Longest Task', `${duration(timing.longest.durationMs)} (${timing.longest.id})`);
    item('Shortest Task', `${duration(timing.shortest.durationMs)} (${timing.shortest.id})`);
  }
  const last = lastVerification(state.verifications(), steps);
  if (last !== null) item('Verification', look.clean(last));

  const groups = groupReports(state);
  if (groups.length > 0) {
    lines.push('', 'Phase Breakdown:');
    for (const one of groups)
      lines.push(`- ${look.clean(one.group.name)}: ${one.done}/${one.total} tasks in ${duration(one.durationMs)}`);
  }
  lines.push(...filesMade(closing, look, steps));
  lines.push(...troubles(closing, look, failed, blocked, cancelled));
  const left = deferredBy(state);
  if (counts.deferred > 0) {
    lines.push('', 'Remaining (for later):');
    const priorities = left.priorities.some(([name]) => name.startsWith('P')) ? left.priorities : [];
    const rest =
      priorities.length + left.stories.length === 0 ? steps.filter((step) => step.status === 'deferred') : [];
    if (rest.length > 0) lines.push(`  ${counted(rest.length, 'task')} (${ids(rest)})`);
    for (const [name, some] of priorities) lines.push(`  ${name}: ${counted(some.length, 'task')} (${ids(some)})`);
    for (const [name, some] of left.stories) lines.push(`  ${name}: ${counted(some.length, 'task')} (${ids(some)})`);
  }
  const next = nextSteps(
    closing,
    left.priorities.map(([name]) => name).filter((name) => name.startsWith('P')),
    left.stories.map(([name]) => name),
  );
  if (next.length > 0) lines.push('', 'Next Steps:', ...next.map((step) => `  ${step}`));
  return lines;
}

function ids(steps: readonly StepView[]): string {
  const some = steps.slice(0, 12).map((step) => step.id);
  return steps.length > some.length ? `${some.join(', ')}, … ${steps.length - some.length} more` : some.join(', ');
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

function retryResult(step: StepView): string {
  const attempts = counted(step.attempts, 'attempt');
  if (step.status === 'done') return `successful, ${attempts}`;
  if (step.status === 'skipped') return step.task?.status === 'done' ? 'done by hand' : 'skipped';
  if (step.status === 'failed') return `failed again, ${attempts}`;
  return step.status;
}

function lastVerification(verifications: readonly StepView[], tasks: readonly StepView[]): string | null {
  let latest: StepView | null = null;
  for (const step of [...tasks, ...verifications]) {
    if (step.endedAt === null) continue;
    const line = step.failure?.reason === 'verification' ? step.failure.tail.trim().split('\n').at(-1) : step.verified;
    if (line === null || line === undefined || line === '') continue;
    if (latest === null || step.endedAt >= (latest.endedAt as number)) latest = step;
  }
  if (latest === null) return null;
  return latest.failure?.reason === 'verification'
    ? `failed: ${latest.failure.tail.trim().split('\n').at(-1)}`
    : latest.verified;
}

function troubles(
  closing: RunClosing,
  look: Look,
  failed: readonly StepView[],
  blocked: readonly StepView[],
  cancelled: readonly StepView[],
): string[] {
  const lines: string[] = [];
  const { state } = closing;
  const unverified = state.verifications().filter((step) => step.status === 'failed');
  if (blocked.length > 0) {
    lines.push('', 'Blocked Tasks:');
    for (const step of blocked.slice(0, 50)) {
      const cause = step.blockedBy === null ? null : state.step(step.blockedBy);
      lines.push(`  ${line(step, look)} (blocked by ${cause?.task === null ? cause.label : step.blockedBy})`);
    }
    if (blocked.length > 50) lines.push(`  … and ${blocked.length - 50} more`);
  }
  if (cancelled.length > 0) lines.push('', 'Cancelled Tasks:', ...cancelled.map((step) => `  ${line(step, look)}`));
  // Failures stand last: what is read first in a terminal is the end.
  if (failed.length + unverified.length > 0) {
    lines.push('', failed.length + unverified.length === 1 ? 'Failed Task:' : 'Failed Tasks:');
    for (const step of [...failed, ...unverified]) {
      lines.push(`  ${line(step, look)}`);
      if (step.failure !== null) {
        lines.push(`    Error: ${look.clean(step.failure.message)}`);
        const said = step.failure.tail.trim().split('\n').at(-1) ?? '';
        const isMerge = step.failure.reason === 'merge-conflict' || step.failure.reason === 'held-back';
        if (said !== '') lines.push(`    ${isMerge ? 'To finish' : 'Output'}: ${look.clean(said).slice(0, 300)}`);
        const allowed = closing.retries + 1;
        if (step.task !== null)
          lines.push(`    Retry: ${step.attempts}/${allowed}${step.attempts >= allowed ? ' (exhausted)' : ''}`);
      }
      const log = closing.logOf(step.id, state.nextAttempt(step.id) - 1);
      if (log !== null && step.attempts > 0) lines.push(`    Log: ${log}`);
      if (step.kept !== null) lines.push(`    Worktree: ${step.kept} (kept as it is)`);
      if (step.branch !== null) lines.push(`    Branch: ${look.clean(step.branch)}`);
    }
  }
  return lines;
}

const MOST_FILES = 20;

/** What the commits of this session hold, file by file. */
function filesMade(closing: RunClosing, look: Look, steps: readonly StepView[]): string[] {
  const merged = steps.filter((step) => step.merged !== null);
  if (closing.target === null || merged.length === 0) return [];
  const lines = ['', `Commits: ${merged.length} on ${look.clean(closing.target)}`];
  for (const [how, word] of [
    ['created', 'Files Created'],
    ['modified', 'Files Modified'],
    ['deleted', 'Files Deleted'],
  ] as const) {
    const tasks = new Map<string, string[]>();
    for (const step of merged) {
      for (const file of step.merged?.files ?? []) {
        if (file.how !== how) continue;
        const own = tasks.get(file.path);
        if (own === undefined) tasks.set(file.path, [step.id]);
        else own.push(step.id);
      }
    }
    if (tasks.size === 0) continue;
    lines.push(`${word}: ${tasks.size}`);
    for (const [path, own] of [...tasks].slice(0, MOST_FILES)) lines.push(`  ${look.clean(path)} (${own.join(', ')})`);
    if (tasks.size > MOST_FILES) lines.push(`  … and ${tasks.size - MOST_FILES} more`);
  }
  return lines;
}

function line(step: StepView, look: Look): string {
  if (step.task === null) return step.label;
  const tags = tagsOf(step.task);
  return [step.id, tags, look.clean(step.task.title)].filter((part) => part !== '').join(' ');
}

function nextSteps(closing: RunClosing, priorities: readonly string[], stories: readonly string[]): string[] {
  const { report } = closing;
  const steps: string[] = [];
  const { failed, blocked, cancelled, pending } = report.counts;
  if (report.status !== 'complete') {
    const first = report.tasks.find((task) => task.status === 'failed');
    const verification = report.verifications.find((one) => one.status === 'failed');
    if (first !== undefined)
      steps.push(`Fix the cause of ${first.id}${first.log === null ? '' : ' (its log is named above)'}, then:`);
    else if (verification !== undefined) steps.push('Fix what the verification found, then:');
    const again = [
      failed > 0 ? 'tries what failed again' : '',
      blocked > 0 ? 'then runs what it blocked' : '',
      failed + blocked === 0 && cancelled + pending > 0 ? 'goes on where this stopped' : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
    steps.push(`${closing.continueCommand}${again === '' ? '' : `   # ${again}`}`);
  }
  if (report.status === 'complete') {
    for (const name of priorities.slice(0, 2)) steps.push(closing.filterCommand(name));
    if (priorities.length === 0) for (const name of stories.slice(0, 2)) steps.push(closing.filterCommand(name));
  }
  return steps;
}
