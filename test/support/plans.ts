/** Task files in short form and plans as lists of pairs, for tests of the reading. */

import { buildPlan, type Plan } from '../../src/core/plan.ts';
import type { EdgeKind } from '../../src/core/task.ts';
import { parse } from '../../src/read.ts';

/** `T001 [P] a` on a line of its own becomes `- [ ] T001 [P] a`; `x T001 a` a ticked one; everything else stays. */
export function file(...lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .replace(/^(\s*)x (?=T\d)/, '$1- [x] ')
        .replace(/^(\s*)(?=T\d{3}\S* )(?!T\d+(?:\s*(?:→|after|blocks|depends|,)))/, '$1- [ ] '),
    )
    .join('\n');
}

export function planOf(...lines: readonly string[]): Plan {
  return buildPlan(parse('tasks.md', file(...lines)), { deps: 'all' });
}

const STRENGTH: readonly EdgeKind[] = ['explicit', 'barrier', 'sequence', 'hint', 'conflict'];

/**
 * Every pair of tasks that is joined directly or through gates alone, with the strongest kind: `T001 < T002 s`.
 * A way through gates has the kind of its last edge.
 */
export function pairs(plan: Plan): string[] {
  const found = new Map<string, EdgeKind>();
  const { network } = plan;
  const isTask = (id: string): boolean => network.getNodeAttribute(id, 'task') >= 0;
  for (const task of plan.tasks) {
    const stack = [task.id];
    const seen = new Set<string>();
    while (stack.length > 0) {
      network.forEachOutboundEdge(stack.pop() as string, (_edge, data, _from, to) => {
        if (isTask(to)) {
          const key = `${task.id} < ${to}`;
          const known = found.get(key);
          if (known === undefined || STRENGTH.indexOf(data.kind) < STRENGTH.indexOf(known)) found.set(key, data.kind);
        } else if (!seen.has(to)) {
          seen.add(to);
          stack.push(to);
        }
      });
    }
  }
  return [...found].map(([pair, kind]) => `${pair} ${kind[0]}`).sort();
}

/** Severity and code of every diagnostic, in order. */
export function codes(plan: Plan): string[] {
  return plan.diagnostics.map((one) => `${one.severity} ${one.code}`);
}
