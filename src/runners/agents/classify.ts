/**
 * What came of a call: from how the process ended, what its events said and the end of its error output to one
 * ending. Structured fields first, then the error output, never the words of a model and never the output of a tool;
 * but for a last line `BLOCKED: …`, which is what we ask an agent to say. Starts nothing, knows no agent.
 */
import { oneLine } from '../../core/redact.ts';
import type { Agent } from './agent.ts';
import { type Fault, type Found, fault, type Usage } from './found.ts';
import { reasonInText, reasonOf } from './reasons.ts';
import { resetAfter } from './reset.ts';

/** How a call can fail; `signal`, `timeout`, `cancelled` and `spawn` mean what they mean for every process. */
export type AgentFailure =
  | 'no-result'
  | 'denied'
  | 'agent-error'
  | 'auth'
  | 'rate-limit'
  | 'overloaded'
  | 'context-limit'
  | 'budget'
  | 'silent'
  | 'blocked-by-agent'
  | 'timeout'
  | 'cancelled'
  | 'signal'
  | 'spawn';

/** How the process ended. */
export interface ProcessEnd {
  /** `null`: by a signal, or not at all. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Why we ended it; `null`: it ended by itself. */
  readonly cause: 'timeout' | 'silent' | 'cancelled' | null;
  /** End of its error output: 16 KiB are enough. */
  readonly stderr: string;
  /** In ms since the epoch. */
  readonly at: number;
}

/** The last known totals of a session that was gone on with. */
export interface Before {
  readonly session: string;
  readonly costUsd: number | null;
  readonly usage: Usage | null;
}

/** What a call used, whatever came of it. `null`: the client did not say, which is not 0. */
export interface Used {
  readonly session: string | null;
  readonly model: string | null;
  readonly version: string | null;
  /** Of this call alone. */
  readonly usage: Usage | null;
  /** Of this call alone, in US dollars. */
  readonly costUsd: number | null;
  /** What has to be given as `before` with the next call of this session. */
  readonly totals: Before | null;
}

export type AgentEnding =
  | { readonly kind: 'done'; readonly text: string | null; readonly used: Used }
  | {
      readonly kind: 'failure';
      readonly reason: AgentFailure;
      /** One line; control codes are out of it, secrets are not. */
      readonly message: string;
      /** When the limit is lifted, in ms since the epoch; `null`: not known. */
      readonly resetAt: number | null;
      readonly text: string | null;
      readonly used: Used;
    };

interface Verdict {
  readonly reason: AgentFailure;
  readonly message: string;
  readonly resetAt?: number | null;
}

/** @param before totals of the same session at the end of its call before, or `null`. */
export function classify(agent: Agent, found: Found, end: ProcessEnd, before: Before | null = null): AgentEnding {
  const used = usedBy(agent, found, before);
  const verdict = verdictOf(agent, found, end);
  if (verdict === null) return { kind: 'done', text: found.text, used };
  const { reason, message, resetAt = null } = verdict;
  return { kind: 'failure', reason, message: cut(oneLine(message)), resetAt, text: found.text, used };
}

/** `null`: nothing speaks against it. The order is the rule: the surest sign first. */
function verdictOf(agent: Agent, found: Found, end: ProcessEnd): Verdict | null {
  if (end.cause !== null) return { reason: end.cause, message: stopped(end, found.passing) };
  const told = faultIn(agent, found, end);
  if (told !== null) return ofFault(told, end);
  const name = signalOf(end);
  if (name !== null && found.end === null) return { reason: 'signal', message: `ended by ${name}` };
  if (found.denied.length > 0) return { reason: 'denied', message: `it was not allowed to use ${names(found.denied)}` };
  const failed = end.code !== 0;
  if (failed || found.end === null) {
    const said = reasonInText(end.stderr);
    if (said !== null)
      return { ...said, resetAt: said.reason === 'rate-limit' ? resetAfter(said.message, end.at) : null };
  }
  if (failed) return { reason: 'agent-error', message: `exit code ${end.code}${lastWords(end.stderr)}` };
  if (found.end === null) return { reason: 'no-result', message: 'it ended without saying how it came out' };
  const blocked = blockedIn(found.text);
  return blocked === null ? null : { reason: 'blocked-by-agent', message: blocked };
}

