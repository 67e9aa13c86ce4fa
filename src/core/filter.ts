/**
 * `--filter`: which tasks are selected, what they need besides, and what is deferred. Pure; knows the plan and the
 * user's words.
 */
import { type Diagnostic, error, fail, ok, type Result, warning } from './diagnostic.ts';
import type { Plan } from './plan.ts';
import { nearest } from './suggest.ts';
import { BLOCKS, type Task, type TaskId } from './task.ts';

export interface Selection {
  /** The filter as the user wrote it, alternatives joined by commas; `null` without one. */
  readonly filter: string | null;
  /** Everything that takes part: what the filter names and, unless `--only`, what that still needs. */
  readonly selected: ReadonlySet<TaskId>;
  /** Of those, open tasks that are only there because another needs them, with that other's id. */
  readonly neededBy: ReadonlyMap<TaskId, TaskId>;
}

type Test = (task: Task) => boolean;

/**
 * Selects by alternatives: `P1`, `US3`, `T005`, `T005..T010`, `Phase 2`, `label:TEST`, `failed`; `&` needs both
 * sides, `!` negates, case does not matter. `failed` holds the ids that failed in the last run; `isOpen` says which
 * tasks still have to be done, where more is known than what the boxes say.
 * Errors: `filter-syntax` for words that are none of these, `filter-empty` when nothing is selected.
 */
