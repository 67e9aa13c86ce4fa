/**
 * Drafts to tasks: final ids, phases, and what headings hand down (story, priority, group). Knows headings and
 * markers; knows nothing of order.
 */
import { type Diagnostic, warning } from './diagnostic.ts';
import { headingPriority, headingStories, looksLikePhase, phaseNumber, speaksOfSharedWork } from './headings.ts';
import { headingId } from './ids.ts';
import { lineOf, type SourceFile } from './source.ts';
import type { Box, BoxState, Heading, Parsed, Phase, Task, TaskDraft, TaskId } from './task.ts';

export interface Assembled {
  readonly source: SourceFile;
  /** In document order; `Task.index` is the position here. */
  readonly tasks: readonly Task[];
  readonly phases: readonly Phase[];
  /** Heading inside the phase per task, by which runs end. */
  readonly groups: readonly (Heading | null)[];
  /** Task index per draft: drafts that repeat a task share it. */
  readonly taskOfDraft: readonly number[];
  /** Task indexes per id as written; more than one where an id was used twice. */
  readonly written: ReadonlyMap<string, readonly number[]>;
  readonly diagnostics: readonly Diagnostic[];
}

export function assemble(parsed: Parsed): Assembled {
  const { source, drafts } = parsed;
  const diagnostics: Diagnostic[] = [];
  const ids = new Set(drafts.map((draft) => draft.id));
  /** `#### T005: …` speaks for the task T005; it is no phase, no group, and hands nothing down. */
  const speaks = (heading: Heading): boolean => ids.has(headingId(heading.text) ?? '');
  const chains = new Map<Heading, readonly Heading[]>();
  const chainOf = (draft: TaskDraft): readonly Heading[] => {
    if (draft.heading === null) return [];
    const known = chains.get(draft.heading);
    if (known !== undefined) return known;
    const chain: Heading[] = [];
    for (let heading: Heading | null = draft.heading; heading !== null; heading = heading.parent) {
      if (!speaks(heading)) chain.push(heading);
    }
    chains.set(draft.heading, chain);
    return chain;
  };
  const phaseHeading = choosePhases(drafts, chainOf);

  const merged = mergeDrafts(drafts, diagnostics);
  const phaseIndex = new Map<Heading | null, number>();
  const members: { heading: Heading | null; withStory: number; count: number }[] = [];
  const facts = merged.heads.map((draft) => {
    const chain = chainOf(draft);
    const heading = phaseHeading(draft);
    let phase = phaseIndex.get(heading);
    if (phase === undefined) {
      phase = members.length;
      phaseIndex.set(heading, phase);
      members.push({ heading, withStory: 0, count: 0 });
    }
    const inherited = draft.all ? [] : (chain.map((one) => storiesOf(one)).find((stories) => stories.length > 0) ?? []);
    const stories = draft.stories.length > 0 ? draft.stories : inherited;
    const priority = draft.priority ?? chain.map((one) => priorityOf(one)).find((one) => one !== null) ?? null;
    const member = members[phase] as (typeof members)[number];
    member.count++;
    if (stories.length > 0) member.withStory++;
    const inner = chain[0];
    const group = inner !== undefined && inner !== heading && isInside(inner, heading) ? inner : null;
    return { phase, stories, priority, group };
  });

  const phases = members.map(({ heading, withStory, count }, index): Phase => {
    const stories = heading === null ? [] : storiesOf(heading);
    const shared =
      stories.length > 0 ? false : heading !== null && speaksOfSharedWork(heading.text) ? true : withStory < count;
    return {
      index,
      name: heading?.text ?? 'Tasks',
      number: heading === null ? null : phaseNumber(heading.text),
      heading,
      shared,
      stories,
    };
  });

  const tasks = merged.heads.map((draft, index): Task => {
    const fact = facts[index] as (typeof facts)[number];
    return {
      id: merged.ids[index] as TaskId,
      index,
      title: draft.title,
      at: draft.at,
      line: lineOf(source, draft.at.span.start),
      status: merged.states[index] as BoxState,
      boxes: merged.boxes[index] as readonly Box[],
      parallel: draft.parallel,
      stories: fact.stories,
      all: draft.all,
      priority: fact.priority,
      labels: draft.labels,
      paths: draft.paths,
      target: draft.target,
      phase: fact.phase,
      group: fact.group?.text ?? null,
      body: draft.body,
      scripts: draft.scripts,
    };
  });
  return {
    source,
    tasks,
    phases,
    groups: facts.map((fact) => fact.group),
    taskOfDraft: merged.taskOfDraft,
    written: merged.written,
    diagnostics,
  };
}

