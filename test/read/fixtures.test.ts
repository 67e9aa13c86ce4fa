/**
 * Every `fixtures/*.md` is read and compared with what stands beside it: `.json` holds the tasks in short form and
 * what they wait for, `.txt` the diagnostics as people see them. Set `UPDATE=1` to write both anew, and read the diff.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { draw } from '../../src/core/caret.ts';
import type { Plan } from '../../src/core/plan.ts';
import { read } from '../../src/read.ts';
import { pairs } from '../support/plans.ts';

const folder = new URL('../../fixtures/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -3))
  .sort();

/** One task on one line, so that a diff shows what changed. */
function short(plan: Plan): string {
  const tasks = plan.tasks.map((task) => ({
    id: task.id,
    line: task.line,
    title: task.title,
    ...(task.status === 'open' ? {} : { status: task.status }),
    ...(task.boxes.length > 1 ? { boxes: task.boxes.length } : {}),
    ...(task.parallel ? { parallel: true } : {}),
    ...(task.all ? { all: true } : {}),
    ...(task.stories.length > 0 ? { stories: task.stories } : {}),
    ...(task.priority === null ? {} : { priority: task.priority }),
    phase: task.phase,
    ...(task.group === null ? {} : { group: task.group }),
    ...(task.labels.length > 0 ? { labels: task.labels } : {}),
    ...(task.paths.length > 0 ? { paths: task.paths } : {}),
    ...(task.target === null ? {} : { target: task.target }),
    ...(task.body === '' ? {} : { body: task.body }),
    ...(task.scripts.length > 0 ? { scripts: task.scripts.map(({ language, source }) => ({ language, source })) } : {}),
  }));
  const phases = plan.phases.map(({ name, number, shared, stories }) => ({ name, number, shared, stories }));
  const said = plan.edges.filter((edge) => edge.kind !== 'barrier' && edge.kind !== 'sequence');
  const lines = (items: readonly unknown[]): string => items.map((item) => `    ${JSON.stringify(item)}`).join(',\n');
  return [
    '{',
    `  "dialect": ${JSON.stringify(plan.dialect)},`,
    `  "checklists": [${plan.checklists}, ${plan.checklistsDone}],`,
    `  "phases": [\n${lines(phases)}\n  ],`,
    `  "tasks": [\n${lines(tasks)}\n  ],`,
    `  "order": ${JSON.stringify(plan.order)},`,
    `  "waits": [\n${lines(pairs(plan))}\n  ],`,
    `  "reasons": [\n${lines(said.map((edge) => `${edge.from} < ${edge.to} ${edge.kind}: ${edge.reason}`))}\n  ]`,
    '}',
    '',
  ].join('\n');
}

describe('fixtures', () => {
  it.each(names)('%s', (name) => {
    const text = readFileSync(new URL(`${name}.md`, folder), 'utf8');
    const plan = read(`${name}.md`, text, { deps: 'all' });
    const json = short(plan);
    const messages = plan.diagnostics.map((one) => `${draw(one, plan.source)}\n`).join('\n');
    const files = [
      [`${name}.json`, json],
      [`${name}.txt`, messages],
    ] as const;
    for (const [file, content] of files) {
      const path = new URL(file, folder);
      if (process.env['UPDATE'] === '1') writeFileSync(path, content);
      expect(content).toBe(readFileSync(path, 'utf8'));
    }
    expect(JSON.parse(json)).toBeTypeOf('object');
  });
});