/** An event of failure, or else an exit code that has a meaning of its own. */
function faultIn(agent: Agent, found: Found, end: ProcessEnd): Fault | null {
  const exit = end.code === null || found.end === 'success' ? undefined : agent.exits?.[end.code];
  if (found.fault !== null) return { ...found.fault, status: found.fault.status ?? exit?.status ?? null };
  if (found.end === 'error') return found.passing ?? fault({});
  if (exit !== undefined) return fault({ ...exit, message: `${exit.message}${lastWords(end.stderr)}` });
  // It went wrong, and the last that was heard of it was the fault that it kept meeting.
  return end.code !== 0 && end.signal === null && found.end === null ? found.passing : null;
}

function ofFault(told: Fault, end: ProcessEnd): Verdict {
  const reason = reasonOf(told);
  const message = sentenceOf(told) || 'it failed and did not say why';
  return { reason, message, resetAt: reason === 'rate-limit' ? resetOf(told, end.at) : null };
}

function resetOf({ resetAt, retryAfterMs, message }: Fault, now: number): number | null {
  return resetAt ?? (retryAfterMs === null ? resetAfter(message, now) : now + retryAfterMs);
}

/** A shell or a client may turn a signal into 128 and its number. */
function signalOf({ signal, code }: ProcessEnd): string | null {
  if (signal !== null) return signal;
  return SIGNALS[code ?? 0] ?? null;
}

const SIGNALS: Readonly<Record<number, string>> = { 129: 'SIGHUP', 130: 'SIGINT', 137: 'SIGKILL', 143: 'SIGTERM' };

function stopped({ cause, stderr }: ProcessEnd, passing: Fault | null): string {
  if (cause === 'cancelled') return 'cancelled';
  const what = cause === 'silent' ? 'it said nothing for too long' : 'timed out';
  const met = passing === null ? reasonInText(stderr)?.message.trim() : sentenceOf(passing);
  return met === undefined ? what : `${what}; the last it met: ${met}`;
}

function sentenceOf({ message, type, status }: Fault): string {
  return [message || type, status === null ? '' : `(HTTP ${status})`].filter((part) => part !== '').join(' ');
}

/** The reason of a last line `BLOCKED: reason`. */
function blockedIn(text: string | null): string | null {
  const last = text?.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const match = /^\**BLOCKED:\**\s*(.*)$/.exec(last);
  return match === null ? null : match[1] || 'it did not say why';
}

function names(tools: readonly string[]): string {
  return [...new Set(tools)].slice(0, 5).join(', ');
}

function lastWords(stderr: string): string {
  const line = oneLine(stderr.trimEnd().split('\n').at(-1) ?? '');
  return line === '' ? '' : `: ${line}`;
}

const LONGEST_MESSAGE = 500;

function cut(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message;
}

function usedBy(agent: Agent, found: Found, before: Before | null): Used {
  const { session, model, version, usage, costUsd } = found;
  const { capabilities } = agent;
  const earlier = before !== null && before.session === session ? before : null;
  /** What the numbers of this call cover, where it went on with a session. */
  const span = (kind: 'session' | 'call' | null): 'session' | 'call' | null =>
    earlier === null || kind !== 'session' ? 'call' : agent.totals === undefined ? kind : agent.totals(version);
  const ofUsage = span(capabilities.usage);
  const ofCost = span(capabilities.cost);
  return {
    session,
    model,
    version,
    usage: ofUsage === null ? null : ofUsage === 'call' ? usage : usageSince(usage, earlier?.usage ?? null),
    costUsd: ofCost === null ? null : ofCost === 'call' ? costUsd : costSince(costUsd, earlier?.costUsd ?? null),
    totals:
      session === null
        ? null
        : {
            session,
            // A call that was cut off before its result adds to a total that nobody told us.
            costUsd: capabilities.cost === 'session' ? (costUsd ?? earlier?.costUsd ?? null) : null,
            usage: capabilities.usage === 'session' ? (usage ?? earlier?.usage ?? null) : null,
          },
  };
}

/** A total that went down was begun anew. */
function costSince(total: number | null, before: number | null): number | null {
  if (total === null || before === null || total < before) return total;
  return Number((total - before).toFixed(10));
}

function usageSince(total: Usage | null, before: Usage | null): Usage | null {
  if (total === null || before === null || total.input < before.input || total.output < before.output) return total;
  const since = (key: keyof Usage): number => Math.max(0, total[key] - before[key]);
  return {
    input: since('input'),
    output: since('output'),
    cacheRead: since('cacheRead'),
    cacheWrite: since('cacheWrite'),
  };
}