const storyCache = new WeakMap<Heading, readonly string[]>();
function storiesOf(heading: Heading): readonly string[] {
  let stories = storyCache.get(heading);
  if (stories === undefined) {
    stories = headingStories(heading.text);
    storyCache.set(heading, stories);
  }
  return stories;
}

const priorityCache = new WeakMap<Heading, number | null>();
function priorityOf(heading: Heading): number | null {
  let priority = priorityCache.get(heading);
  if (priority === undefined) {
    priority = headingPriority(heading.text);
    priorityCache.set(heading, priority);
  }
  return priority;
}

function isInside(heading: Heading, outer: Heading | null): boolean {
  if (outer === null) return true;
  for (let one = heading.parent; one !== null; one = one.parent) if (one === outer) return true;
  return false;
}

/**
 * The phase of a draft: the nearest H2 above it; the nearest H3 where none stands above, or where one H2 holds all
 * tasks and its H3s are named like phases; else the nearest H1; else `null`, the whole file.
 */
function choosePhases(
  drafts: readonly TaskDraft[],
  chainOf: (draft: TaskDraft) => readonly Heading[],
): (draft: TaskDraft) => Heading | null {
  const nearest = (draft: TaskDraft, depth: number): Heading | null =>
    chainOf(draft).find((heading) => heading.depth === depth) ?? null;
  const seconds = new Set<Heading | null>();
  const thirds = new Set<Heading>();
  for (const draft of drafts) {
    if (seconds.size < 2) seconds.add(nearest(draft, 2));
    const third = nearest(draft, 3);
    if (third !== null) thirds.add(third);
  }
  const [only] = seconds;
  const below = seconds.size === 1 && only !== null && [...thirds].some((heading) => looksLikePhase(heading.text));
  return (draft) => {
    const second = nearest(draft, 2);
    const third = nearest(draft, 3);
    if (below) return third ?? second;
    return second ?? third ?? nearest(draft, 1);
  };
}

interface Merged {
  readonly heads: readonly TaskDraft[];
  readonly ids: readonly TaskId[];
  readonly states: readonly BoxState[];
  readonly boxes: readonly (readonly Box[])[];
  readonly taskOfDraft: readonly number[];
  readonly written: ReadonlyMap<string, readonly number[]>;
}

/** Same id and same text is one task; same id and another text is a second one, `T046#2`. */
function mergeDrafts(drafts: readonly TaskDraft[], diagnostics: Diagnostic[]): Merged {
  const heads: TaskDraft[] = [];
  const ids: TaskId[] = [];
  const states: BoxState[] = [];
  const boxes: Box[][] = [];
  const taskOfDraft: number[] = [];
  const written = new Map<string, number[]>();
  for (const draft of drafts) {
    if (draft.id === null) {
      taskOfDraft.push(heads.length);
      ids.push(`#${heads.length + 1}`);
      heads.push(draft);
      states.push(draft.box.state);
      boxes.push([draft.box]);
      continue;
    }
    const others = written.get(draft.id) ?? [];
    const same = others.find((index) => sameText((heads[index] as TaskDraft).title, draft.title));
    if (same !== undefined) {
      taskOfDraft.push(same);
      (boxes[same] as Box[]).push(draft.box);
      if (draft.box.state === 'done' || states[same] === 'done') states[same] = 'done';
      else if (draft.box.state === 'open') states[same] = 'open';
      const first = heads[same] as TaskDraft;
      diagnostics.push(
        warning(
          'duplicate-task',
          `${draft.id} stands in the file more than once with the same text; it is one task.`,
          draft.at,
          {
            related: [{ message: 'first here', at: first.at }],
            hint:
              states[same] === 'done'
                ? 'One of its boxes is ticked, so it counts as done.'
                : 'Take one of the lines away.',
          },
        ),
      );
      continue;
    }
    const index = heads.length;
    taskOfDraft.push(index);
    const id = others.length === 0 ? draft.id : `${draft.id}#${others.length + 1}`;
    if (others.length > 0) {
      const first = heads[others[0] as number] as TaskDraft;
      diagnostics.push(
        warning('duplicate-id', `${draft.id} is the id of another task already; this one is called ${id}.`, draft.at, {
          related: [{ message: `${draft.id} is here`, at: first.at }],
          hint: 'Give it an id of its own.',
        }),
      );
    }
    ids.push(id);
    heads.push(draft);
    states.push(draft.box.state);
    boxes.push([draft.box]);
    written.set(draft.id, [...others, index]);
  }
  return { heads, ids, states, boxes, taskOfDraft, written };
}

function sameText(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .replace(/[\s*`_~]+/g, ' ')
      .trim()
      .toLowerCase();
  return plain(a) === plain(b);
}
