import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mermaid } from '../../src/pictures/mermaid.ts';
import type { PictureInput } from '../../src/pictures/picture.ts';
import { plain } from '../../src/pictures/text.ts';
import { feature } from './support/feature.ts';
import { anyPlan, edgeOf, HOSTILE, inputOf, largePlan, phaseOf, taskOf } from './support/plans.ts';

const LABEL = String.raw`"(?:[\p{L}\p{M}\p{N}\p{Cf}\p{Extended_Pictographic} ,./()[\]!?'+=_-]|#\d+;|#quot;|<br/>)*"`;
/** The whole language that is used: a line that is none of these could mean anything. */
const LINES: Readonly<Record<string, RegExp>> = {
  note: /^%% [\w ,:]+$/,
  head: /^flowchart TB$/,
  title: /^accTitle: [^"<>%{};:\n]*(?:#(?:\d+|quot);[^"<>%{};:\n]*)*$/,
  begin: new RegExp(`^subgraph p\\d+\\[${LABEL}\\]$`, 'u'),
  end: /^end$/,
  task: new RegExp(`^n\\d+\\[${LABEL}\\]:::[a-z]+$`, 'u'),
  gate: /^n\d+\(\(" "\)\):::gate$/,
  empty: /^empty\["no tasks"\]$/,
  edge: /^n\d+ (?:==>|-->|-\.->) n\d+$/,
  classDef: /^classDef [a-z]+ (?:[a-z-]+:[#\w ]+,?)+$/,
  class: /^class n\d+(?:,n\d+)* critical$/,
  linkStyle: /^linkStyle \d+(?:,\d+)* stroke:#\w+,stroke-width:[\d.]+px$/,
  style: /^style p\d+ fill:#\w+,stroke:#\w+,color:#\w+$/,
};

function check(input: PictureInput): Readonly<Record<string, string[]>> {
  const found: Record<string, string[]> = Object.fromEntries(Object.keys(LINES).map((name) => [name, []]));
  for (const line of mermaid(input).trimEnd().split('\n')) {
    const kind = Object.keys(LINES).find((name) => LINES[name]!.test(line.trim()));
    if (kind === undefined) throw new Error(`no line of Mermaid: ${line}`);
    found[kind]!.push(line.trim());
  }
  const nodes = new Set([...found['task']!, ...found['gate']!].map((line) => /^n\d+/.exec(line)![0]));
  expect(nodes.size).toBe(found['task']!.length + found['gate']!.length);
  for (const line of found['edge']!) for (const end of line.match(/n\d+/g)!) expect(nodes).toContain(end);
  expect(found['begin']).toHaveLength(found['end']!.length);
  expect(found['task']).toHaveLength(input.tasks.length);
  return found;
}

const decode = (label: string): string =>
  label.replace(/#(?:(\d+)|quot);/g, (_, code: string | undefined) =>
    code === undefined ? '"' : String.fromCodePoint(Number(code)),
  );

describe('mermaid', () => {
  it('has a subgraph for each phase and an edge style for each kind', () => {
    const input = feature();
    const found = check(input);
    expect(found['begin']!.map((line) => decode(/"(.*)"/.exec(line)![1]!))).toEqual(
      input.phases.map((phase) => phase.name),
    );
    expect(found['linkStyle']).toHaveLength(5);
    expect(found['edge']!.filter((line) => line.includes('==>')).length).toBeGreaterThan(input.criticalPath.length);
    expect(found['note']).toEqual([]);
  });

  it.each(HOSTILE.map((text) => [text.slice(0, 40), text]))('keeps %j inside of its label', (_, text) => {
    const tasks = [taskOf(0, { title: text, id: `a${text}` }), taskOf(1, { title: text })];
    const input = inputOf({
      title: text,
      phases: [phaseOf(0, text)],
      tasks,
      edges: [edgeOf(tasks[0]!.id, 'T002', 'explicit', text)],
    });
    const label = decode(check(input)['task']![1]!);
    if (text.length < 80) expect(label).toContain(plain(text).replace('ﬂ', 'fl'));
  });

  it('uses only lines of its language, and is the same each time, whatever the plan', () => {
    fc.assert(
      fc.property(anyPlan(), (input) => {
        check(input);
        expect(mermaid(input)).toBe(mermaid(input));
      }),
    );
  });

  it('shows an empty plan, and says when one is larger than Mermaid draws by default', () => {
    expect(check(inputOf({}))['empty']).toHaveLength(1);
    expect(mermaid(largePlan(20_000))).toMatch(/^%% larger than Mermaid draws by default/);
  });
});
