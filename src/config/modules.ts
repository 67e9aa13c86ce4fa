/**
 * Configurations that are programs: JavaScript by Node itself, TypeScript through jiti, because the oldest Node that
 * is supported strips no types. Runs what it loads; knows nothing of what comes out.
 */
import { pathToFileURL } from 'node:url';
import { type Diagnostic, error } from '../core/diagnostic.ts';
import { oneLine } from '../core/redact.ts';
import { at, type Location, type SourceFile } from '../core/source.ts';
import { defineConfig } from './configuration.ts';
import type { Path, Placed } from './placed.ts';

export type Loading = { readonly placed: Placed } | { readonly fault: Diagnostic };

/** The name under which the package is installed: TypeScript may import `defineConfig` from it wherever it is. */
const PACKAGE = 'implement-dag';

/** Loads the default export: an object, a promise, or a function that gives one. Errors: `config-file`. */
export async function loadModule(path: string, source: SourceFile, isTyped: boolean): Promise<Loading> {
  let exported: unknown;
  try {
    const module = await (isTyped ? loadTyped(path) : import(/* @vite-ignore */ pathToFileURL(path).href));
    exported = (module as { readonly default?: unknown }).default;
    if (typeof exported === 'function') exported = exported();
    exported = await exported;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return {
      fault: error('config-file', `${source.name} cannot be loaded: ${oneLine(why)}`, placeIn(cause, path, source)),
    };
  }
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    return {
      fault: error('config-file', `${source.name} has no configuration as its default export.`, null, {
        hint: 'Write: export default { jobs: 4 }',
      }),
    };
  }
  const locate = (keys: Path): Location | null => keyIn(source, keys);
  return { placed: { value: exported, source, keyAt: locate, valueAt: locate } };
}

async function loadTyped(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti/static');
  const jiti = createJiti(pathToFileURL(path).href, {
    // A cache on disk would be one more thing to trust.
    fsCache: false,
    moduleCache: false,
    tryNative: false,
    interopDefault: false,
    virtualModules: { [PACKAGE]: { defineConfig } },
  });
  return jiti.import(path);
}

/** Where a program failed, if its stack or its message tells. */
function placeIn(cause: unknown, path: string, source: SourceFile): Location | null {
  if (!(cause instanceof Error)) return null;
  const told = `${cause.stack ?? ''}\n${cause.message}`;
  const behind = [path, pathToFileURL(path).href].flatMap((name) => {
    const index = told.indexOf(`${name}:`);
    return index < 0 ? [] : [told.slice(index + name.length)];
  })[0];
  const match = /^:(\d+)(?::(\d+))?/.exec(behind ?? '');
  const start = source.lineStarts[Number(match?.[1] ?? 0) - 1];
  if (start === undefined) return null;
  const offset = Math.min(start + Math.max(0, Number(match?.[2] ?? 1) - 1), source.text.length);
  return at(source, offset, offset + 1);
}

/** Looks for the keys of a path in the text, one behind the other. A guess: the value may come from elsewhere. */
function keyIn(source: SourceFile, path: Path): Location | null {
  let from = 0;
  let found: Location | null = null;
  for (const step of path) {
    if (typeof step !== 'string') continue;
    const key = new RegExp(`(?<![\\w$.'"])(['"]?)${step.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1\\s*:`, 'g');
    key.lastIndex = from;
    const match = key.exec(source.text);
    if (match === null) return found;
    const start = match.index + (match[1] as string).length;
    found = at(source, start, start + step.length);
    from = key.lastIndex;
  }
  return found;
}
