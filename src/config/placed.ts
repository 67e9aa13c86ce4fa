/**
 * Text of a configuration to a value whose parts know their places. JSON is YAML, so one parser finds the places of
 * both. Knows no key of a configuration and reads no file.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { type Diagnostic, error } from '../core/diagnostic.ts';
import { at, type Location, type SourceFile } from '../core/source.ts';
import { jsonFault } from './json.ts';

/** Keys and positions in lists, from the outside inwards. */
export type Path = readonly PropertyKey[];

/** A value, and where its parts stand. */
export interface Placed {
  readonly value: unknown;
  /** `null` where there is no text: variables, flags. */
  readonly source: SourceFile | null;
  /** Place of the key (or the member of a list) that the path ends with; of the nearest known one above it; or `null`. */
  keyAt(path: Path): Location | null;
  /** The same for the value behind it. */
  valueAt(path: Path): Location | null;
}

export type Parsing = { readonly placed: Placed } | { readonly fault: Diagnostic };

/**
 * Reads YAML, or JSON where `strict`. `start` and `end` cut a piece out of the text: front matter. Faults have the
 * code `config-syntax` and a place. A text without anything in it is an empty object.
 */
export function parsePlaced(
  source: SourceFile,
  strict: boolean,
  start = source.text.charCodeAt(0) === 0xfeff ? 1 : 0,
  end: number = source.text.length,
): Parsing {
  const text = source.text.slice(start, end);
  const fault = strict ? jsonFault(text) : null;
  if (fault !== null) {
    const offset = start + Math.min(fault.offset, Math.max(0, text.length - 1));
    const place = at(source, offset, offset + 1);
    return {
      fault: error('config-syntax', `This is not JSON: ${fault.message}.`, place, {
        hint: 'Comments and commas behind the last member are YAML’s or TypeScript’s: implement.config.yaml, implement.config.ts.',
      }),
    };
  }
  const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const [from, to] = broken.pos;
    return { fault: error('config-syntax', `${sentence(broken.message)}.`, at(source, start + from, start + to)) };
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    // Aliases that grow beyond measure.
    const why = cause instanceof Error ? cause.message : String(cause);
    return { fault: error('config-syntax', `${sentence(why)}.`, at(source, start, start + 1)) };
  }
  const locate = (path: Path, which: 'key' | 'value'): Location | null => {
    const range = find(document, path, which);
    return range === null ? null : at(source, start + range[0], start + range[1]);
  };
  return {
    placed: {
      value: value ?? {},
      source,
      keyAt: (path) => locate(path, 'key'),
      valueAt: (path) => locate(path, 'value'),
    },
  };
}

function sentence(message: string): string {
  return (message.split('\n')[0] as string).replace(/ at line \d+.*$/, '').replace(/[.:]$/, '');
}

type Range = readonly [number, number];

function find(document: Document, path: Path, which: 'key' | 'value'): Range | null {
  let node: unknown = document.contents;
  let range: Range | null = rangeOf(node);
  for (const [i, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const isLast = i === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === String(step));
      if (pair === undefined) return range;
      range = rangeOf(isLast && which === 'key' ? pair.key : pair.value) ?? rangeOf(pair.key) ?? range;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      range = rangeOf(node) ?? range;
    } else return range;
  }
  return range;
}

function rangeOf(node: unknown): Range | null {
  const range = (node as Node | null | undefined)?.range;
  return range == null ? null : [range[0], range[1]];
}
