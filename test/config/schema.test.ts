/** The schema and what is made of it: the same keys as the type that people write, a sentence for each, JSON Schema. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { reporters } from '../../src/builtins.ts';
import type { Configuration, ResourceConfiguration, WorktreeConfiguration } from '../../src/config/configuration.ts';
import { defineConfig } from '../../src/config/configuration.ts';
import { configurationSchema, jsonSchema } from '../../src/config/schema.ts';

type Written = z.input<typeof configurationSchema>;
type WrittenResource = Exclude<NonNullable<Written['resources']>[string], number>;
type WrittenWorktree = Exclude<NonNullable<Written['worktree']>, boolean>;

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly additionalProperties?: Node | boolean;
  readonly enum?: readonly string[];
  readonly $schema?: string;
}

/** All keys with the sentence about each, nested ones too. */
function keysOf(node: Node, path = ''): [string, string | undefined][] {
  const inner = [node, ...(node.anyOf ?? [])].flatMap(({ additionalProperties }) =>
    typeof additionalProperties === 'object' ? keysOf(additionalProperties, `${path}*.`) : [],
  );
  return [node, ...(node.anyOf ?? [])]
    .flatMap(({ properties }) => Object.entries(properties ?? {}))
    .flatMap(([key, one]): [string, string | undefined][] => [
      [`${path}${key}`, one.description],
      ...keysOf(one, `${path}${key}.`),
    ])
    .concat(inner);
}

describe('the schema', () => {
  const schema = jsonSchema() as Node;

  it('has the keys of the type', () => {
    expectTypeOf<keyof Configuration>().toEqualTypeOf<keyof Written>();
    expectTypeOf<keyof ResourceConfiguration>().toEqualTypeOf<keyof WrittenResource>();
    expectTypeOf<keyof WrittenWorktree>().toEqualTypeOf<keyof WorktreeConfiguration>();
  });

  it('describes each key in a sentence', () => {
    const keys = keysOf(schema);
    expect(keys.length).toBeGreaterThan(35);
    expect(keys.map(([key]) => key)).toEqual(expect.arrayContaining(['worktree.ports.base', 'resources.*.slots']));
    expect(keys.filter(([, text]) => text === undefined || !/\.$/.test(text))).toEqual([]);
  });

  it('is one that editors read, and takes no other keys', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.additionalProperties).toBe(false);
  });

  it('knows the reporters that there are', () => {
    expect([...(schema.properties?.['reporter']?.enum ?? [])].sort()).toEqual(Object.keys(reporters).sort());
  });

  it('accepts everything that can be said', () => {
    const all = {
      $schema: './node_modules/implement-dag/dist/implement.schema.json',
      parallel: true,
      jobs: 4,
      overlap: 'stories',
      deps: 'explicit',
      failFast: true,
      maxFailures: 3,
      retries: 0,
      conflictRetries: 1,
      timeout: '30m',
      grace: '5s',
      exec: 'true',
      agent: 'auto',
      model: null,
      agentArgs: '--flag "a value"',
      silence: '20m',
      verify: null,
      verifyPhase: 'npm test',
      verifyEnd: 'npm run e2e',
      stateDir: '.implement',
      reporter: 'plain',
      color: 'never',
      commit: { enabled: true, style: 'conventional' },
      branch: 'main',
      allowDirty: false,
      worktree: {
        enabled: true,
        dir: '../trees',
        copy: ['.env'],
        setup: 'npm ci',
        setupTimeout: '1h30m',
        ports: { base: 20_000, count: 20 },
      },
      promptBudget: 8_000,
      resources: {
        e2e: 1,
        db: { slots: 1, labels: ['DB'], phases: ['Phase 4'], paths: ['migrations/**'], verify: true },
      },
    } as const satisfies Configuration;
    expect(defineConfig(all)).toBe(all);
    expect(configurationSchema.safeParse(all).error).toBeUndefined();
    expect(Object.keys(all).sort()).toEqual(Object.keys(configurationSchema.shape).sort());
  });
});
