/** The directions of imports that ARCHITECTURE.md promises, read from the sources themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  readonly from: string;
  /** A file of `src/`, or the name of a library or of a part of Node. */
  readonly to: string;
  readonly isOwn: boolean;
  /** Types only: gone when the program runs. */
  readonly isType: boolean;
}

const files = readdirSync(SRC, { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'));
const text = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

const STATEMENT =
  /^(?:import|export)\s+(type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+(?:\s*,\s*\{[^}]*\})?)\s+from\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

const imports: readonly Import[] = files.flatMap((from) =>
  [...(text.get(from) as string).matchAll(STATEMENT)].map((match): Import => {
    const named = (match[2] ?? match[3]) as string;
    const isOwn = named.startsWith('.');
    return { from, to: isOwn ? posix.join(dirname(from), named) : named, isOwn, isType: match[1] !== undefined };
  }),
);

const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] as string) : '');
const shown = ({ from, to, isType }: Import): string => `${from} -> ${to}${isType ? ' (types)' : ''}`;
const wrong = (broken: (one: Import) => boolean): string[] => imports.filter(broken).map(shown);

/** Rooms of adapters: their port, and the libraries that each may use. Nobody else may use these. */
const ADAPTERS: Readonly<Record<string, { readonly port: string | null; readonly libraries: RegExp | null }>> = {
  backends: { port: 'backend.ts', libraries: /^p-queue$/ },
  config: { port: null, libraries: /^(?:zod|yaml|jiti\/static)$/ },
  documents: { port: null, libraries: null },
  dialects: { port: 'dialect.ts', libraries: /^(?:mdast|micromark|unified|remark|yaml$)/ },
  journal: { port: 'journal.ts', libraries: /^yaml$/ },
  pictures: { port: 'picture.ts', libraries: /^@dagrejs\/dagre$/ },
  reporters: { port: 'reporter.ts', libraries: null },
  runners: { port: 'runner.ts', libraries: /^execa$/ },
  taskfile: { port: null, libraries: null },
  workspaces: { port: 'workspace.ts', libraries: /^(?:execa|p-queue)$/ },
};
const isPort = (file: string): boolean =>
  Object.entries(ADAPTERS).some(([room, { port }]) => file === `${room}/${port}`);

/** Files between the rooms, from the edge inwards: a file may import those that stand further right. */
const ORDER = [
  ['cli.ts', 'index.ts'],
  ['main.ts'],
  ['upkeep.ts', 'configured.ts', 'doctoring.ts'],
  ['trace.ts', 'verifying.ts', 'initial.ts'],
  ['commands', 'run.ts'],
  ['run-session.ts'],
  ['session-start.ts'],
  ['committing.ts', 'ground.ts', 'undoing.ts', 'surroundings.ts', 'proving.ts', 'recording.ts', 'evidence-hook.ts'],
  ['agent-choice.ts', 'assign.ts', 'boxes.ts', 'past.ts', 'session.ts', 'prepare.ts', 'options.ts', 'request.ts'],
  ['help.ts'],
  ['project.ts', 'agents-found.ts', 'prompting.ts', 'read.ts', 'uses.ts', 'version.ts'],
  ['builtins.ts', 'engine.ts', 'worker.ts'],
];
const rankOf = (file: string): number =>
  ORDER.findIndex((names) => names.includes(file) || names.includes(roomOf(file)));

/** A file without its comments. */
const code = (file: string): string => (text.get(file) as string).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

describe('imports', () => {
  it('are found', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(imports.filter((one) => one.isOwn && !text.has(one.to)).map(shown)).toEqual([]);
  });

  it('of the core stay in the core, but for the graph library', () => {
    const mayUse = /^graphology(?:-dag)?$/;
    expect(
      wrong((one) => roomOf(one.from) === 'core' && (one.isOwn ? roomOf(one.to) !== 'core' : !mayUse.test(one.to))),
    ).toEqual([]);
  });

  it('of an adapter lead to its own room, ports, core and util', () => {
    const isAllowed = (one: Import): boolean =>
      [roomOf(one.from), 'core', 'util'].includes(roomOf(one.to)) || (isPort(one.to) && one.isType);
    expect(wrong((one) => roomOf(one.from) in ADAPTERS && one.isOwn && !isAllowed(one))).toEqual([]);
  });

  it('of libraries stand where the library belongs', () => {
    const elsewhere: Readonly<Record<string, RegExp>> = {
      'cli.ts': /^log-update$/,
      'options.ts': /^commander$/,
      'util/globs.ts': /^picomatch$/,
    };
    const isAllowed = ({ from, to }: Import): boolean =>
      to.startsWith('node:') ||
      roomOf(from) === 'core' ||
      ADAPTERS[roomOf(from)]?.libraries?.test(to) === true ||
      elsewhere[from]?.test(to) === true;
    expect(wrong((one) => !one.isOwn && !isAllowed(one))).toEqual([]);
  });

  it('of engine and worker see ports as types', () => {
    const isInner = (one: Import): boolean => ['engine.ts', 'worker.ts'].includes(one.from) && one.isOwn;
    expect(wrong((one) => isInner(one) && roomOf(one.to) in ADAPTERS && !(isPort(one.to) && one.isType))).toEqual([]);
  });

  it('of commands never lead to what runs tasks', () => {
    const runs = ['engine.ts', 'worker.ts', 'run.ts', 'run-session.ts'];
    const rooms = ['runners', 'backends', 'taskfile'];
    expect(
      wrong((one) => roomOf(one.from) === 'commands' && (runs.includes(one.to) || rooms.includes(roomOf(one.to)))),
    ).toEqual([]);
  });

  it('between the rooms go one way', () => {
    for (const file of files.filter((name) => roomOf(name) === ''))
      expect(rankOf(file), `${file} has no place in the order`).toBeGreaterThanOrEqual(0);
    const isBetween = (one: Import): boolean =>
      one.isOwn && !one.isType && rankOf(one.from) >= 0 && rankOf(one.to) >= 0;
    expect(
      wrong(
        (one) =>
          isBetween(one) &&
          (roomOf(one.from) === '' || roomOf(one.from) !== roomOf(one.to)) &&
          rankOf(one.to) < rankOf(one.from),
      ),
    ).toEqual([]);
  });

  it('never go in a circle', () => {
    const next = new Map<string, string[]>();
    for (const one of imports)
      if (one.isOwn && !one.isType) next.set(one.from, [...(next.get(one.from) ?? []), one.to]);
    const closed = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (path.includes(file) || closed.has(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...path, file]);
      closed.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('the core', () => {
  it.each([
    ['the time', /\bDate\s*[.(]|\bperformance\./],
    ['chance', /Math\.random/],
    ['promises', /\basync\b|\bawait\b|new Promise|Promise\./],
    ['the process', /\bprocess\./],
  ])('does not know %s', (_what, pattern) => {
    expect(files.filter((file) => roomOf(file) === 'core' && pattern.test(code(file)))).toEqual([]);
  });
});

it('only the command reads argv, hears signals and sets the exit code', () => {
  const pattern = /\bprocess\.(?:argv|env|exit|exitCode|on|once|stdin|stdout|stderr)\b/;
  expect(files.filter((file) => file !== 'cli.ts' && pattern.test(code(file)))).toEqual([]);
});
