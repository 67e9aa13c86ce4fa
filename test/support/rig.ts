/**
 * The built command in a folder of its own: write files, run it or start it, send signals, look at what it left.
 * Every process that comes from it carries a mark, so that none survives its test. Knows nothing of what is tested.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach } from 'vitest';
import type { RunEvent } from '../../src/core/event.ts';
import { builtCommand } from './built.ts';

export interface Ended {
  /** Exit code, or `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  send(signal: NodeJS.Signals): void;
  /** Keys pressed on its terminal. */
  type(keys: string): void;
  /** Settles once the text stands on standard error or on the terminal; rejects if the command ends without it. */
  said(text: string): Promise<void>;
}

export interface RunOptions {
  /** Variables beside the few that every command gets; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Relative to the rig's folder. */
  readonly cwd?: string;
  /** On a terminal of its own, whose output counts as standard output; see `hasTerminal`. */
  readonly terminal?: boolean;
}

export type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { kind: Kind }>;

export interface Rig {
  /** Absolute path of the folder, without links. */
  readonly dir: string;
  path(name: string): string;
  write(name: string, text: string): void;
  read(name: string): string;
  exists(name: string): boolean;
  /** The lines of a file, none if it is not there. */
  lines(name: string): string[];
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  start(args: readonly string[], options?: RunOptions): Started;
  /** A program other than the command, to its end; throws if it fails. */
  call(file: string, ...args: string[]): string;
  /** `current-session.md` in the state directory. */
  session(): string;
  /** Names of the runs, oldest first. */
  runs(): string[];
  /** Events of the newest run, as far as they are written. */
  events(): RunEvent[];
  of<Kind extends RunEvent['kind']>(kind: Kind): EventOf<Kind>[];
  /** The raw log of an attempt. */
  log(step: string, attempt: number): string;
  /** Pids of the processes that came from this rig and still run. */
  survivors(): number[];
  /** Ends what a test leaves running on purpose. */
  endAll(): Promise<void>;
  /** Ends everything and removes the folder; throws if processes had survived. */
  remove(): Promise<void>;
}

export async function createRig(): Promise<Rig> {
  const cli = await builtCommand();
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-e2e-')));
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'implement-home-')));
  const mark = `IMPLEMENT_E2E=${randomUUID()}`;
  const children = new Set<ChildProcess>();

  const path = (name: string): string => join(dir, name);
  const environment = (extra: RunOptions['env']): Record<string, string | undefined> => ({
    PATH: [dirname(process.execPath), process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Rig',
    GIT_AUTHOR_EMAIL: 'rig@example.org',
    GIT_COMMITTER_NAME: 'Rig',
    GIT_COMMITTER_EMAIL: 'rig@example.org',
    IMPLEMENT_E2E: mark.slice('IMPLEMENT_E2E='.length),
    ...extra,
  });

  function start(args: readonly string[], options: RunOptions = {}): Started {
    const line = [process.execPath, cli, ...args];
    const onTerminal = options.terminal === true;
    const sized = `stty rows 24 cols 100; exec ${line.map(shellWord).join(' ')}`;
    const [file = '', ...rest] = onTerminal ? ['script', '-qec', sized, '/dev/null'] : line;
    const child = spawn(file, rest, {
      cwd: options.cwd === undefined ? dir : path(options.cwd),
      env: environment(onTerminal ? { TERM: 'xterm', ...options.env } : options.env),
      stdio: [onTerminal ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    }) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };
    children.add(child);
    const text = { stdout: '', stderr: '' };
    const waiting = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
        for (const look of waiting) look();
      });
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        children.delete(child);
        resolve({ code, signal, ...text });
        for (const look of waiting) look();
      });
    });
    return {
      pid: child.pid as number,
      ended,
      send: (signal) => void child.kill(signal),
      type: (keys) => void child.stdin?.write(keys),
      said: (wanted) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            const heard = onTerminal ? text.stdout : text.stderr;
            if (heard.includes(wanted)) resolve();
            else if (!children.has(child)) reject(new Error(`it ended without "${wanted}":\n${heard}`));
            else return;
            waiting.delete(look);
          };
          waiting.add(look);
          look();
        }),
    };
  }

  function runs(): string[] {
    const folder = path('.implement/runs');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  function events(): RunEvent[] {
    const run = runs().at(-1);
    const file = path(`.implement/runs/${run}/journal.ndjson`);
    if (run === undefined || !existsSync(file)) return [];
    const text = readFileSync(file, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RunEvent);
  }

  const survivors = (): number[] => marked(mark);

  async function endAll(): Promise<void> {
    while (survivors().length > 0 || children.size > 0) {
      for (const child of children) child.kill('SIGKILL');
      for (const pid of survivors()) kill(pid);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  return {
    dir,
    path,
    write(name, text) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    exists: (name) => existsSync(path(name)),
    lines: (name) =>
      existsSync(path(name))
        ? readFileSync(path(name), 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : [],
    run: (args, options) => start(args, options).ended,
    start,
    call(file, ...args) {
      const called = spawnSync(file, args, { cwd: dir, env: environment({}), encoding: 'utf8' });
      if (called.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${called.stderr}`);
      return called.stdout;
    },
    session: () => readFileSync(path('.implement/current-session.md'), 'utf8'),
    runs,
    events,
    of: <Kind extends RunEvent['kind']>(kind: Kind) =>
      events().filter((event): event is EventOf<Kind> => event.kind === kind),
    log: (step, attempt) => readFileSync(path(`.implement/runs/${runs().at(-1)}/${step}.${attempt}.log`), 'utf8'),
    survivors,
    endAll,
    async remove() {
      const left = survivors();
      await endAll();
      for (const folder of [dir, home]) rmSync(folder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`processes survived the test: ${left.join(', ')}`);
    },
  };
}

/** Whether commands can be given a terminal here. */
export const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A rig for each test of a file, removed after it. */
export function useRig(): Rig {
  const held: { rig: Rig | null } = { rig: null };
  beforeEach(async () => {
    held.rig = await createRig();
  });
  afterEach(() => held.rig?.remove());
  return new Proxy({} as Rig, {
    get: (_target, name) => (held.rig as Rig)[name as keyof Rig],
  });
}

/** Ids of the steps whose attempts started, in order. */
export function started(rig: Rig): string[] {
  return rig.of('attempt-started').map((event) => event.step);
}

/** Every attempt that started while another ran: `[running, started]`. Proof of overlap, or of none. */
export function overlaps(rig: Rig): [string, string][] {
  const found: [string, string][] = [];
  const running = new Set<string>();
  for (const event of rig.events()) {
    if (event.kind === 'attempt-ended') running.delete(event.step);
    else if (event.kind === 'attempt-started') {
      for (const other of running) found.push([other, event.step]);
      running.add(event.step);
    }
  }
  return found;
}

function marked(mark: string): number[] {
  return (existsSync('/proc') ? readdirSync('/proc') : []).flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)) return [];
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z') ? [] : [pid];
    } catch {
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
