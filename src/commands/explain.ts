/** `implement explain ID`: why a task waits, what waits for it, what may run beside it, and which resources it shares. */
import { blockedBy, type Plan, related } from '../core/plan.ts';
import type { Uses } from '../core/resources.ts';
import { placeOf } from '../core/source.ts';
import { nearest } from '../core/suggest.ts';
import { type Edge, type Task, tagsOf } from '../core/task.ts';
import { BAD_INPUT, type CommandIo, OK } from './command.ts';

export interface ExplainView {
  readonly plan: Plan;
  readonly uses: Uses;
  readonly id: string;
  readonly json: boolean;
}

interface Reason {
  readonly from: readonly string[];
  readonly edge: Edge;
}

export function explainCommand(view: ExplainView, io: CommandIo): number {
  const { plan } = view;
  const task = plan.tasks.find((one) => one.id.toLowerCase() === view.id.toLowerCase());
  if (task === undefined) {
    const near = nearest(view.id, plan.byId.keys());
    const message = `There is no task ${io.clean(view.id)} in ${plan.source.name}.${near === null ? '' : ` Did you mean ${near}?`}`;
    if (view.json)
      io.output.out(
        JSON.stringify({
          schemaVersion: 1,
          exitCode: BAD_INPUT,
          diagnostics: [{ severity: 'error', code: 'unknown-id', message, line: null, column: null, hint: null }],
        }),
      );
    else io.output.err(`${io.paint.error('error[unknown-id]')}: ${message}`);
    return BAD_INPUT;
  }
  const reasons = reasonsOf(plan, task);
  const before = related(plan, task.id, 'in');
  const behind = related(plan, task.id, 'out');
  const blocked = blockedBy(plan, task.id);
  const ordered = new Set([...before, ...behind, task].map((one) => one.id));
  const beside = plan.tasks.filter((one) => !ordered.has(one.id) && one.status === 'open');
  const uses = usesOfTask(view.uses, task);
  if (view.json) {
    io.output.out(
      JSON.stringify({
        schemaVersion: 1,
        id: task.id,
        line: task.line,
        waitsFor: reasons.map(({ from, edge }) => ({
          tasks: from,
          kind: edge.kind,
          line: placeOf(plan.source, edge.because.span.start).line,
          reason: edge.reason,
        })),
        after: before.map((one) => one.id),
        before: behind.map((one) => one.id),
        blocks: blocked.map((one) => one.id),
        beside: beside.map((one) => one.id),
        uses: uses.map(({ resource, slots, when, because }) => ({ resource, slots, when, because })),
      }),
    );
    return OK;
  }
  const { out } = io.output;
  const where = (edge: Edge): string => {
    const { line, column } = placeOf(plan.source, edge.because.span.start);
    return `${io.clean(plan.source.name)}:${line}:${column}`;
  };
  const marks = [task.parallel ? '[P]' : '', tagsOf(task)].filter((mark) => mark !== '').join(' ');
  out(io.paint.bold([task.id, marks, io.clean(task.title)].filter((part) => part !== '').join(' ')));
  out(
    `  ${io.clean(plan.source.name)}:${task.line}, ${task.status}${task.priority === null ? '' : `, P${task.priority}`}, ${io.clean(plan.phases[task.phase]?.name ?? '')}${task.group === null ? '' : ` / ${io.clean(task.group)}`}`,
  );
  if (task.target !== null) out(`  changes ${io.clean(task.target)}`);
  out('');
  if (reasons.length === 0) out('It waits for nothing.');
  else {
    out('It waits for:');
    for (const { from, edge } of reasons) {
      out(
        `  ${io.paint.bold(some(from))} ${io.paint.dim(`(${edge.kind})`)}${edge.kind === 'hint' || edge.kind === 'conflict' ? ' to end, done or not' : ''}`,
      );
      out(`    ${where(edge)}: ${io.clean(edge.reason)}`);
    }
    const further = before.filter((one) => !reasons.some(({ from }) => from.includes(one.id)));
    if (further.length > 0) out(`  and through these: ${some(further.map((one) => one.id))}`);
  }
  out('');
  out(
    behind.length === 0
      ? 'Nothing waits for it.'
      : `What waits for it (${behind.length}): ${some(behind.map((one) => one.id))}`,
  );
  if (behind.length > 0)
    out(
      `If it fails, these cannot run (${blocked.length}): ${blocked.length === 0 ? 'none' : some(blocked.map((one) => one.id))}`,
    );
  const marked = beside.filter((one) => one.parallel && task.parallel);
  if (task.parallel)
    out(
      `May run beside it${beside.length === 0 ? ': nothing' : ` (both marked [P]): ${marked.length === 0 ? 'nothing' : some(marked.map((one) => one.id))}`}`,
    );
  else out('It is not marked [P]: in a shared tree it runs alone.');
  const lanes = beside.filter(
    (one) =>
      !(one.parallel && task.parallel) &&
      !(plan.lanes[one.index] as readonly string[]).some((lane) =>
        (plan.lanes[task.index] as readonly string[]).includes(lane),
      ),
  );
  if (lanes.length > 0) out(`With --overlap=stories also beside: ${some(lanes.map((one) => one.id))}`);
  if (uses.length > 0) out('');
  for (const { resource, slots, when, because } of uses) {
    const subject = when === 'work' ? 'It uses' : 'Its verification uses';
    out(`${subject} ${io.clean(resource)} (${slots} at a time)${because === null ? '' : `: ${io.clean(because)}`}`);
  }
  return OK;
}

interface UseOfTask {
  readonly resource: string;
  /** How many may use it at the same time. */
  readonly slots: number;
  readonly when: 'work' | 'verification';
  readonly because: string | null;
}

/** While it is verified a task uses both: what its work does, and what verifications do. */
function usesOfTask({ tasks, verifications, slots }: Uses, task: Task): UseOfTask[] {
  const own = tasks.get(task.id) ?? [];
  const shared = verifications.filter((name) => !own.some((use) => use.resource === name));
  const slotsOf = (name: string): number => slots.get(name) as number;
  return [
    ...own.map(({ resource, because }) => ({ resource, slots: slotsOf(resource), when: 'work', because }) as const),
    ...shared.map((resource) => ({ resource, slots: slotsOf(resource), when: 'verification', because: null }) as const),
  ];
}

/** Direct edges into the task; those through a gate are told with the tasks before the gate. */
function reasonsOf(plan: Plan, task: Task): Reason[] {
  const reasons: Reason[] = [];
  const seen = new Set<string>();
  const visit = (node: string): void => {
    const direct = new Map<string, { from: string[]; edge: Edge }>();
    plan.network.forEachInboundEdge(node, (_edge, data, from) => {
      const edge: Edge = { from, to: node, kind: data.kind, because: data.because, reason: data.reason };
      if (plan.byId.has(from)) {
        const key = `${data.kind} ${data.because.span.start} ${data.reason}`;
        const known = direct.get(key);
        if (known === undefined) direct.set(key, { from: [from], edge });
        else known.from.push(from);
      } else if (!seen.has(from)) {
        seen.add(from);
        visit(from);
      }
    });
    reasons.push(...direct.values());
  };
  visit(task.id);
  const rank = { explicit: 0, sequence: 1, barrier: 2, hint: 3, conflict: 4, verification: 5 } as const;
  return reasons.sort((a, b) => rank[a.edge.kind] - rank[b.edge.kind]);
}

function some(ids: readonly string[]): string {
  return ids.length <= 25 ? ids.join(', ') : `${ids.slice(0, 25).join(', ')}, … (${ids.length - 25} more)`;
}
