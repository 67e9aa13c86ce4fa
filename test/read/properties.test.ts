/** What holds for every text, however odd. */
import fc from 'fast-check';
import { remark } from 'remark';
import { describe, expect, it } from 'vitest';
import { buildPlan, type Plan } from '../../src/core/plan.ts';
import { eachBlock } from '../../src/dialects/markdown.ts';
import { parse, read } from '../../src/read.ts';
import { document } from '../support/markdown.ts';

const runs = { numRuns: Number(process.env['RUNS'] ?? 300) };

interface Node {
  readonly type: string;
  readonly position?: { readonly start: { readonly offset?: number | undefined } } | undefined;
  readonly children?: readonly Node[];
}

/** Offsets of all list items and headings below `node`. */
function placesIn(node: Node, base: number): string[] {
  const own =
    node.type === 'listItem' || node.type === 'heading'
      ? [`${node.type} ${base + (node.position?.start.offset ?? 0)}`]
      : [];
  return [...own, ...(node.children ?? []).flatMap((child) => placesIn(child, base))];
}

/** Tasks that wait for each other in many ways. */
const tasks = fc
  .array(
    fc.record({
      heading: fc.option(
        fc.constantFrom(
          '## Phase 1: Setup',
          '## Phase 2: US1',
          '## Phase 3: US2',
          '## Phase 4: US1 + US3',
          '## Phase 5: Polish',
          '### Tests',
          '## Pages',
          '# Top',
        ),
        { nil: '', freq: 4 },
      ),
      mark: fc.constantFrom('', '', '[P] ', '[P] ', '[US1] ', '[P] [US2] ', '[ALL] ', '[US1] [US3] '),
      done: fc.boolean(),
      file: fc.constantFrom('', '', ' in src/a.ts', ' in src/b.ts', ' in src/c.ts'),
      waits: fc.option(fc.integer({ min: 1, max: 14 }), { nil: 0, freq: 4 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .chain((drafts) =>
    fc.record({
      drafts: fc.constant(drafts),
      sentences: fc.array(
        fc.constantFrom(
          'T001 blocks T003',
          'T002 → T004 → T005',
          'US2 depends on US1',
          'US1 depends on US2',
          'US3: extends US1',
          'Phase 4 depends on Phase 2',
          'T001-T004 block US2',
          'US1 blocks all other stories',
          'T003, T004 depend on T001-T002',
          'All user stories depend on T001',
          'US1 and US2 follow US3',
          'US2 extends US3 and US1',
        ),
        { maxLength: 5 },
      ),
    }),
  )
  .map(({ drafts, sentences }) =>
    [
      ...drafts.flatMap(({ heading, mark, done, file, waits }, i) => [
        ...(heading === '' ? [] : [heading]),
        `- [${done ? 'x' : ' '}] T${String(i + 1).padStart(3, '0')} ${mark}title${file}${waits === 0 ? '' : ` (depends on T${String(waits).padStart(3, '0')})`}`,
      ]),
      '## Dependencies',
      ...sentences.map((sentence) => `- ${sentence}`),
    ].join('\n'),
  );

function check(plan: Plan): void {
  const { network, order } = plan;
  const place = new Map(order.map((index, i) => [(plan.tasks[index] as Plan['tasks'][number]).id, i]));
  expect([...order].sort((a, b) => a - b)).toEqual(plan.tasks.map((task) => task.index));
  expect(plan.topological.length).toBe(network.order);
  const at = new Map(plan.topological.map((id, i) => [id, i]));
  // The latest task that a node waits for, through gates alone.
  const latest = new Map<string, number>();
  for (const id of plan.topological) {
    let before = -1;
    network.forEachInNeighbor(id, (from) => {
      expect(at.get(from)).toBeLessThan(at.get(id) as number);
      before = Math.max(before, place.get(from) ?? (latest.get(from) as number));
    });
    latest.set(id, before);
    const own = place.get(id);
    if (own !== undefined) expect(before).toBeLessThan(own);
  }
}

describe('any text', () => {
  it('is read without a throw, every place inside it, every box between brackets', () => {
    const text = fc.oneof(
      document(),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
    );
    fc.assert(
      fc.property(text, (source) => {
        const parsed = parse('a.md', source);
        for (const draft of parsed.drafts) {
          const { start, end } = draft.box.inner;
          expect(source[start - 1]).toBe('[');
          expect(source[end]).toBe(']');
          expect(source.slice(start, end)).not.toMatch(/[[\]\r\n]/);
          expect(draft.at.span.start).toBeLessThan(draft.at.span.end);
        }
        for (const statement of parsed.statements) {
          expect(statement.text).toBe(source.slice(statement.at.span.start, statement.at.span.end));
        }
        const plan = buildPlan(parsed, { deps: 'all' });
        check(plan);
        for (const one of plan.diagnostics)
          if (one.at !== null) expect(one.at.span.end).toBeLessThanOrEqual(source.length);
        for (const edge of plan.edges) {
          expect(edge.because.span.start).toBeLessThanOrEqual(edge.because.span.end);
          expect(edge.because.span.end).toBeLessThanOrEqual(source.length);
        }
      }),
      runs,
    );
  });

  it('has the list items and headings that remark sees, inline constructs and all', () => {
    fc.assert(
      fc.property(document(), (source) => {
        const ours: string[] = [];
        eachBlock(source, 0, (block, base) => ours.push(...placesIn(block as Node, base)), Number.POSITIVE_INFINITY);
        expect(ours).toEqual(placesIn(remark().parse(source) as Node, 0));
      }),
      runs,
    );
  });
});

describe('any tasks', () => {
  it('make a graph without cycles, in reading order, linear in the file', () => {
    fc.assert(
      fc.property(tasks, fc.constantFrom('all' as const, 'explicit' as const), (source, deps) => {
        const plan = read('a.md', source, { deps });
        check(plan);
        const sentences = source.split('\n').length;
        expect(plan.edges.length).toBeLessThanOrEqual(12 * plan.tasks.length * 3 + 30 * sentences);
        if (deps === 'explicit') expect(plan.edges.some((edge) => edge.kind === 'sequence')).toBe(false);
        for (const edge of plan.edges) expect(edge.reason).not.toBe('');
      }),
      runs,
    );
  });

  it('are joined by what stands in the file before them, and by sentences: a text may be cut behind any task', () => {
    fc.assert(
      fc.property(tasks, fc.integer({ min: 1, max: 14 }), (source, kept) => {
        const lines = source.split('\n').filter((line) => !line.includes('(depends on'));
        const upTo = lines.findIndex((line) => line.includes(`T${String(kept).padStart(3, '0')} `));
        const plan = read('a.md', lines.slice(0, upTo < 0 ? lines.length : upTo + 1).join('\n'), { deps: 'all' });
        check(plan);
      }),
      runs,
    );
  });

  it('wait for nothing new when a task is ticked', () => {
    fc.assert(
      fc.property(tasks, (source) => {
        const edges = (text: string): string[] =>
          read('a.md', text, { deps: 'all' }).edges.map((edge) => `${edge.from} ${edge.to} ${edge.kind}`);
        expect(edges(source.replaceAll('- [ ]', '- [x]'))).toEqual(edges(source));
      }),
      runs,
    );
  });
});
