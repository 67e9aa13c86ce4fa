/**
 * What a coding agent's command line is to us: how it is called, what it can do, how its stream is read. Types only;
 * each agent is a file beside this one, and the list of them is `all.ts`.
 */
import type { Found, Json } from './found.ts';

/** What may be done without asking when the user did not say `yolo`. */
type LeastApproval =
  /** The files of the project, and of commands those that every project has for building and testing itself. */
  | 'edits'
  /** Everything inside the client's own sandbox round the directory. */
  | 'sandbox'
  /** What the user's own configuration of the client says. */
  | 'client'
  /** The client knows no level between nothing and everything, so it needs the user's word. */
  | 'none';

/** What a client can do, as data: nobody asks for its name to find out. */
export interface Capabilities {
  /** It reports what it does as JSON lines. */
  readonly json: boolean;
  /** How it reports its cost in US dollars: a running total of the session, that of this call, or not at all. */
  readonly cost: 'session' | 'call' | null;
  /** The same for tokens. */
  readonly usage: 'session' | 'call' | null;
  /** A session can be gone on with. */
  readonly resume: boolean;
  /** The id of a new session can be chosen beforehand: a UUID, or any name. */
  readonly preset: 'uuid' | 'name' | null;
  /** It says when a limit is lifted. */
  readonly limitReset: boolean;
  /** How the prompt comes to it. */
  readonly prompt: 'stdin' | 'argument' | 'file';
  readonly approval: LeastApproval;
  /** Versions that this file was tested with, from the lowest to the highest; `null`: written from documentation. */
  readonly tested: { readonly from: string; readonly to: string } | null;
}

/** One call of an agent. Plain data. */
export interface AgentCall {
  readonly prompt: string;
  /** `null`: the client's own choice. */
  readonly model: string | null;
  /** Further arguments, the user's own. */
  readonly args: readonly string[];
  /** The user's word that nothing needs an approval. */
  readonly yolo: boolean;
  /** Absolute path of the directory to work in. */
  readonly dir: string;
  /**
   * The session: a new one with this id (where it can be chosen), one to be gone on with, or a new one of whatever id.
   */
  readonly session: { readonly id: string; readonly isNew: boolean } | null;
  /** Absolute path of files that the client may be given or write, to be completed by an ending. */
  readonly scratch: string;
}

/** What is to be started for a call. */
export interface Invocation {
  readonly args: readonly string[];
  /** Laid over the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** For standard input, which is closed after it. */
  readonly input: string;
  /** A file with a text that has to exist before the start. */
  readonly file?: { readonly path: string; readonly text: string };
  /** Where the client writes its events, if not to standard output. */
  readonly stream?: string;
}

export interface Agent {
  /** As in `--agent NAME`. */
  readonly name: string;
  /** Names of its program, the usual one first. */
  readonly programs: readonly string[];
  /** How to come by it, for people. */
  readonly install: string;
  readonly capabilities: Capabilities;
  invoke(call: AgentCall): Invocation;
  /**
   * What totals cover in a session that is gone on with, where that is not the same in all versions; `null`: nobody
   * knows for this one.
   */
  readonly totals?: (version: string | null) => 'session' | 'call' | null;
  /** Notes what an event of its stream says. Never throws, whatever the event looks like. */
  read(event: Json, found: Found): void;
  /** What its own exit codes mean, where they mean anything. */
  readonly exits?: Readonly<
    Record<number, { readonly status?: number; readonly type?: string; readonly message: string }>
  >;
}
