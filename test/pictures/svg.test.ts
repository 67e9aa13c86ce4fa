import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PictureInput } from '../../src/pictures/picture.ts';
import { svg } from '../../src/pictures/svg.ts';
import { clean } from '../../src/pictures/text.ts';
import { feature } from './support/feature.ts';
import { anyPlan, edgeOf, HOSTILE, inputOf, largePlan, phaseOf, taskOf } from './support/plans.ts';
import type { Element } from './support/xml.ts';
import { classesOf, elements, parseXml, textOf } from './support/xml.ts';

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const number = (element: Element, name: string): number => {
  const value = Number(element.attributes[name] ?? '0');
  if (!Number.isFinite(value)) throw new Error(`${name} of ${element.name} is no number`);
  return value;
};

function rectOf(element: Element, dx = 0, dy = 0): Rect {
  const [width, height] = [number(element, 'width'), number(element, 'height')];
  return { x: dx + number(element, 'x'), y: dy + number(element, 'y'), width, height };
}

const groupsOf = (root: Element): Element[] =>
  elements(root).filter((e) => e.name === 'g' && classesOf(e).includes('t'));

function boxesOf(root: Element): Rect[] {
  return groupsOf(root).map((group) => {
    const [, x, y] = /^translate\((\S+) (\S+)\)$/.exec(group.attributes['transform']!)!;
    return rectOf(elements(group).find((e) => classesOf(e).includes('b'))!, Number(x), Number(y));
  });
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const inside = (a: Rect, b: Rect): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

/** Sweeps from top to bottom, so that it is quick enough for thousands of boxes. */
function overlapping(boxes: readonly Rect[]): [Rect, Rect][] {
  const found: [Rect, Rect][] = [];
  let open: Rect[] = [];
  for (const box of [...boxes].sort((a, b) => a.y - b.y)) {
    open = open.filter((other) => other.y + other.height > box.y);
    for (const other of open) if (overlap(box, other)) found.push([box, other]);
    open.push(box);
  }
  return found;
}

/** What holds of every picture. */
function check(input: PictureInput): Element {
  const root = parseXml(svg(input));
  const boxes = boxesOf(root);
  expect(boxes).toHaveLength(input.tasks.length);
  expect(overlapping(boxes)).toEqual([]);
  const areas = elements(root)
    .filter((e) => classesOf(e).includes('a'))
    .map((e) => rectOf(e));
  expect(overlapping(areas)).toEqual([]);
  const [width, height] = [number(root, 'width'), number(root, 'height')];
  expect(boxes.filter((box) => !inside(box, { x: 0, y: 0, width, height }))).toEqual([]);
  expect(root.attributes['role']).toBe('img');
  const names = new Set(elements(root).map((element) => element.name));
  const known = ['svg', 'title', 'style', 'defs', 'marker', 'g', 'rect', 'path', 'circle', 'text'];
  expect([...names].filter((name) => !known.includes(name))).toEqual([]);
  const attributes = elements(root).flatMap((element) => Object.entries(element.attributes));
  expect(attributes.filter(([name]) => /^on|href/.test(name))).toEqual([]);
  const broken = /NaN|undefined|Infinity|url\((?!#implement-)/;
  expect(attributes.filter(([name, value]) => name !== 'aria-label' && broken.test(value))).toEqual([]);
  return root;
}

describe('svg', () => {
  it('shows a feature of fifty tasks with its phases, stories, states and kinds of edges', () => {
    const input = feature();
    const root = check(input);
    const areas = elements(root).filter((e) => classesOf(e).includes('a'));
    expect(areas.map(textOf)).toEqual(input.phases.map((phase) => phase.name));
    const boxes = boxesOf(root);
    for (const [i, task] of input.tasks.entries()) expect(inside(boxes[i]!, rectOf(areas[task.phase]!))).toBe(true);
    const groups = groupsOf(root);
    for (const [i, task] of input.tasks.entries()) {
      expect(classesOf(groups[i]!)).toContain(task.state);
      const texts = elements(groups[i]!)
        .filter((e) => e.name === 'text')
        .map(textOf);
      expect(texts).toEqual(expect.arrayContaining([task.id, ...task.stories]));
    }
    const chips = new Map<string, Set<string>>();
    for (const group of elements(root).filter((e) => e.name === 'g')) {
      for (const [i, child] of group.children.entries()) {
        if (typeof child === 'string' || !classesOf(child).includes('c')) continue;
        const story = textOf(child);
        chips.set(story, (chips.get(story) ?? new Set()).add((group.children[i - 1] as Element).attributes['fill']!));
      }
    }
    expect([...chips.keys()].sort()).toEqual(['US1', 'US2', 'US3', 'US4']);
    expect([...chips.values()].map((colors) => colors.size)).toEqual([1, 1, 1, 1]);
    expect(new Set([...chips.values()].flatMap((colors) => [...colors])).size).toBe(4);
    const legend = elements(root)
      .filter((e) => classesOf(e).includes('k'))
      .map(textOf);
    expect(legend).toEqual([
      '50 tasks, 14 done',
      'done 13',
      'running 3',
      'delayed 1',
      'pending 18',
      'failed 1',
      'blocked 7',
      'skipped 1',
      'deferred 6',
      'explicit',
      'barrier',
      'sequence',
      'hint',
      'conflict',
      'critical path',
    ]);
    expect(number(root, 'width')).toBeLessThan(2200);
    expect(number(root, 'height')).toBeLessThan(3000);
  });

  it('draws the whole critical path bold, through gates too', () => {
    const input = feature();
    const root = check(input);
    const bold = elements(root).filter((e) => classesOf(e).includes('t') && classesOf(e).includes('x'));
    expect(bold.map((group) => textOf(elements(group).find((e) => classesOf(e).includes('i'))!))).toEqual(
      [...input.criticalPath].sort(),
    );
    const reasons = elements(root)
      .filter((e) => classesOf(e).includes('e') && classesOf(e).includes('x'))
      .map(textOf);
    expect(reasons.filter((reason) => reason.startsWith('barrier')).length).toBeGreaterThan(3);
    expect(reasons).toContain('conflict: both change `src/server.ts`');
  });

  it('gathers many tasks side by side into a field', () => {
    const tasks = Array.from({ length: 40 }, (_, i) => taskOf(i, { parallel: true }));
    const root = check(inputOf({ tasks }));
    expect(elements(root).filter((e) => classesOf(e).includes('f'))).toHaveLength(1);
    expect(number(root, 'width')).toBeLessThan(1700);
  });

  it.each(HOSTILE.map((text) => [text.slice(0, 40), text]))('survives %j as title, id, phase and reason', (_, text) => {
    const tasks = [
      taskOf(0, { title: text, id: `a${text}`, stories: ['US1', 'US2', 'US3'] }),
      taskOf(1, { title: text }),
    ];
    const gates = [{ id: 'g', label: text }];
    const edges = [edgeOf(tasks[0]!.id, tasks[1]!.id, 'explicit', text)];
    const root = check(inputOf({ title: text, phases: [phaseOf(0, text)], tasks, gates, edges }));
    expect(root.attributes['aria-label']).toContain(clean(text).slice(0, 50));
    expect(elements(root).some((e) => e.name === 'script')).toBe(false);
  });

  it('shows an empty plan and a plan of one task', () => {
    expect(textOf(check(inputOf({})))).toContain('no tasks');
    expect(textOf(check(inputOf({ tasks: [taskOf(0)] })))).toContain('1 task, 0 done');
  });

  it('is well formed, without overlaps and the same each time, whatever the plan', () => {
    fc.assert(
      fc.property(anyPlan(), (input) => {
        check(input);
        expect(svg(input)).toBe(svg(input));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('keeps boxes apart in a plan too large for layers, phases named in each box', () => {
    const root = check(largePlan(1500));
    expect(elements(root).filter((e) => classesOf(e).includes('a'))).toEqual([]);
    expect(textOf(groupsOf(root)[25]!)).toContain('Phase 3');
  });

  it('keeps boxes apart where many edges cross', () => {
    const tasks = Array.from({ length: 120 }, (_, i) => taskOf(i, { phase: i % 3 }));
    const edges = tasks.flatMap(({ id }, i) =>
      [7, 11, 31].flatMap((step) => (i >= step ? [edgeOf(tasks[i - step]!.id, id)] : [])),
    );
    check(inputOf({ phases: [0, 1, 2].map((i) => phaseOf(i)), tasks, edges }));
  });

  it('draws a hundred thousand tasks', () => {
    const text = svg(largePlan(100_000));
    expect(text.match(/<g class="t /g)).toHaveLength(100_000);
    expect(text.endsWith('</g>\n</svg>\n')).toBe(true);
  }, 60_000);

  it('does not fail on a cycle, which a plan never has', () => {
    const tasks = [taskOf(0), taskOf(1), taskOf(2)];
    check(
      inputOf({
        tasks,
        edges: [edgeOf('T001', 'T002'), edgeOf('T002', 'T003'), edgeOf('T003', 'T001'), edgeOf('T001', 'T001')],
      }),
    );
  });
});
