import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dot } from '../../src/pictures/dot.ts';
import type { PictureInput } from '../../src/pictures/picture.ts';
import { plain } from '../../src/pictures/text.ts';
import { feature } from './support/feature.ts';
import { anyPlan, edgeOf, HOSTILE, inputOf, largePlan, phaseOf, taskOf } from './support/plans.ts';
import { elements, parseXml, textOf } from './support/xml.ts';

/** A token of DOT: a quoted string, a name or number, an arrow, or a sign. */
const TOKEN = /\s*(?:("(?:[^"\\\n]|\\.)*")|([A-Za-z_]\w*|-?\d+(?:\.\d+)?)|(->)|([[\]{}=,;]))/y;

/** Reads DOT strictly; fails on anything that is no token. Gives the nodes, edges, clusters and unescaped labels. */
function read(text: string): { nodes: string[]; edges: [string, string][]; clusters: string[]; strings: string[] } {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`no token: ${JSON.stringify(text.slice(at, at + 60))}`);
    tokens.push(match[0].trim());
  }
  let depth = 0;
  const brackets: string[] = [];
  const result: ReturnType<typeof read> = { nodes: [], edges: [], clusters: [], strings: [] };
  for (const [i, token] of tokens.entries()) {
    if (token === '{' || token === '[') brackets.push(token);
    if (token === '}' || token === ']') expect(brackets.pop()).toBe(token === '}' ? '{' : '[');
    depth = Math.max(depth, brackets.length);
    if (token.startsWith('"'))
      result.strings.push(
        token
          .slice(1, -1)
          .replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
          .replaceAll('&amp;', '&'),
      );
    if (/^n\d+$/.test(token) && tokens[i + 1] === '[' && tokens[i - 1] !== '->') result.nodes.push(token);
    if (token === '->') result.edges.push([tokens[i - 1]!, tokens[i + 1]!]);
    if (token === 'subgraph') result.clusters.push(tokens[i + 1]!);
  }
  expect(brackets).toEqual([]);
  return result;
}

function check(input: PictureInput): ReturnType<typeof read> {
  const result = read(dot(input));
  expect(new Set(result.nodes).size).toBe(result.nodes.length);
  expect(result.nodes.length).toBeGreaterThanOrEqual(input.tasks.length);
  for (const end of result.edges.flat()) expect(result.nodes).toContain(end);
  return result;
}

const graphviz = spawnSync('dot', ['-V']).status === 0;

function render(text: string): string {
  const { status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input: text, encoding: 'utf8' });
  expect(stderr.split('\n').filter((line) => line !== '' && !/font|Pango|glyph/i.test(line))).toEqual([]);
  expect(status).toBe(0);
  return stdout.replace(/^<\?xml[^>]*>\s*<!DOCTYPE[^>]*>/, '').replace(/<!--.*?-->/gs, '');
}

describe('dot', () => {
  it('has a cluster for each phase and a node for each task', () => {
    const input = feature();
    const { clusters, nodes, strings } = check(input);
    expect(clusters).toEqual(input.phases.map((phase) => `cluster_${phase.index}`));
    expect(nodes.length).toBeLessThan(60);
    expect(strings).toEqual(expect.arrayContaining(input.phases.map((phase) => phase.name)));
  });

  it.each(HOSTILE.map((text) => [text.slice(0, 40), text]))('keeps %j inside of its string', (_, text) => {
    const tasks = [taskOf(0, { title: text, id: `a${text}` }), taskOf(1, { title: text })];
    const edges = [edgeOf(tasks[0]!.id, 'T002', 'explicit', text)];
    const { strings, edges: drawn } = check(inputOf({ title: text, phases: [phaseOf(0, text)], tasks, edges }));
    expect(drawn).toHaveLength(1);
    if (text.length < 30) expect(strings.some((string) => string.includes(plain(text)))).toBe(true);
  });

  it('reads back, and is the same each time, whatever the plan', () => {
    fc.assert(
      fc.property(anyPlan(), (input) => {
        check(input);
        expect(dot(input)).toBe(dot(input));
      }),
    );
  });

  it('shows an empty plan and a large one', () => {
    expect(check(inputOf({})).nodes).toEqual([]);
    expect(dot(largePlan(20_000)).match(/^ +n\d+ \[/gm)!.length).toBeGreaterThan(20_000);
  });

  it.skipIf(!graphviz)('is drawn by Graphviz with the words as they were', () => {
    const tasks = HOSTILE.map((title, i) => taskOf(i, { title, phase: i % 3, id: `T${i}${title.slice(0, 20)}` }));
    const phases = [0, 1, 2].map((i) => phaseOf(i, HOSTILE[i]!));
    const root = parseXml(render(dot(inputOf({ title: HOSTILE.join(' '), phases, tasks }))));
    const texts = elements(root)
      .filter((e) => e.name === 'text')
      .map((e) => textOf(e).replaceAll('\u00a0', ' '));
    for (const text of [
      '</text><script>alert(1)</script>',
      '&lt;b&gt; &#x41; &amp;',
      '\\" \\N \\G \\l',
      'back\\slash at the end \\',
      ']]>',
    ])
      expect(texts).toContain(text);
    parseXml(render(dot(feature())));
    for (const input of fc.sample(anyPlan(12), { numRuns: 10, seed: 7 })) parseXml(render(dot(input)));
  });
});
