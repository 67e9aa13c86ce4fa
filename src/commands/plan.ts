/** `implement plan`, and `--dry-run`: what would run, wave by wave, and everything that was noticed. */
import { plainDiagnostic } from '../core/caret.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { counted } from '../core/duration.ts';
import { type Selection, select } from '../core/filter.ts';
import type { Plan } from '../core/plan.ts';
import { generationsOf, rankOf } from '../core/rank.ts';
import type { Overlap } from '../core/ready.ts';
import type { Uses } from '../core/resources.ts';
import { type Task, type TaskId, tagsOf } from '../core/task.ts';
import { scheduleOf, settledIn } from '../core/waves.ts';
import { BAD_INPUT, type CommandIo, OK, printDiagnostics } from './command.ts';

export interface PlanView {
  readonly plan: Plan;
  readonly filter: readonly string[];
  readonly only: boolean;
  readonly overlap: Exclude<Overlap, 'serial'>;
  /** `null`: without a limit, to show what may overlap. */
  readonly slots: number | null;
  /** Resources that tasks share. */
  readonly uses: Uses;
  /** The run would be parallel. */
  readonly parallel: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Ids that failed in the last run, for `--filter=failed`. */
  readonly failed: ReadonlySet<TaskId>;
}

export function planCommand(view: PlanView, io: CommandIo): number {
  const { plan } = view;
  const chosen = select(plan, view.filter, view.only, view.failed);
  const diagnostics = [
    ...plan.diagnostics,
    ...(chosen.ok ? chosen.warnings : chosen.diagnostics),
    ...view.uses.diagnostics,
  ];
  const hasErrors = diagnostics.some((one) => one.severity === 'error');
  const selection: Selection = chosen.ok
    ? chosen.value
    : { filter: view.filter.join(','), selected: new Set(), neededBy: new Map() };
  const facts = factsOf(view, selection);
  if (view.json) {
    io.output.out(JSON.stringify(asJson(view, selection, facts, diagnostics)));
    return hasErrors ? BAD_INPUT : OK;
  }
  if (hasErrors) {
    printDiagnostics(
      io,
      diagnostics.filter((one) => one.severity !== 'info'),
      plan.source,
    );
    return BAD_INPUT;
  }
  for (const line of asText(view, selection, facts, io)) io.output.out(line);
  const noticed = view.verbose
    ? diagnostics
    : diagnostics.filter((one) => one.code !== 'moved' || plan.tasks.length < 500);
  if (noticed.length > 0) io.output.out('');
  // Part of what was asked for, so on standard output with the rest.
  printDiagnostics({ ...io, output: { ...io.output, err: io.output.out } }, noticed, plan.source);
  return OK;
}

interface Facts {
  readonly waves: readonly (readonly TaskId[])[];
  readonly unreached: readonly TaskId[];
  readonly criticalPath: readonly TaskId[];
  readonly open: number;
}

function factsOf(view: PlanView, selection: Selection): Facts {
  const { plan } = view;
  const settled = settledIn(plan);
  const slots = view.slots ?? Number.POSITIVE_INFINITY;
  const schedule = scheduleOf(plan, selection.selected, view.overlap, slots, settled, view.uses);
  const rank = rankOf(plan, (id) => (selection.selected.has(id) && !settled.has(id) ? 1 : 0));
  const open = plan.tasks.filter((task) => task.status === 'open' && selection.selected.has(task.id)).length;
  return { ...schedule, criticalPath: rank.criticalPath, open };
}

function asJson(view: PlanView, selection: Selection, facts: Facts, diagnostics: readonly Diagnostic[]): object {
  const { plan } = view;
  return {
    schemaVersion: 1,
    file: plan.source.name,
    dialect: plan.dialect,
    tasks: plan.tasks.map((task) => ({
      id: task.id,
      title: task.title,
      line: task.line,
      status: task.status,
      parallel: task.parallel,
      stories: task.stories,
      priority: task.priority,
      phase: plan.phases[task.phase]?.heading?.text ?? null,
      group: task.group,
      labels: task.labels,
      paths: task.paths,
      target: task.target,
      selected: selection.selected.has(task.id),
      deferredBy: selection.selected.has(task.id) ? null : selection.filter,
    })),
    gates: plan.gates,
    edges: plan.edges.map((edge) => ({
      from: edge.from,
      to: edge.to,
      kind: edge.kind,
      line: plainLine(plan, edge.because.span.start),
      reason: edge.reason,
    })),
    waves: facts.waves,
    generations: generationsOf(plan),
    criticalPath: facts.criticalPath,
    checklists: plan.checklists,
    diagnostics: diagnostics.map((one) => plainDiagnostic(one, plan.source)),
  };
}

const lineCache = new WeakMap<Plan, Map<number, number>>();

/** Line of an offset; edges of one reason share a place, so it is looked up once. */
function plainLine(plan: Plan, offset: number): number {
  let lines = lineCache.get(plan);
  if (lines === undefined) {
    lines = new Map();
    lineCache.set(plan, lines);
  }
  let line = lines.get(offset);
  if (line === undefined) {
    line = plainDiagnostic(
      {
        code: 'usage',
        severity: 'info',
        message: '',
        at: { file: '', span: { start: offset, end: offset } },
        related: [],
        hint: null,
      },
      plan.source,
    ).line as number;
    lines.set(offset, line);
  }
  return line;
}

