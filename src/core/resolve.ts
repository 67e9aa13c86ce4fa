/**
 * References in sentences to tasks of the file. Knows ids, stories and phases; what an order between them means
 * for the graph is for others.
 */
import type { Assembled } from './assemble.ts';
import { type Diagnostic, error, warning } from './diagnostic.ts';
import { phaseName, speaksOfSharedWork } from './headings.ts';
import { at, type Location } from './source.ts';
import { nearestId } from './suggest.ts';
import type { Statement, Task } from './task.ts';
import type { Ref, Vocabulary } from './tokens.ts';

/** The tasks of one reference: those listed in `members`, else every one from `low` to `high`, in document order. */
export interface Part {
  /** The same for the same tasks. */
  readonly key: string;
  readonly low: number;
  readonly high: number;
  readonly members: readonly number[] | null;
}

/** One side of an order. `wide`: it names stories or phases, not single tasks. */
export interface Side {
  readonly parts: readonly Part[];
  readonly wide: boolean;
}

export interface Resolver {
  readonly vocabulary: Vocabulary;
  /** What can be found of `refs`; `null` when that is nothing. What is missing is in `diagnostics` then. */
  resolve(refs: readonly Ref[], statement: Statement): Side | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function sizeOf(part: Part): number {
  return part.members?.length ?? part.high - part.low + 1;
}

/** Task indexes of a side, ascending, each once. */
export function tasksOf(side: Side): number[] {
  const found = new Set<number>();
  for (const part of side.parts) {
    if (part.members !== null) for (const task of part.members) found.add(task);
    else for (let task = part.low; task <= part.high; task++) found.add(task);
  }
  return [...found].sort((a, b) => a - b);
}

export function span(low: number, high: number): Part {
  return { key: `${low}-${high}`, low, high, members: null };
}

function listed(key: string, members: readonly number[]): Part {
  return { key, low: members[0] as number, high: members.at(-1) as number, members };
}

export function createResolver(assembled: Assembled): Resolver {
  const { tasks, phases, written, source } = assembled;
  const diagnostics: Diagnostic[] = [];
  const byStory = new Map<string, number[]>();
  const byPhase: number[][] = phases.map(() => []);
  const withStory: number[] = [];
  for (const task of tasks) {
    (byPhase[task.phase] as number[]).push(task.index);
    if (task.stories.length > 0) withStory.push(task.index);
    for (const story of task.stories) {
      const members = byStory.get(story);
      if (members === undefined) byStory.set(story, [task.index]);
      else members.push(task.index);
    }
  }
  const names = phaseNames(assembled);
  const numbered = new Map<string, Part | null>();
  const byNumber = (number: string): Part | null => {
    const known = numbered.get(number);
    if (known !== undefined) return known;
    const exact = phases.filter((phase) => phase.number === number);
    const found = exact.length > 0 ? exact : phases.filter((phase) => phase.number?.startsWith(`${number}.`));
    const members = found.flatMap((phase) => byPhase[phase.index] as number[]);
    const part = members.length === 0 ? null : listed(`phase:${number}`, members);
    numbered.set(number, part);
    return part;
  };

  const locate = (statement: Statement, id: string): Location => {
    const { start, end } = statement.at.span;
    const offset = source.text.slice(start, end).indexOf(id);
    return offset < 0 ? statement.at : at(source, start + offset, start + offset + id.length);
  };
  const report = (
    statement: Statement,
    id: string,
    code: 'unknown-id' | 'ambiguous-id',
    message: string,
    related: readonly Task[],
    hint: string,
  ): null => {
    const make = statement.task === null ? warning : error;
    diagnostics.push(
      make(code, message, locate(statement, id), {
        related: related.map((task) => ({ message: `${task.id} is here`, at: task.at })),
        hint,
      }),
    );
    return null;
  };
  const unknown = (statement: Statement, id: string): null => {
    const near = nearestId(id, written);
    const task = near === null ? undefined : tasks[written.get(near)?.[0] as number];
    const hint =
      task === undefined ? 'Mend the id, or take the dependency out.' : `Did you mean ${near} (line ${task.line})?`;
    return report(statement, id, 'unknown-id', `There is no task ${id} in this file.`, [], hint);
  };
  const single = (id: string, statement: Statement): number | null => {
    const candidates = written.get(id);
    if (candidates === undefined) return unknown(statement, id);
    if (candidates.length === 1) return candidates[0] as number;
    // A task does not wait for itself: its own second id means the other one.
    const self = statement.task === null ? -1 : (assembled.taskOfDraft[statement.task] as number);
    const others = candidates.filter((index) => index !== self);
    if (others.length === 1) return others[0] as number;
    const phase = self < 0 ? null : (tasks[self] as Task).phase;
    const near = others.filter((index) => (tasks[index] as Task).phase === phase);
    if (near.length === 1) return near[0] as number;
    return report(
      statement,
      id,
      'ambiguous-id',
      `${id} is the id of ${candidates.length} tasks, and it cannot be told which is meant.`,
      candidates.map((index) => tasks[index] as Task),
      'Give each task an id of its own.',
    );
  };
  const range = (from: string, to: string, statement: Statement): Part | null => {
    const first = single(from, statement);
    const last = single(to, statement);
    if (first === null || last === null) return null;
    if (first <= last) return span(first, last);
    const [above, below] = [tasks[last] as Task, tasks[first] as Task];
    return report(
      statement,
      from,
      'unknown-id',
      `The range ${from}–${to} ends before it starts: ${to} (line ${above.line}) stands above ${from} (line ${below.line}).`,
      [],
      'A range follows the order of the file; name the tasks one by one.',
    );
  };
  const missing = (statement: Statement, id: string, message: string): null => {
    // Sections of a template often name phases that the file does not have; only a task's own words are worth a warning.
    if (statement.task !== null) {
      const hint = 'This part of the dependency is left out.';
      diagnostics.push(warning('unknown-id', message, locate(statement, id), { hint }));
    }
    return null;
  };
  const one = (ref: Ref, statement: Statement): Part | null => {
    switch (ref.kind) {
      case 'task': {
        // `T001-005`: a range, unless it is an id.
        const short = /^(T\d+)-(\d+)$/.exec(ref.id);
        if (short !== null && !written.has(ref.id) && written.has(short[1] as string) && written.has(`T${short[2]}`)) {
          return range(short[1] as string, `T${short[2]}`, statement);
        }
        const index = single(ref.id, statement);
        return index === null ? null : span(index, index);
      }
      case 'range':
        return range(ref.from, ref.to, statement);
      case 'story': {
        const members = byStory.get(ref.id);
        if (members !== undefined) return listed(ref.id, members);
        return missing(statement, ref.id, `There is no task of story ${ref.id} in this file.`);
      }
      case 'phase':
        return (
          byNumber(ref.number) ??
          missing(statement, ref.number, `There is no Phase ${ref.number} with tasks in this file.`)
        );
      case 'phase-name': {
        const phase = names.get(ref.name) ?? NO_PHASE;
        if (phase === NO_PHASE) return missing(statement, ref.name, `There is no phase "${ref.name}" in this file.`);
        return listed(`phase-name:${phase}`, byPhase[phase] as number[]);
      }
      case 'every-story':
        return withStory.length === 0 ? null : listed('every-story', withStory);
    }
  };

  return {
    vocabulary: { phaseNames: [...names.keys()] },
    diagnostics,
    resolve(refs, statement) {
      const parts = new Map<string, Part>();
      for (const ref of refs) {
        const part = one(ref, statement);
        if (part !== null) parts.set(part.key, part);
      }
      const wide = refs.some((ref) => ref.kind !== 'task' && ref.kind !== 'range');
      return parts.size === 0 ? null : { parts: [...parts.values()], wide };
    },
  };
}

/** First words of shared phases that are no names, because sentences use them for other things. */
const NO_NAME = /^(?:final\p{L}*|shared|clean\p{L}*|cross|finish\p{L}*|wrap|project|pre\p{L}*|init\p{L}*|common)$/iu;

/** Phases that the usual template speaks of. Where a file has none of the name, such a sentence says nothing. */
const USUAL = ['setup', 'foundational', 'foundation', 'polish'];
const NO_PHASE = -1;

/** Names that a sentence may use for a phase, lower case: the whole name, and for shared phases its first word. */
function phaseNames(assembled: Assembled): Map<string, number> {
  const names = new Map<string, number>();
  const taken = new Set<string>();
  const add = (name: string, phase: number): void => {
    const key = name.toLowerCase();
    if ((key.length < 4 && /^[\p{Script=Latin}\d\s]*$/u.test(key)) || key.length < 2 || /^\d+$/.test(key)) return;
    if (names.has(key) && names.get(key) !== phase) taken.add(key);
    names.set(key, phase);
  };
  for (const phase of assembled.phases) {
    if (phase.heading === null || phase.stories.length > 0) continue;
    const name = phaseName(phase.heading.text);
    add(name, phase.index);
    const first = /^\p{L}+/u.exec(name)?.[0];
    if (first === undefined || NO_NAME.test(first) || !speaksOfSharedWork(first)) continue;
    add(first, phase.index);
    if (/^foundation(?:al|s)?$/i.test(first)) {
      add('foundation', phase.index);
      add('foundational', phase.index);
    }
  }
  for (const key of taken) names.delete(key);
  for (const name of USUAL) if (!names.has(name)) names.set(name, NO_PHASE);
  return names;
}
