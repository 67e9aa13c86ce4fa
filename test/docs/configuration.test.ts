/** docs/configuration.md has a row for each key that a configuration may have, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonSchema } from '../../src/config/schema.ts';
import { ROOT } from './support/sandbox.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly additionalProperties?: Node | boolean;
}

function keysOf(node: Node, path = ''): string[] {
  return [node, ...(node.anyOf ?? [])]
    .flatMap(({ properties }) => Object.entries(properties ?? {}))
    .flatMap(([key, inner]) => [`${path}${key}`, ...keysOf(inner, `${path}${key}.`)]);
}

const page = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8');
const rowsBelow = (heading: string): string[] => {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([\w.$]+)` \|/gm)].map((match) => match[1] as string);
};
const schema = jsonSchema() as Node;

it('every key has a row, and every row is a key', () => {
  expect(rowsBelow('Keys').sort()).toEqual(keysOf(schema).sort());
});

it('every member of a resource has a row, and every row is a member', () => {
  const one = schema.properties?.['resources']?.additionalProperties;
  expect(typeof one === 'object' ? keysOf(one).sort() : []).toEqual(rowsBelow('Resources').sort());
});
