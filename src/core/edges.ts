/**
 * Tasks and sentences to the graph, rule by rule: explicit, barrier, sequence, hint, conflict. Each rule adds
 * edges that follow reading order, so the graph stays acyclic; gates keep it linear in the size of the file.
 */
import type { Assembled } from './assemble.ts';
import { type Diagnostic, error, info, warning } from './diagnostic.ts';
import { createNetwork, type EdgeData, join, joinAll, type Network } from './network.ts';
import { findCycle, readingOrder } from './order.ts';
import { createResolver, type Side } from './resolve.ts';
import { type Order, readBody, readInline, readSection } from './sentences.ts';
import type { Location } from './source.ts';
import type { Statement, StoryId, Task } from './task.ts';

export interface Wiring {
  readonly network: Network;
  /** Task indexes in reading order. */
  readonly order: readonly number[];
  /** Stretch between two cuts per task index, from 0. */
  readonly stretch: readonly number[];
  /** Lanes per task index: its stories, or its phase. */
  readonly lanes: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Claim {
  readonly first: Side;
  readonly second: Side;
  readonly statement: Statement;
}

/** Builds the graph. `sequence: false` leaves the sequence edges out (`--deps=explicit`). */
export function wire(assembled: Assembled, statements: readonly Statement[], sequence: boolean): Wiring {
  const { tasks } = assembled;
  const ids = tasks.map((task) => task.id);
  const diagnostics: Diagnostic[] = [];
  const network = createNetwork();
  for (const task of tasks) network.addNode(task.id, { task: task.index, label: task.title });

  const { narrow, wide, hints } = readStatements(assembled, statements, diagnostics);
  narrow.forEach((claim, i) => addNarrow(network, tasks, claim, i + 1, diagnostics));
  let reading = readingOrder(
    network,
    tasks.map((task) => task.index),
    ids,
  );
  if (reading.stuck.length > 0) reading = breakCycles(network, assembled, reading.stuck, ids, diagnostics);

  const { stretch, borders } = findCuts(assembled, reading.order);
  wide.forEach((claim, i) => addWide(network, tasks, stretch, claim, i + 1, diagnostics));
  const moved = [...reading.moved];
  if (wide.length > 0) {
    let again = readingOrder(network, reading.order, ids);
    if (again.stuck.length > 0) again = breakCycles(network, assembled, again.stuck, ids, diagnostics, reading.order);
    moved.push(...again.moved);
    reading = again;
  }
  const { order } = reading;
  for (const { task, behind } of moved) {
    const one = tasks[task] as Task;
    diagnostics.push(
      info(
        'moved',
        `${one.id} is read behind ${(tasks[behind] as Task).id}, because it waits for a task that stands below it.`,
        one.at,
      ),
    );
  }

  const lanes = tasks.map((task) =>
    task.all ? ['all'] : task.stories.length > 0 ? task.stories : [`phase:${task.phase}`],
  );
  addBarriers(network, tasks, order, stretch, borders);
  if (sequence) addSequences(network, assembled, order, stretch, lanes);
  addHints(network, tasks, order, stretch, hints);
  addConflicts(network, tasks, order, stretch);
  return { network, order, stretch, lanes, diagnostics };
}

interface Hint {
  readonly stories: readonly StoryId[];
  readonly statement: Statement;
}

function readStatements(
  assembled: Assembled,
  statements: readonly Statement[],
  diagnostics: Diagnostic[],
): { narrow: Claim[]; wide: Claim[]; hints: Hint[] } {
  const resolver = createResolver(assembled);
  const narrow: Claim[] = [];
  const wide: Claim[] = [];
  const hints: Hint[] = [];
  const claim = (order: Order, statement: Statement): void => {
    const self: Side | null =
      statement.task === null ? null : { tasks: [assembled.taskOfDraft[statement.task] as number], wide: false };
    const first = order.first.length === 0 ? self : resolver.resolve(order.first, statement);
    const second = order.second.length === 0 ? self : resolver.resolve(order.second, statement);
    if (first === null || second === null) return;
    (first.wide || second.wide ? wide : narrow).push({ first, second, statement });
  };
  for (const statement of statements) {
    if (statement.where === 'inline' || statement.where === 'body') {
      const read = statement.where === 'inline' ? readInline : readBody;
      for (const order of read(statement.text, resolver.vocabulary)) claim(order, statement);
      continue;
    }
    const reading = readSection(statement.text, statement.where === 'fence', resolver.vocabulary);
    for (const order of reading.orders) claim(order, statement);
    for (const stories of reading.hints) hints.push({ stories, statement });
    if (reading.unclear.length > 0) {
      const hinted = reading.hints.length > 0;
      diagnostics.push(
        info(
          'not-understood',
          `Not understood, so it makes no edge${hinted ? ', but the later story waits for the earlier one to end' : ''}: ${shorten(reading.unclear.join('; '))}`,
          statement.at,
          {
            hint: 'Sentences of the form "T004 depends on T001, T002" or "US2 depends on US1" are understood.',
          },
        ),
      );
    }
  }
  diagnostics.push(...resolver.diagnostics);
  return { narrow, wide, hints };
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function explicitData(statement: Statement): EdgeData {
  return { kind: 'explicit', because: statement.at, reason: `"${shorten(statement.text)}"` };
}

function addNarrow(
  network: Network,
  tasks: readonly Task[],
  claim: Claim,
  number: number,
  diagnostics: Diagnostic[],
): void {
  const shared = new Set(claim.first.tasks.filter((task) => claim.second.tasks.includes(task)));
  const own = claim.statement.task !== null;
  for (const task of own ? shared : []) {
    const { id } = tasks[task] as Task;
    diagnostics.push(
      error('cycle', `${id} waits for itself.`, claim.statement.at, {
        hint: 'Take this dependency out. Nothing is run before that.',
      }),
    );
  }
  // A sentence of a section may name a task on both sides, as part of a range: that says nothing.
  const names = (side: Side): string[] =>
    side.tasks.filter((task) => !shared.has(task)).map((task) => (tasks[task] as Task).id);
  joinAll(
    network,
    names(claim.first),
    names(claim.second),
    { id: `order:${number}`, label: shorten(claim.statement.text) },
    explicitData(claim.statement),
  );
}

function addWide(
  network: Network,
  tasks: readonly Task[],
  stretch: readonly number[],
  claim: Claim,
  number: number,
  diagnostics: Diagnostic[],
): void {
  const both = new Set(claim.first.tasks.filter((task) => claim.second.tasks.includes(task)));
  const byStretch = (side: Side): Map<number, string[]> => {
    const found = new Map<number, string[]>();
    for (const task of side.tasks) {
      if (both.has(task)) continue;
      const at = stretch[task] as number;
      const list = found.get(at);
      if (list === undefined) found.set(at, [(tasks[task] as Task).id]);
      else list.push((tasks[task] as Task).id);
    }
    return found;
  };
  const first = byStretch(claim.first);
  const second = byStretch(claim.second);
  if (first.size === 0 || second.size === 0) return;
  let holds = Math.min(...first.keys()) < Math.max(...second.keys());
  for (const [at, before] of first) {
    const behind = second.get(at);
    if (behind === undefined) continue;
    holds = true;
    const gate = { id: `order:${number}.${at}`, label: shorten(claim.statement.text) };
    joinAll(network, before, behind, gate, { ...explicitData(claim.statement) });
  }
  if (!holds) {
    diagnostics.push(
      warning(
        'contradicts-cut',
        `This sentence contradicts the order of the phases and is left out: ${shorten(claim.statement.text)}`,
        claim.statement.at,
        {
          hint: 'Move the phase in the file, or mend the sentence.',
        },
      ),
    );
  }
}

/** Reports each cycle with the line of every edge, and takes its edges out so that the rest can still be read. */
function breakCycles(
  network: Network,
  assembled: Assembled,
  stuck: readonly string[],
  ids: readonly string[],
  diagnostics: Diagnostic[],
  base?: readonly number[],
): ReturnType<typeof readingOrder> {
  let left = stuck;
  let reading: ReturnType<typeof readingOrder>;
  do {
    const walk = findCycle(network, left);
    const named = walk.filter((id) => network.getNodeAttribute(id, 'task') >= 0);
    const closed = named[0] === named.at(-1) ? named : [...named, named[0] as string];
    const related: { message: string; at: Location }[] = [];
    for (let i = 0; i + 1 < walk.length; i++) {
      const from = walk[i] as string;
      const to = walk[i + 1] as string;
      const edge = network.edge(from, to) as string;
      const data = network.getEdgeAttributes(edge);
      if (network.getNodeAttribute(to, 'task') >= 0) {
        const before =
          network.getNodeAttribute(from, 'task') >= 0
            ? from
            : (walk[(i + walk.length - 2) % (walk.length - 1)] as string);
        related.push({ message: `${to} waits for ${before}: ${data.reason}`, at: data.because });
      }
      network.dropEdge(edge);
    }
    const head = assembled.tasks[network.getNodeAttribute(closed[0] as string, 'task')] as Task;
    diagnostics.push(
      error(
        'cycle',
        `These tasks wait for each other: ${[...closed].reverse().join(' → ')}.`,
        related[0]?.at ?? head.at,
        {
          related: related.slice(1),
          hint: 'Take one of these dependencies out. Nothing is run before that.',
        },
      ),
    );
    reading = readingOrder(network, base ?? assembled.tasks.map((task) => task.index), ids);
    left = reading.stuck;
  } while (left.length > 0);
  return reading;
}

interface Border {
  readonly label: string;
  readonly because: Location;
  readonly reason: string;
}

/**
 * Cuts in reading order: before and behind every shared phase and every run of `[ALL]` tasks, and where tasks with
 * and without a story meet in a phase that has stories.
 */
function findCuts(assembled: Assembled, order: readonly number[]): { stretch: number[]; borders: Border[] } {
  const { tasks, phases } = assembled;
  const hasStories = phases.map(() => false);
  for (const task of tasks) if (task.stories.length > 0) hasStories[task.phase] = true;
  const stretch: number[] = tasks.map(() => 0);
  const borders: Border[] = [];
  let current = 0;
  order.forEach((index, i) => {
    const task = tasks[index] as Task;
    const before = i === 0 ? undefined : (tasks[order[i - 1] as number] as Task);
    if (before !== undefined) {
      const border = borderBetween(before, task);
      if (border !== null) {
        borders.push(border);
        current++;
      }
    }
    stretch[index] = current;
  });
  return { stretch, borders };

  function borderBetween(a: Task, b: Task): Border | null {
    const phaseA = phases[a.phase] as (typeof phases)[number];
    const phaseB = phases[b.phase] as (typeof phases)[number];
    if (a.all !== b.all) {
      const all = a.all ? a : b;
      return {
        label: `${b.all ? 'before' : 'behind'} ${all.id} [ALL]`,
        because: all.at,
        reason: `${all.id} is marked [ALL]: it stands for the whole file`,
      };
    }
    if (a.phase !== b.phase && (phaseA.shared || phaseB.shared)) {
      const phase = phaseA.shared ? phaseA : phaseB;
      const place = phase.heading?.at ?? (phaseA.shared ? a : b).at;
      return {
        label: `${phaseA.shared ? 'behind' : 'before'} ${phase.name}`,
        because: place,
        reason: `"${phase.name}" is work for the whole feature: ${phaseA.shared ? 'all of it ends before anything behind it starts' : 'it starts when everything before it has ended'}`,
      };
    }
    if (a.phase === b.phase && hasStories[a.phase] === true && (a.stories.length === 0) !== (b.stories.length === 0)) {
      const plain = a.stories.length === 0 ? a : b;
      return {
        label: `at ${b.id}`,
        because: plain.at,
        reason: `${plain.id} serves no story, and its neighbours in "${phaseA.name}" do`,
      };
    }
    return null;
  }
}

function addBarriers(
  network: Network,
  tasks: readonly Task[],
  order: readonly number[],
  stretch: readonly number[],
  borders: readonly Border[],
): void {
  const groups: string[][] = borders.length === 0 ? [] : Array.from({ length: borders.length + 1 }, () => []);
  if (groups.length === 0) return;
  for (const index of order) (groups[stretch[index] as number] as string[]).push((tasks[index] as Task).id);
  borders.forEach((border, i) => {
    joinAll(
      network,
      groups[i] as string[],
      groups[i + 1] as string[],
      { id: `cut:${i + 1}`, label: border.label },
      { kind: 'barrier', because: border.because, reason: border.reason },
    );
  });
}

/** Inside a lane each run waits for the run before it; neighbours marked [P] of one phase and group are one run. */
function addSequences(
  network: Network,
  assembled: Assembled,
  order: readonly number[],
  stretch: readonly number[],
  lanes: readonly (readonly string[])[],
): void {
  const { tasks, groups } = assembled;
  const open = new Map<string, { stretch: number; runs: number; before: number[]; run: number[] }>();
  const close = (name: string, lane: { runs: number; before: number[]; run: number[] }): void => {
    const first = tasks[lane.run[0] as number] as Task;
    const last = tasks[lane.before.at(-1) as number] as Task;
    const where = name.startsWith('phase:') ? 'its phase' : name === 'all' ? 'the [ALL] tasks' : name;
    const why =
      lane.run.length > 1 || first.parallel
        ? `[P] means beside its neighbours: the run of ${first.id} waits for what stands before it in ${where}`
        : `${first.id} is not marked [P]: it waits for what stands before it in ${where}`;
    joinAll(
      network,
      lane.before.map((index) => (tasks[index] as Task).id),
      lane.run.map((index) => (tasks[index] as Task).id),
      { id: `run:${name}:${lane.runs}`, label: `${last.id} before ${first.id} in ${where}` },
      { kind: 'sequence', because: first.at, reason: why },
    );
  };
  let runs = 0;
  for (const index of order) {
    const task = tasks[index] as Task;
    for (const name of lanes[index] as readonly string[]) {
      const lane = open.get(name);
      const here = stretch[index] as number;
      if (lane === undefined || lane.stretch !== here) {
        if (lane !== undefined && lane.before.length > 0) close(name, lane);
        open.set(name, { stretch: here, runs: ++runs, before: [], run: [index] });
        continue;
      }
      const previousIndex = lane.run.at(-1) as number;
      const previous = tasks[previousIndex] as Task;
      const isSameRun =
        previous.parallel && task.parallel && previous.phase === task.phase && groups[previousIndex] === groups[index];
      if (isSameRun) lane.run.push(index);
      else {
        if (lane.before.length > 0) close(name, lane);
        lane.before = lane.run;
        lane.run = [index];
        lane.runs = ++runs;
      }
    }
  }
  for (const [name, lane] of open) if (lane.before.length > 0) close(name, lane);
}

/** The later of two loosely joined stories waits for the earlier to end, task by task in reading order. */
function addHints(
  network: Network,
  tasks: readonly Task[],
  order: readonly number[],
  stretch: readonly number[],
  hints: readonly Hint[],
): void {
  const seen = new Set<string>();
  let number = 0;
  for (const hint of hints) {
    for (let i = 0; i < hint.stories.length; i++) {
      for (let j = i + 1; j < hint.stories.length; j++) {
        const a = hint.stories[i] as StoryId;
        const b = hint.stories[j] as StoryId;
        const key = a < b ? `${a} ${b}` : `${b} ${a}`;
        if (a === b || seen.has(key)) continue;
        seen.add(key);
        addHint(a, b, hint.statement);
      }
    }
  }

  function addHint(a: StoryId, b: StoryId, statement: Statement): void {
    const data: EdgeData = {
      kind: 'hint',
      because: statement.at,
      reason: `"${shorten(statement.text)}" joins ${a} and ${b}, but does not say clearly how`,
    };
    let here = -1;
    let earlier: StoryId = a;
    let before: string[] = [];
    let behind: string[] = [];
    let gate: string | null = null;
    const flush = (): void => {
      if (before.length > 0 && behind.length > 0) {
        const id = `hint:${++number}`;
        network.addNode(id, { task: -1, label: `${a}, ${b}` });
        if (gate !== null) join(network, gate, id, data);
        for (const from of before) join(network, from, id, data);
        for (const to of behind) join(network, id, to, data);
        gate = id;
        before = [];
      }
      behind = [];
    };
    for (const index of order) {
      const task = tasks[index] as Task;
      const inA = task.stories.includes(a);
      const inB = task.stories.includes(b);
      if (inA === inB) continue;
      if (stretch[index] !== here) {
        flush();
        here = stretch[index] as number;
        earlier = inA ? a : b;
        before = [];
        gate = null;
      }
      const isEarlier = earlier === (inA ? a : b);
      if (isEarlier && behind.length > 0) flush();
      (isEarlier ? before : behind).push(task.id);
      if (!isEarlier && before.length === 0 && gate !== null) join(network, gate, task.id, data);
    }
    flush();
  }
}

/** Neighbours with the same target, where nothing else orders them: the later waits for the earlier to end. */
function addConflicts(
  network: Network,
  tasks: readonly Task[],
  order: readonly number[],
  stretch: readonly number[],
): void {
  const position = new Map(order.map((index, i) => [(tasks[index] as Task).id, i]));
  const last = new Map<string, Task>();
  let budget = 20 * tasks.length + 10_000;
  for (const index of order) {
    const task = tasks[index] as Task;
    if (task.target === null) continue;
    const before = last.get(task.target);
    last.set(task.target, task);
    if (before === undefined || stretch[before.index] !== stretch[index] || isOrdered(before.id, task.id)) continue;
    join(network, before.id, task.id, {
      kind: 'conflict',
      because: task.at,
      reason: `both change ${task.target}, and ${before.id} stands first`,
    });
  }

  /** Walks forward, never past the goal in reading order; gives up (no path known) when the budget is spent. */
  function isOrdered(from: string, to: string): boolean {
    const goal = position.get(to) as number;
    const seen = new Set([from]);
    const stack = [from];
    while (stack.length > 0 && budget > 0) {
      const node = stack.pop() as string;
      let found = false;
      network.forEachOutNeighbor(node, (next) => {
        budget--;
        if (next === to) found = true;
        if (seen.has(next) || (position.get(next) ?? 0) > goal) return;
        seen.add(next);
        stack.push(next);
      });
      if (found) return true;
    }
    return false;
  }
}
