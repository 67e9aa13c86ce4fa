/** Reads the sources of a configuration, each to a layer: variables, front matter, the project's file, the user's. */
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Diagnostic, error } from '../core/diagnostic.ts';
import { lineOf, type SourceFile, sourceFile } from '../core/source.ts';
import type { FrontMatter } from '../core/task.ts';
import { type CheckInput, checkConfiguration } from './check.ts';
import type { Configured, ConfigureInput, Sources } from './configure.ts';
import { readEnvironment, variableOf } from './environment.ts';
import { type Found, kindOf } from './find.ts';
import type { From, Layer } from './layer.ts';
import { PACKAGE_KEY } from './names.ts';
import { type Path, type Placed, parsePlaced } from './placed.ts';
import { layerOf } from './said.ts';

/** What is wrong with one source; its places belong to `source`. */
interface Refused {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
  readonly source: SourceFile | null;
}
type Loaded = { readonly ok: true; readonly layer: Layer } | Refused;

const refused = (source: SourceFile | null, ...diagnostics: readonly Diagnostic[]): Refused => ({
  ok: false,
  diagnostics,
  source,
});

/** All layers that there are, the strongest first; the first source that is wrong ends it. */
export async function load(input: ConfigureInput, sources: Sources): Promise<Configured> {
  const layers: Layer[] = [];
  const readers = [
    () => fromEnvironment(input),
    () => fromFrontMatter(input),
    () => (input.named === null ? fromFile(sources.project, 'project', input) : fromNamed(input.named, input)),
    () => fromFile(sources.user, 'user', input),
  ];
  for (const read of readers) {
    const loaded = await read();
    if (loaded?.ok === false) return loaded;
    if (loaded !== null) layers.push(loaded.layer);
  }
  return { ok: true, layers };
}

const NOWHERE = { source: null, keyAt: () => null, valueAt: () => null };

function fromEnvironment({ env, clean }: ConfigureInput): Loaded | null {
  const { value, faults } = readEnvironment(env);
  const check = checkConfiguration({
    placed: { value, ...NOWHERE },
    base: [],
    name: variableOf,
    head: '',
    clean,
  });
  if (!('checked' in check)) return refused(null, ...faults, ...check.faults);
  if (faults.length > 0) return refused(null, ...faults);
  if (Object.keys(value).length === 0) return null;
  return { ok: true, layer: layerOf('environment', check.checked, variableOf) };
}

/** Keys of the front matter that are commands, as they are written there. */
const COMMANDS = { verify: 'verify', verifyPhase: 'verify-phase', verifyEnd: 'verify-end' } as const;

function fromFrontMatter({ front, clean }: ConfigureInput): Loaded | null {
  if (front === null) return null;
  const { source, value, commands } = front;
  const said = commands ? commandsIn(value) : {};
  const nowhere: Layer = { from: 'front matter', values: said, resources: [], place: () => source.name };
  if (value.settings === undefined) return Object.keys(said).length === 0 ? null : { ok: true, layer: nowhere };
  const parsed = parsePlaced(source, false, value.settings.start, value.settings.end);
  if ('fault' in parsed) return refused(source, parsed.fault);
  const whole = parsed.placed.value as Readonly<Record<string, unknown>>;
  const own = Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'resources' || key === 'overlap'));
  const placed: Placed = { ...parsed.placed, value: own };
  const check = checkConfiguration({ placed, base: [], name: dotted, head: '', clean });
  if (!('checked' in check)) return refused(source, ...check.faults);
  const layer = layerOf('front matter', check.checked, ([key = '', ...rest]) =>
    lineFor(placed, [COMMANDS[key as keyof typeof COMMANDS] ?? key, ...rest]),
  );
  return { ok: true, layer: { ...layer, values: { ...layer.values, ...said } } };
}

function commandsIn({ verify, verifyPhase, verifyEnd }: FrontMatter): Layer['values'] {
  return {
    ...(verify === undefined ? {} : { verify }),
    ...(verifyPhase === undefined ? {} : { verifyPhase }),
    ...(verifyEnd === undefined ? {} : { verifyEnd }),
  };
}

async function fromNamed(path: string, input: ConfigureInput): Promise<Loaded> {
  const kind = kindOf(path);
  const name = input.show(path);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile();
  if (isFile !== true) {
    const message = isFile === undefined ? `There is no file ${name}.` : `${name} is not a file.`;
    return refused(null, error('config-file', message, null, { hint: '--config takes a configuration file.' }));
  }
  if (kind === null) {
    return refused(
      null,
      error('config-file', `${name} is not a configuration by its name.`, null, {
        hint: 'It ends in .json, .yaml, .yml, .ts, .mts, .js, .mjs or .cjs.',
      }),
    );
  }
  return fromFile({ path, kind }, 'project', input) as Promise<Loaded>;
}

async function fromFile(found: Found | null, from: From, input: ConfigureInput): Promise<Loaded | null> {
  if (found === null) return null;
  const { path, kind } = found;
  const name = input.show(path);
  const text = readText(path, name);
  if (typeof text !== 'string') return refused(null, text);
  const source = sourceFile(name, text);
  const isModule = kind === 'typescript' || kind === 'javascript';
  const read = isModule
    ? await import('./modules.ts').then((room) => room.loadModule(path, source, kind === 'typescript'))
    : parsePlaced(source, kind === 'json' || kind === 'package');
  if ('fault' in read) return refused(source, read.fault);
  const base: Path = kind === 'package' ? [PACKAGE_KEY] : [];
  const { placed } = read;
  if (kind === 'package' && !Object.hasOwn(placed.value as object, PACKAGE_KEY)) {
    return refused(null, error('config-file', `${name} has no key ${PACKAGE_KEY}.`, null));
  }
  const check: CheckInput = { placed, base, name: dotted, head: `${name}: `, clean: input.clean };
  const result = checkConfiguration(check);
  if (!('checked' in result)) return refused(source, ...result.faults);
  const place = (keys: Path): string => lineFor(placed, [...base, ...keys]) ?? name;
  return { ok: true, layer: layerOf(from, result.checked, place) };
}

function readText(path: string, name: string): string | Diagnostic {
  let bytes: Uint8Array;
  try {
    if (isForeign(path)) {
      return error('config-file', `${name} belongs to another user: what it says is not done.`, null, {
        hint: 'A configuration can name commands. Look at it, and copy it if you trust it.',
      });
    }
    bytes = readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const why = code === 'EACCES' ? 'permission denied' : code === 'EISDIR' ? 'it is a directory' : code;
    return error('config-file', `${name} cannot be read: ${why}.`, null);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return error('config-file', `${name} is not UTF-8.`, null, { hint: 'Save it as UTF-8.' });
  }
}

/** Neither the user's, nor the system's, nor of whoever owns the folder: in a shared folder anybody could have put it there. */
function isForeign(path: string): boolean {
  const user = process.getuid?.();
  if (user === undefined) return false;
  const owner = statSync(path).uid;
  return owner !== user && owner !== 0 && owner !== statSync(dirname(path)).uid;
}

function lineFor(placed: Placed, path: Path): string | null {
  const place = placed.keyAt(path);
  return place === null || placed.source === null
    ? null
    : `${placed.source.name}:${lineOf(placed.source, place.span.start)}`;
}

function dotted(path: Path): string {
  return path.map(String).join('.');
}
