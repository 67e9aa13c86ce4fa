/**
 * What the events of an agent have said so far, in words that all agents share, and how a piece of foreign JSON is
 * looked into without believing anything about its shape. Knows no agent.
 */

/** A JSON object that somebody else wrote. */
export type Json = Readonly<Record<string, unknown>>;

/** Tokens as the client counts them; what it does not say is 0. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Something that went wrong, as a structured field or an exit code says it; never the words of a model. */
export interface Fault {
  /** Status of HTTP, or `null`. */
  readonly status: number | null;
  /** The client's own name for it, such as `rate_limit_error`; may be empty. */
  readonly type: string;
  /** The client's words; may be empty. */
  readonly message: string;
  /** When the limit is lifted, in ms since the epoch; `null`: not said. */
  readonly resetAt: number | null;
  /** How long it is to be waited from the end of the call on, in ms; `null`: not said. */
  readonly retryAfterMs: number | null;
}

export interface Found {
  /** The last event that a call has came, and says so; `null`: none came yet. */
  end: 'success' | 'error' | null;
  session: string | null;
  model: string | null;
  version: string | null;
  /** The final words. */
  text: string | null;
  /** As the client reports them: see `Capabilities` for what they cover. */
  usage: Usage | null;
  costUsd: number | null;
  /** Names of tools whose use was refused. */
  readonly denied: string[];
  /** What ended the call. */
  fault: Fault | null;
  /** What it met and went on from, the last one. */
  passing: Fault | null;
}

export function nothingFound(): Found {
  return {
    end: null,
    session: null,
    model: null,
    version: null,
    text: null,
    usage: null,
    costUsd: null,
    denied: [],
    fault: null,
    passing: null,
  };
}

export function fault(said: Partial<Fault>): Fault {
  return { status: null, type: '', message: '', resetAt: null, retryAfterMs: null, ...said };
}

/** The object of this name, or an empty one. */
export function object(from: Json, key: string): Json {
  return asObject(from[key]) ?? {};
}

export function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function list(from: Json, key: string): readonly unknown[] {
  const value = from[key];
  return Array.isArray(value) ? value : [];
}

export function text(from: Json, key: string): string | null {
  const value = from[key];
  return typeof value === 'string' ? value : null;
}

/** A number that can be counted with: finite and not below 0. */
export function number(from: Json, key: string): number | null {
  const value = from[key];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** A moment as clients write it, in seconds or in milliseconds since the epoch; in ms. */
export function moment(from: Json, key: string): number | null {
  const value = number(from, key);
  return value === null || value === 0 ? null : value > 1e12 ? value : value * 1000;
}

/** Tokens under the given names; `null` where none of them is there. */
export function usageOf(from: Json, names: Readonly<Record<keyof Usage, string>>): Usage | null {
  const read = (key: keyof Usage): number | null => number(from, names[key]);
  if (read('input') === null && read('output') === null) return null;
  return {
    input: read('input') ?? 0,
    output: read('output') ?? 0,
    cacheRead: read('cacheRead') ?? 0,
    cacheWrite: read('cacheWrite') ?? 0,
  };
}

export function addUsage(one: Usage | null, other: Usage | null): Usage | null {
  if (one === null || other === null) return one ?? other;
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
  };
}