export function select(
  plan: Plan,
  filters: readonly string[],
  only: boolean,
  failed: ReadonlySet<TaskId>,
  isOpen: Test = (task) => task.status === 'open',
): Result<Selection> {
  const alternatives = filters
    .flatMap((filter) => filter.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const all = new Set(plan.tasks.map((task) => task.id));
  if (filters.length === 0) return ok({ filter: null, selected: all, neededBy: new Map() });
  const text = alternatives.join(',');
  const warnings: Diagnostic[] = [];
  const tests: Test[] = [];
  for (const alternative of alternatives) {
    const terms: Test[] = [];
    for (const written of alternative.split('&')) {
      const negated = /^\s*!/.test(written);
      const word = written.replace(/^[\s!]+/, '').trim();
      const test = readTerm(plan, word, failed);
      if (test === null) return fail(unknownTerm(plan, word));
      if (!plan.tasks.some(test)) warnings.push(selectsNothing(plan, word));
      terms.push(negated ? (task) => !test(task) : test);
    }
    tests.push((task) => terms.every((test) => test(task)));
  }
  const named = plan.tasks.filter((task) => tests.some((test) => test(task)));
  if (named.length === 0) {
    return fail(
      error('filter-empty', `The filter ${text === '' ? '(empty)' : text} selects no task.`, null, {
        hint: valuesOf(plan),
      }),
    );
  }
  const selected = new Set(named.map((task) => task.id));
  const neededBy = only ? new Map<TaskId, TaskId>() : needs(plan, named, selected, isOpen);
  for (const id of neededBy.keys()) selected.add(id);
  return ok({ filter: text, selected, neededBy }, warnings);
}

function readTerm(plan: Plan, word: string, failed: ReadonlySet<TaskId>): Test | null {
  const priority = /^P([0-9])$/i.exec(word);
  if (priority !== null) return (task) => task.priority === Number(priority[1]);
  const story = /^US-?(\d+)(?:\.\d+)*$/i.exec(word);
  if (story !== null) return (task) => task.stories.includes(`US${Number(story[1])}`);
  const phase = phaseNumberIn(word);
  if (phase !== null) return (task) => plan.phases[task.phase]?.number === phase;
  const label = /^label:(.+)$/i.exec(word);
  if (label !== null) return (task) => task.labels.some((one) => same(one, label[1] as string));
  if (/^failed$/i.test(word)) return (task) => failed.has(task.id);
  const range = /^(.+?)\s*\.\.\s*(.+)$/.exec(word);
  if (range !== null) {
    const from = plan.tasks.find((task) => same(task.id, range[1] as string));
    const to = plan.tasks.find((task) => same(task.id, range[2] as string));
    if (from === undefined || to === undefined || to.index < from.index) return null;
    return (task) => task.index >= from.index && task.index <= to.index;
  }
  const task = plan.tasks.find((one) => same(one.id, word));
  return task === undefined ? null : (one) => one === task;
}

/** `4` or `3.1` of `Phase 4` and `phase 3.1`; `null` for anything else. */
export function phaseNumberIn(word: string): string | null {
  return /^\s*phase\s*(\d+(?:\.\d+)*)\s*$/i.exec(word)?.[1] ?? null;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.trim().toLowerCase();
}

function unknownTerm(plan: Plan, word: string): Diagnostic {
  const known = knownValues(plan);
  const near = nearest(word, [
    ...known.priorities,
    ...known.stories,
    ...known.phases,
    ...known.labels,
    'failed',
    ...plan.byId.keys(),
  ]);
  const isRange = word.includes('..');
  return error(
    'filter-syntax',
    isRange
      ? `The range ${word} names no tasks: both ends must exist, the first above the second.`
      : `The filter does not know "${word}".`,
    null,
    {
      hint: `${near !== null && !isRange ? `Did you mean ${near}? ` : ''}${valuesOf(plan)}`,
    },
  );
}

function selectsNothing(plan: Plan, word: string): Diagnostic {
  const known = knownValues(plan);
  const near = nearest(word, [...known.priorities, ...known.stories, ...known.phases, ...known.labels]);
  return warning('filter-empty', `No task is selected by ${word}.`, null, {
    hint: near === null ? null : `Did you mean ${near}?`,
  });
}

interface Values {
  readonly priorities: readonly string[];
  readonly stories: readonly string[];
  readonly phases: readonly string[];
  readonly labels: readonly string[];
}

function knownValues(plan: Plan): Values {
  const unique = (values: readonly string[]): string[] =>
    [...new Set(values)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return {
    priorities: unique(plan.tasks.flatMap((task) => (task.priority === null ? [] : [`P${task.priority}`]))),
    stories: unique(plan.tasks.flatMap((task) => task.stories)),
    phases: unique(plan.phases.flatMap((phase) => (phase.number === null ? [] : [`Phase ${phase.number}`]))),
    labels: unique(plan.tasks.flatMap((task) => task.labels.map((label) => `label:${label}`))),
  };
}

/** The values that a filter can name in this file, as a sentence. */
function valuesOf(plan: Plan): string {
  const known = knownValues(plan);
  const some = (values: readonly string[]): string =>
    values.length > 12 ? `${values.slice(0, 12).join(', ')}, …` : values.join(', ');
  const parts = [known.priorities, known.stories, known.phases, known.labels]
    .filter((values) => values.length > 0)
    .map(some);
  const ids = plan.tasks.length === 0 ? [] : [`${plan.tasks[0]?.id}..${plan.tasks.at(-1)?.id}`];
  return `This file has: ${[...parts, ...ids, 'failed'].join('; ')}.`;
}

/** Open tasks that the named ones still need, over blocking edges and through what is done already. */
function needs(plan: Plan, named: readonly Task[], selected: ReadonlySet<TaskId>, isOpen: Test): Map<TaskId, TaskId> {
  const neededBy = new Map<TaskId, TaskId>();
  const seen = new Set<string>();
  for (const task of named) {
    if (!isOpen(task)) continue;
    const stack = [task.id];
    while (stack.length > 0) {
      plan.network.forEachInboundEdge(stack.pop() as string, (_edge, data, from) => {
        if (!BLOCKS[data.kind] || seen.has(from)) return;
        seen.add(from);
        stack.push(from);
        const other = plan.byId.get(from);
        if (other !== undefined && isOpen(other) && !selected.has(from)) neededBy.set(from, task.id);
      });
    }
  }
  // In document order, which is the order they are told in.
  return new Map(
    plan.tasks.flatMap((task) => (neededBy.has(task.id) ? [[task.id, neededBy.get(task.id) as TaskId]] : [])),
  );
}
