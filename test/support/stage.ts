/**
 * A task command that the test plays itself: each process reports for duty over a socket, then prints, reads, ignores
 * signals and exits as it is told. So the test knows what runs, and decides in which order things happen.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach } from 'vitest';
import { program } from './attempt.ts';

/** One process of a task, waiting for its orders. */
export interface Actor {
  /** Task id, `verify` for a verification of a phase or of the whole, `child` for a process made by `fork`. */
  readonly id: string;
  readonly pid: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  print(text: string, to?: 'stdout' | 'stderr'): Promise<void>;
  /** All that stands on its standard input. */
  stdin(): Promise<string>;
  /** From now on the signal does not end it. */
  ignore(signal: NodeJS.Signals): Promise<void>;
  /** Settles once a signal that it ignores has come. */
  heard(signal: NodeJS.Signals): Promise<void>;
  /** Starts another actor (`next('child')`), in a session of its own or not. */
  fork(options: { readonly detached: boolean }): Promise<void>;
  /** Orders the end, and waits for it. */
  exit(code?: number): Promise<void>;
  /** Settles when the process is gone, whatever ended it. */
  readonly gone: Promise<void>;
}

export interface Stage {
  /** For `--exec` and `--verify…`. */
  readonly command: string;
  /** Variables that the command needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Ids in the order in which they reported. */
  readonly seen: readonly string[];
  /** The next actor that nobody has taken yet, or the next one with this id. */
  next(id?: string): Promise<Actor>;
  close(): Promise<void>;
}

interface Message {
  readonly kind: 'started' | 'did' | 'heard' | 'stdin';
  readonly signal?: string;
  readonly text?: string;
  readonly id?: string;
  readonly pid?: number;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

let counter = 0;

async function createStage(): Promise<Stage> {
  const path = join(tmpdir(), `implement-stage-${process.pid}-${counter++}.sock`);
  const seen: string[] = [];
  const free: Actor[] = [];
  const waiting: { readonly id: string | undefined; readonly take: (actor: Actor) => void }[] = [];
  const sockets = new Set<Socket>();

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    actorOn(socket, (actor) => {
      seen.push(actor.id);
      const at = waiting.findIndex(({ id }) => id === undefined || id === actor.id);
      if (at < 0) free.push(actor);
      else waiting.splice(at, 1)[0]?.take(actor);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));

  return {
    command: 'exec node "$STAGE_ACTOR"',
    env: { STAGE_ACTOR: program('actor.mjs'), STAGE_SOCKET: path },
    seen,
    next(id) {
      const at = free.findIndex((actor) => id === undefined || actor.id === id);
      if (at >= 0) return Promise.resolve(free.splice(at, 1)[0] as Actor);
      return new Promise((resolve) => waiting.push({ id, take: resolve }));
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(path, { force: true });
    },
  };
}

/** A stage for each test of a file. */
export function useStage(): Stage {
  const held: { stage: Stage | null } = { stage: null };
  beforeEach(async () => {
    held.stage = await createStage();
  });
  afterEach(() => held.stage?.close());
  return new Proxy({} as Stage, {
    get: (_target, name) => (held.stage as Stage)[name as keyof Stage],
  });
}

function actorOn(socket: Socket, ready: (actor: Actor) => void): void {
  const inbox: Message[] = [];
  const waiting = new Set<() => void>();
  const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()));

  const message = (fits: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const at = inbox.findIndex(fits);
        if (at < 0) return;
        waiting.delete(look);
        resolve(inbox.splice(at, 1)[0] as Message);
      };
      waiting.add(look);
      void gone.then(() => reject(new Error('the process is gone')));
      look();
    });
  const order = async (kind: string, more: object = {}): Promise<void> => {
    socket.write(`${JSON.stringify({ kind, ...more })}\n`);
    await message((one) => one.kind === 'did');
  };

  createInterface({ input: socket }).on('line', (line) => {
    inbox.push(JSON.parse(line) as Message);
    for (const look of [...waiting]) look();
  });
  message((one) => one.kind === 'started').then(
    (first) =>
      ready({
        id: first.id as string,
        pid: first.pid as number,
        cwd: first.cwd as string,
        env: first.env as Record<string, string>,
        gone,
        print: (text, to = 'stdout') => order('print', { fd: to === 'stdout' ? 1 : 2, text }),
        ignore: (signal) => order('ignore', { signal }),
        fork: ({ detached }) => order('fork', { detached }),
        async heard(signal) {
          await message((one) => one.kind === 'heard' && one.signal === signal);
        },
        async stdin() {
          socket.write(`${JSON.stringify({ kind: 'read' })}\n`);
          return (await message((one) => one.kind === 'stdin')).text as string;
        },
        async exit(code = 0) {
          socket.write(`${JSON.stringify({ kind: 'exit', code })}\n`);
          await gone;
        },
      }),
    () => {},
  );
}
