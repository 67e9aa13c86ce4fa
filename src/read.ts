/** File to plan: the one way in, for the run and for every command. Picks the dialect; reads no disk itself. */
import { dialects } from './builtins.ts';
import { buildPlan, type Plan, type PlanOptions } from './core/plan.ts';
import { type SourceFile, sourceFile } from './core/source.ts';
import type { FrontMatter, Parsed } from './core/task.ts';
import { readFrontMatter } from './dialects/front-matter.ts';

/** Reads a text with the first dialect that knows it. */
export function parse(name: string, text: string): Parsed {
  const source = sourceFile(name, text);
  for (const dialect of dialects) {
    const parsed = dialect.matches(source) ? dialect.parse(source) : null;
    if (parsed !== null) return parsed;
  }
  throw new Error('the last dialect of the table reads any text');
}

/** Text to plan. Never throws on any text; what is wrong with it stands in `plan.diagnostics`. */
export function read(name: string, text: string, options: PlanOptions): Plan {
  return buildPlan(parse(name, text), options);
}

/** The front matter alone, as every dialect reads it: what has to be known before there is a plan. */
export function frontMatterOf(source: SourceFile): FrontMatter {
  return readFrontMatter(source).value;
}
