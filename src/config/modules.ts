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
    const place = missingIn(cause, source) ?? placeIn(cause, path, source) ?? (await syntaxIn(cause, path, source));
    // Below its first line a message has stacks and paths.
    const first = oneLine(why.trim().split('\n')[0] as string);
    return { fault: error('config-file', `${source.name} cannot be loaded: ${first}`, place) };
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
  return (await typed(path)).import(path);
}

async function typed(path: string) {
  const { createJiti } = await import('jiti/static');
  return createJiti(pathToFileURL(path).href, {
    // A cache on disk would be one more thing to trust.
    fsCache: false,
    moduleCache: false,
    tryNative: false,
    interopDefault: false,
    virtualModules: { [PACKAGE]: { defineConfig } },
  });
}

/** Where the module stands that was not found. */
function missingIn(cause: unknown, source: SourceFile): Location | null {
  if (!/MODULE_NOT_FOUND$/.test(String((cause as { readonly code?: unknown } | null)?.code))) return null;
  const name = /'([^']+)'/.exec((cause as Error).message)?.[1];
  const start = name === undefined ? -1 : source.text.search(new RegExp(`['"]${escaped(name)}['"]`));
  return start < 0 || name === undefined ? null : at(source, start + 1, start + 1 + name.length);
}

/** Node does not say where JavaScript has a fault in its grammar: another parser does. */
async function syntaxIn(cause: unknown, path: string, source: SourceFile): Promise<Location | null> {
  if (!(cause instanceof SyntaxError)) return null;
  try {
    (await typed(path)).transform({ source: source.text, filename: path });
    return null;
  } catch (fault) {
    return placeIn(fault, path, source);
  }
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
    const key = new RegExp(`(?<![\\w$.'"])(['"]?)${escaped(step)}\\1\\s*:`, 'g');
    key.lastIndex = from;
    const match = key.exec(source.text);
    if (match === null) return found;
    const start = match.index + (match[1] as string).length;
    found = at(source, start, start + step.length);
    from = key.lastIndex;
  }
  return found;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
