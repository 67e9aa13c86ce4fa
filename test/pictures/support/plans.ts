/**
 * Plans to draw: one as a feature really looks, random ones, and single tasks. Edges are made the way a plan makes
 * them, gates included, but by far simpler rules.
 */
import fc from 'fast-check';
import type { TaskStatus } from '../../../src/core/session.ts';
import type { Edge, EdgeKind, Gate, Phase } from '../../../src/core/task.ts';
import type { PictureInput, PictureTask } from '../../../src/pictures/picture.ts';

const AT = { file: 'tasks.md', span: { start: 0, end: 0 } };

export const HOSTILE = [
  '</text><script>alert(1)</script>',
  ']]>',
  '"',
  '&',
  '&lt;b&gt; &#x41; &amp;',
  '-->',
  '<!-- x --> <![CDATA[ y ]]>',
  '%%{init: {"theme":"dark"}}%%',
  '%% comment',
  'one\ntwo\r\nthree\u2028four',
  'nul\0bell\u0007escape\u001b[31m',
  '\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627',
  'lone \ud800 high, lone \udc00 low, \ufffe \uffff',
  'back\\slash at the end \\',
  '\\" \\N \\G \\l',
  "it's; style a: #red; end subgraph x",
  'classDef done fill:#fff; click n0 call f()',
  '`code` **bold** "`markdown`"',
  'ﬂ°°60¶ß',
  '日本語の長いタイトルは箱の幅で折り返されるべきです。日本語の長いタイトルは箱の幅で折り返されるべきです。日本語',
  '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦',
  'x'.repeat(5000),
  '',
  ' ',
];

export function phaseOf(index: number, name = `Phase ${index + 1}`): Phase {
  return { index, name, number: String(index + 1), heading: null, shared: false, stories: [] };
}

export function taskOf(index: number, rest: Partial<PictureTask> = {}): PictureTask {
  return {
    id: `T${String(index + 1).padStart(3, '0')}`,
    index,
    title: `Task number ${index + 1}`,
    at: AT,
    line: index + 1,
    status: 'open',
    boxes: [],
    parallel: false,
    stories: [],
    all: false,
    priority: null,
    labels: [],
    paths: [],
    target: null,
    phase: 0,
    group: null,
    body: '',
    scripts: [],
    state: 'pending',
    ...rest,
  };
}

export function edgeOf(from: string, to: string, kind: EdgeKind = 'sequence', reason = 'for a reason'): Edge {
  return { from, to, kind, because: AT, reason };
}

export function inputOf(rest: Partial<PictureInput>): PictureInput {
  return { title: 'tasks.md', phases: [phaseOf(0)], tasks: [], gates: [], edges: [], criticalPath: [], ...rest };
}

/** `count` tasks in `count / 10` phases that each wait for the one before through a gate: as large as wanted. */
export function largePlan(count: number): PictureInput {
  const phases = Array.from({ length: Math.ceil(count / 10) }, (_, i) => phaseOf(i));
  const tasks = Array.from({ length: count }, (_, i) => taskOf(i, { phase: Math.floor(i / 10), parallel: true }));
  const gates = phases.slice(1).map((phase) => ({ id: `gate-${phase.index}`, label: `before ${phase.name}` }));
  const edges = tasks.flatMap(({ id, phase }) => [
    ...(phase > 0 ? [edgeOf(`gate-${phase}`, id, 'barrier')] : []),
    ...(phase < phases.length - 1 ? [edgeOf(id, `gate-${phase + 1}`, 'barrier')] : []),
  ]);
  return inputOf({
    phases,
    tasks,
    gates,
    edges,
    criticalPath: tasks.filter((_, i) => i % 10 === 0).map((task) => task.id),
  });
}

const STATES: readonly TaskStatus[] = [
  'pending',
  'running',
  'delayed',
  'done',
  'failed',
  'blocked',
  'cancelled',
  'skipped',
  'deferred',
];
const KINDS: readonly EdgeKind[] = ['explicit', 'barrier', 'sequence', 'hint', 'conflict'];

const title = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 90 }),
);

/** Any acyclic plan of up to `most` tasks, with gates, hostile words and every state and kind of edge. */
export function anyPlan(most = 24): fc.Arbitrary<PictureInput> {
  return fc
    .record({
      title,
      names: fc.array(title, { minLength: 1, maxLength: 4 }),
      tasks: fc.array(
        fc.record({
          title,
          phase: fc.nat(3),
          state: fc.constantFrom(...STATES),
          stories: fc.uniqueArray(fc.constantFrom('US1', 'US2', 'US3', 'US12'), { maxLength: 4 }),
          parallel: fc.boolean(),
          gate: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
        }),
        { maxLength: most },
      ),
      links: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...KINDS), title), { maxLength: 3 * most }),
      path: fc.array(fc.boolean(), { maxLength: most }),
    })
    .map((plan) => {
      const phases = plan.names.map((name, i) => phaseOf(i, name));
      const tasks: PictureTask[] = [];
      const gates: Gate[] = [];
      const ids: string[] = [];
      for (const { gate, phase, ...rest } of plan.tasks) {
        const task = taskOf(tasks.length, { ...rest, phase: phase % phases.length });
        if (gate) gates.push({ id: `gate-${gates.length}`, label: rest.title });
        else tasks.push(task);
        ids.push(gate ? `gate-${gates.length - 1}` : task.id);
      }
      const edges = plan.links.flatMap(([a, b, kind, reason]) => {
        const from = a % (ids.length || 1);
        const to = b % (ids.length || 1);
        return from === to ? [] : [edgeOf(ids[Math.min(from, to)]!, ids[Math.max(from, to)]!, kind, reason)];
      });
      const criticalPath = ids.filter((_, i) => plan.path[i] === true);
      return inputOf({ title: plan.title, phases, tasks, gates, edges, criticalPath });
    });
}
