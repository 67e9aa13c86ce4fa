import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCKS } from '../../src/core/task.ts';
import type { Drawing } from '../../src/pictures/drawing.ts';
import { draw } from '../../src/pictures/drawing.ts';
import type { PictureInput } from '../../src/pictures/picture.ts';
import { anyPlan, edgeOf, inputOf, largePlan, taskOf } from './support/plans.ts';

const named = (drawing: Drawing, index: number): string =>
  drawing.nodes[index]?.task?.id ?? drawing.nodes[index]?.label ?? '?';

const edgesOf = (drawing: Drawing): string[] =>
  drawing.edges.map(
    (edge) => `${named(drawing, edge.from)} ${edge.critical ? '=>' : '->'} ${named(drawing, edge.to)} ${edge.kind}`,
  );

const tasks = (count: number) => Array.from({ length: count }, (_, i) => taskOf(i));

/** Every pair of tasks that the given edges order, as `a>b`. */
function ordered(nodes: readonly string[], edges: readonly (readonly [from: string, to: string])[]): Set<string> {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const pairs = new Set<string>();
  for (const start of nodes) {
    const seen = new Set<string>();
    const open = [start];
    for (let node = open.pop(); node !== undefined; node = open.pop())
      for (const to of next.get(node) ?? [])
        if (!seen.has(to)) {
          seen.add(to);
          open.push(to);
        }
    for (const to of seen) if (nodes.includes(to)) pairs.add(`${start}>${to}`);
  }
  return pairs;
}

describe('draw', () => {
  it('collapses a gate with one edge in or out, and keeps one that joins many with many', () => {
    const gates = ['one', 'many'].map((id) => ({ id, label: id }));
    const edges = [edgeOf('T001', 'one'), edgeOf('one', 'T002'), edgeOf('one', 'T003')].concat([
      edgeOf('T002', 'many'),
      edgeOf('T003', 'many'),
      edgeOf('many', 'T004'),
      edgeOf('many', 'T005'),
    ]);
    expect(edgesOf(draw(inputOf({ tasks: tasks(5), gates, edges })))).toEqual([
      'T001 -> T002 sequence',
      'T001 -> T003 sequence',
      'T002 -> many sequence',
      'T003 -> many sequence',
      'many -> T004 sequence',
      'many -> T005 sequence',
    ]);
  });

  it('leaves out an implied edge, unless it blocks and what implies it does not', () => {
    const around = (kind: 'hint' | 'sequence') =>
      draw(
        inputOf({
          tasks: tasks(3),
          edges: [edgeOf('T001', 'T002', kind), edgeOf('T002', 'T003'), edgeOf('T001', 'T003')],
        }),
      );
    expect(edgesOf(around('sequence'))).toEqual(['T001 -> T002 sequence', 'T002 -> T003 sequence']);
    expect(edgesOf(around('hint'))).toEqual(['T001 -> T002 hint', 'T001 -> T003 sequence', 'T002 -> T003 sequence']);
  });

  it('draws the stronger of two edges between the same nodes', () => {
    const edges = [
      edgeOf('T001', 'T002', 'conflict'),
      edgeOf('T001', 'T002', 'explicit'),
      edgeOf('T001', 'T002', 'hint'),
    ];
    expect(edgesOf(draw(inputOf({ tasks: tasks(2), edges })))).toEqual(['T001 -> T002 explicit']);
  });

  it('follows the critical path through gates, named or not', () => {
    const gates = ['a', 'b'].map((id) => ({ id, label: id }));
    const edges = ['T001', 'T002']
      .map((id) => edgeOf(id, 'a', 'barrier'))
      .concat(
        [edgeOf('a', 'b', 'barrier'), edgeOf('a', 'T003', 'barrier')],
        ['T004', 'T005'].map((id) => edgeOf('b', id, 'barrier')),
        [edgeOf('T003', 'b', 'barrier')],
      );
    const critical = (criticalPath: string[]) =>
      edgesOf(draw(inputOf({ tasks: tasks(5), gates, edges, criticalPath }))).filter((edge) => edge.includes('=>'));
    const expected = ['T001 => a barrier', 'T003 => b barrier', 'a => T003 barrier', 'b => T005 barrier'];
    expect(critical(['T001', 'T003', 'T005']).sort()).toEqual(expected);
    expect(critical(['T001', 'a', 'T003', 'b', 'T005']).sort()).toEqual(expected);
  });

  it('ignores edges and path ids that nobody has', () => {
    const drawing = draw(
      inputOf({ tasks: tasks(1), edges: [edgeOf('T001', 'T999'), edgeOf('x', 'T001')], criticalPath: ['y'] }),
    );
    expect(drawing.edges).toEqual([]);
    expect(drawing.nodes).toHaveLength(1);
  });

  it('orders the same tasks as the plan, and blocks the same', () => {
    const both = (input: PictureInput, only: (kind: keyof typeof BLOCKS) => boolean) => {
      const drawing = draw(input);
      const ids = input.tasks.map((task) => task.id);
      const name = (i: number): string => drawing.nodes[i]?.task?.id ?? `gate ${i}`;
      return [
        ordered(
          ids,
          input.edges.filter((edge) => only(edge.kind)).map((edge) => [edge.from, edge.to] as const),
        ),
        ordered(
          ids,
          drawing.edges.filter((edge) => only(edge.kind)).map((edge) => [name(edge.from), name(edge.to)] as const),
        ),
      ];
    };
    fc.assert(
      fc.property(anyPlan(), (input) => {
        for (const only of [() => true, (kind: keyof typeof BLOCKS) => BLOCKS[kind]]) {
          const [plan, drawing] = both(input, only);
          expect(drawing).toEqual(plan);
        }
      }),
    );
  });

  it('puts every node below those that it waits for', () => {
    fc.assert(
      fc.property(anyPlan(), (input) => {
        const { nodes, edges } = draw(input);
        for (const { from, to } of edges) expect(nodes[from]!.level).toBeLessThan(nodes[to]!.level);
      }),
    );
  });

  it('collapses a long chain of gates', () => {
    const gates = Array.from({ length: 20_000 }, (_, i) => ({ id: `g${i}`, label: '' }));
    const edges = gates
      .slice(1)
      .map((gate, i) => edgeOf(`g${i}`, gate.id))
      .concat(tasks(50).flatMap(({ id }, i) => (i < 25 ? [edgeOf(id, 'g0')] : [edgeOf('g19999', id)])));
    const drawing = draw(inputOf({ tasks: tasks(50), gates, edges }));
    expect(drawing.nodes).toHaveLength(51);
    expect(drawing.edges).toHaveLength(50);
  });

  it('keeps a large plan linear', () => {
    const drawing = draw(largePlan(50_000));
    expect(drawing.edges.length).toBeLessThan(100_001);
  });
});
