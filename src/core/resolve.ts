/**
 * References in sentences to tasks of the file. Knows ids, stories and phases; what an order between them means
 * for the graph is for `edges.ts`.
 */
import type { Assembled } from './assemble.ts';
import { type Diagnostic, error, warning } from './diagnostic.ts';
import { phaseName, speaksOfSharedWork } from './headings.ts';
import type { Ref, Vocabulary } from './sentences.ts';
import { at, type Location } from './source.ts';
import { nearest } from './suggest.ts';
import type { Statement, Task } from './task.ts';

/** One side of an order, as task indexes. `wide`: it names stories or phases, not single tasks. */
export interface Side {
  readonly tasks: readonly number[];
  readonly wide: boolean;
}

export interface Resolver {
  readonly vocabulary: Vocabulary;
  /** `null` when a reference could not be resolved; why is in `diagnostics` then. */
  resolve(refs: readonly Ref[], statement: Statement): Side | null;
  readonly diagnostics: readonly Diagnostic[];
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
  const byNumber = (number: string): number[] => {
    const exact = phases.filter((phase) => phase.number === number);
    const found = exact.length > 0 ? exact : phases.filter((phase) => phase.number?.startsWith(`${number}.`));
    return found.flatMap((phase) => byPhase[phase.index] as number[]);
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
    hint: string | null,
  ): void => {
    const make = statement.task === null ? warning : error;
    diagnostics.push(
      make(code, message, locate(statement, id), {
        related: related.map((task) => ({ message: `${task.id} is here`, at: task.at })),
        hint,
      }),
    );
  };
  const unknown = (statement: Statement, id: string): null => {
    const near = nearest(id, written.keys());
    const near1 = near === null ? undefined : written.get(near)?.[0];
    report(
      statement,
      id,
      'unknown-id',
      `There is no task ${id} in this file.`,
      [],
      near === null
        ? 'Mend the id, or take the dependency out.'
        : `Did you mean ${near} (line ${(tasks[near1 as number] as Task).line})?`,
    );
    return null;
  };

  const single = (id: string, statement: Statement): number | null => {
    const candidates = written.get(id);
    if (candidates === undefined) return unknown(statement, id);
    if (candidates.length === 1) return candidates[0] as number;
    const phase =
      statement.task === null ? null : (tasks[assembled.taskOfDraft[statement.task] as number] as Task).phase;
    const here = candidates.filter((index) => (tasks[index] as Task).phase === phase);
    if (here.length === 1) return here[0] as number;
    report(
      statement,
      id,
      'ambiguous-id',
      `${id} is the id of ${candidates.length} tasks, and it cannot be told which is meant.`,
      candidates.map((index) => tasks[index] as Task),
      'Give each task an id of its own.',
    );
    return null;
  };
  const range = (from: string, to: string, statement: Statement): number[] | null => {
    const first = single(from, statement);
    const last = single(to, statement);
    if (first === null || last === null) return null;
    if (last < first) {
      report(
        statement,
        from,
        'unknown-id',
        `The range ${from}–${to} ends before it starts: ${to} (line ${(tasks[last] as Task).line}) stands above ${from} (line ${(tasks[first] as Task).line}).`,
        [],
        'A range follows the order of the file; name the tasks one by one.',
      );
      return null;
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  };

  const one = (ref: Ref, statement: Statement): number[] | null => {
    switch (ref.kind) {
      case 'task': {
        const short = /^(T\d+)-(\d+)$/.exec(ref.id);
        if (short !== null && !written.has(ref.id) && written.has(short[1] as string) && written.has(`T${short[2]}`)) {
          return range(short[1] as string, `T${short[2]}`, statement);
        }
        const index = single(ref.id, statement);
        return index === null ? null : [index];
      }
      case 'range':
        return range(ref.from, ref.to, statement);
      case 'story':
        return byStory.get(ref.id) ?? missing(statement, ref.id, `There is no task of story ${ref.id} in this file.`);
      case 'phase': {
        const found = byNumber(ref.number);
        return found.length > 0
          ? found
          : missing(statement, ref.number, `There is no Phase ${ref.number} with tasks in this file.`);
      }
      case 'phase-name':
        return byPhase[names.get(ref.name) as number] as number[];
      case 'every-story':
        return withStory;
    }
  };
  const missing = (statement: Statement, id: string, message: string): null => {
    // Sections of a template often name phases that the file does not have; only a task's own words are worth a warning.
    if (statement.task !== null)
      diagnostics.push(
        warning('unknown-id', message, locate(statement, id), { hint: 'This part of the dependency is left out.' }),
      );
    return null;
  };

  return {
    vocabulary: { phaseNames: [...names.keys()] },
    diagnostics,
    resolve(refs, statement) {
      const found: number[] = [];
      for (const ref of refs) {
        const some = one(ref, statement);
        if (some === null) {
          if (ref.kind === 'task' || ref.kind === 'range') return null;
        } else found.push(...some);
      }
      const wide = refs.some((ref) => ref.kind !== 'task' && ref.kind !== 'range');
      return found.length === 0 ? null : { tasks: [...new Set(found)].sort((a, b) => a - b), wide };
    },
  };
}

/** Names that a sentence may use for a phase, lower case: the whole name, and for shared phases its first word. */
function phaseNames(assembled: Assembled): Map<string, number> {
  const names = new Map<string, number>();
  const taken = new Set<string>();
  const add = (name: string, phase: number): void => {
    const key = name.toLowerCase();
    if (key.length < 4 || /^\d+$/.test(key)) return;
    if (names.has(key) && names.get(key) !== phase) taken.add(key);
    names.set(key, phase);
  };
  for (const phase of assembled.phases) {
    if (phase.heading === null || phase.stories.length > 0) continue;
    const name = phaseName(phase.heading.text);
    add(name, phase.index);
    const first = /^\p{L}+/u.exec(name)?.[0];
    if (first !== undefined && speaksOfSharedWork(first)) add(first, phase.index);
    if (/^foundation(?:al)?$/i.test(first ?? '')) {
      add('foundation', phase.index);
      add('foundational', phase.index);
    }
  }
  for (const key of taken) names.delete(key);
  return names;
}