/** Longest list of waves that is printed without `-v`. */
const MANY_WAVES = 60;

function asText(view: PlanView, selection: Selection, facts: Facts, io: CommandIo): string[] {
  const { plan } = view;
  const { paint } = io;
  const counts = { done: 0, skipped: 0, marked: 0, deferred: 0 };
  const stories = new Map<string, number>();
  for (const task of plan.tasks) {
    if (task.status === 'done') counts.done++;
    if (task.status === 'skipped') counts.skipped++;
    if (task.parallel) counts.marked++;
    if (task.status === 'open' && !selection.selected.has(task.id)) counts.deferred++;
    for (const story of task.stories) stories.set(story, (stories.get(story) ?? 0) + 1);
  }
  const lines = [
    `${paint.bold(io.clean(plan.source.name))}: ${counted(plan.tasks.length, 'task')} (${plan.dialect}), ${counts.marked} parallelizable [P]`,
    `  ${[`${facts.open} to run`, `${counts.done} done`, ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []), ...(counts.deferred > 0 ? [`${counts.deferred} deferred by --filter=${selection.filter}`] : [])].join(', ')}`,
  ];
  if (stories.size > 0) lines.push(`  Stories: ${[...stories].map(([story, n]) => `${story} (${n})`).join(', ')}`);
  if (plan.checklists > 0)
    lines.push(
      `  ${plan.checklists} checkboxes without a task id are checklists, not tasks (${plan.checklistsDone} ticked)`,
    );
  for (const [id, by] of [...selection.neededBy].slice(0, 20)) lines.push(`  ${id}: needed by ${by}`);
  if (selection.neededBy.size > 20)
    lines.push(`  … and ${selection.neededBy.size - 20} more tasks that the selected ones need`);
  lines.push('', ...waveLines(view, facts, io));
  if (facts.unreached.length > 0) {
    lines.push(`  Never reached, because what they need is outside the filter: ${some(facts.unreached, 20)}`);
  }
  if (facts.open === 0) {
    lines.push('Nothing to run: everything selected is done.');
    return lines;
  }
  const steps = facts.waves.length;
  lines.push('', `Critical path (${facts.criticalPath.length}): ${some(facts.criticalPath, 30, ' → ')}`);
  const speed = facts.open / Math.max(1, steps);
  lines.push(
    `Ideal speed-up over serial: ${speed.toFixed(2)}x (${counted(facts.open, 'task')} in ${counted(steps, 'step')}${view.slots === null ? '' : ` on ${view.slots} slots`}, if all took the same time)`,
  );
  if (!view.parallel)
    lines.push(paint.dim('Without --parallel the tasks run one at a time, in the order of the file.'));
  return lines;
}

/** Single tasks in a row are one stretch, a batch side by side another. */
function waveLines(view: PlanView, facts: Facts, io: CommandIo): string[] {
  const lines: string[] = [];
  const { plan } = view;
  const name = (id: TaskId): string => {
    const task = plan.byId.get(id) as Task;
    const marks = [task.parallel ? '[P]' : '', tagsOf(task)].filter((mark) => mark !== '').join(' ');
    const title = io.clean(task.title);
    return `    ${[id, marks, title.length > 80 ? `${title.slice(0, 79)}…` : title].filter((part) => part !== '').join(' ')}`;
  };
  let wave = 0;
  let stretches = 0;
  while (wave < facts.waves.length) {
    if (++stretches > MANY_WAVES && !view.verbose) {
      lines.push(`  … and ${facts.waves.length - wave} more waves (-v shows all)`);
      break;
    }
    const batch = facts.waves[wave] as readonly TaskId[];
    if (batch.length > 1) {
      lines.push(
        `  Wave ${wave + 1}: ${batch.length} tasks side by side`,
        ...batch.slice(0, view.verbose ? undefined : 40).map(name),
      );
      if (!view.verbose && batch.length > 40) lines.push(`    … and ${batch.length - 40} more`);
      wave++;
      continue;
    }
    const first = wave;
    const row: TaskId[] = [];
    while (wave < facts.waves.length && (facts.waves[wave] as readonly TaskId[]).length === 1)
      row.push((facts.waves[wave++] as readonly TaskId[])[0] as TaskId);
    lines.push(
      row.length === 1 ? `  Wave ${wave}: 1 task` : `  Waves ${first + 1}–${wave}: ${row.length} tasks in a row`,
    );
    lines.push(...row.slice(0, view.verbose ? undefined : 40).map(name));
    if (!view.verbose && row.length > 40) lines.push(`    … and ${row.length - 40} more`);
  }
  return lines;
}

function some(ids: readonly TaskId[], most: number, joint = ', '): string {
  return ids.length <= most
    ? ids.join(joint)
    : `${ids.slice(0, most).join(joint)}${joint}… (${ids.length - most} more)`;
}
