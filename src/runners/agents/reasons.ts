/**
 * Faults and lines of error output to the reason of a failure. Knows the words that providers and clients use; not
 * which client used them.
 */
import type { AgentFailure } from './classify.ts';
import type { Fault } from './found.ts';

type Reason = Extract<
  AgentFailure,
  'agent-error' | 'auth' | 'rate-limit' | 'overloaded' | 'context-limit' | 'budget' | 'denied' | 'timeout'
>;

type Rule = readonly [pattern: RegExp, reason: Reason];

/** Types of faults, as clients name them: the more special first. */
const TYPES: readonly Rule[] = [
  [/budget|max_turns|credit|billing|spend/i, 'budget'],
  [/context|prompt_too_long|too_many_tokens/i, 'context-limit'],
  [/rate_?limit|quota|usage_?limit|blocking_limit|resource_exhausted|too_many_requests/i, 'rate-limit'],
  [/overload|unavailable|server_error|internal/i, 'overloaded'],
  [/auth|api_key|forbidden/i, 'auth'],
  [/untrusted|permission_denied/i, 'denied'],
];

/** Messages of faults and lines of error output. Only turns of phrase that are about the call itself. */
const WORDS: readonly Rule[] = [
  [/\bnot logged in\b|\bplease (?:run )?\S*\s?login\b|\binvalid (?:x-)?api[- ]key\b|\bincorrect api key\b/i, 'auth'],
  [
    /\b(?:unauthorized|unauthenticated|authentication (?:failed|error|required))\b|\b[A-Z_]*API_KEY\b.*\b(?:not set|missing|required|must)\b/i,
    'auth',
  ],
  [/\bno auth(?:entication)? (?:type|method)\b|\bset an auth method\b/i, 'auth'],
  [/\bprompt is too long\b|\bcontext[ _](?:length|window)\b|\bmaximum context\b/i, 'context-limit'],
  [/\bcredit balance\b|\bmax(?:imum)? budget\b|\bbudget (?:of|exceeded|exhausted)\b/i, 'budget'],
  [
    /\bhit your (?:\w+ )?limit\b|\b(?:session|usage|rate|weekly|request) limit (?:reached|exceeded)\b|\bwait limit\b/i,
    'rate-limit',
  ],
  [
    /\btoo many requests\b|\brate[- ]limit(?:ed)?\b|\bquota (?:exceeded|exhausted)\b|\bexceeded your (?:current )?quota\b/i,
    'rate-limit',
  ],
  [/\boverloaded\b|\bservice unavailable\b|\binternal server error\b|\bbad gateway\b/i, 'overloaded'],
];

/** `last status: 429`, `HTTP 401`, `status code 503`, `"code": 429`: a status that is called one. */
const STATUS = /\b(?:status(?: code)?|http(?:\/\d(?:\.\d)?)?|api error|"?code"?)"?\s*[:=]?\s*\(?([45]\d\d)\b/i;

/** The reason for a fault: its type where that says something, else its status, else its message. */
export function reasonOf({ type, status, message }: Fault): Reason {
  return match(TYPES, type) ?? ofStatus(status) ?? inLine(message) ?? 'agent-error';
}

/** The last line of the text that says why, and the reason that it gives; `null`: none does. */
export function reasonInText(text: string): { readonly reason: Reason; readonly message: string } | null {
  for (const message of text.split('\n').reverse()) {
    const reason = inLine(message);
    if (reason !== null) return { reason, message };
  }
  return null;
}

function inLine(line: string): Reason | null {
  const status = STATUS.exec(line)?.[1];
  return match(WORDS, line) ?? ofStatus(status === undefined ? null : Number(status));
}

function match(rules: readonly Rule[], text: string): Reason | null {
  return rules.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

function ofStatus(status: number | null): Reason | null {
  if (status === null) return null;
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'budget';
  if (status === 429) return 'rate-limit';
  if (status === 413) return 'context-limit';
  return status >= 500 ? 'overloaded' : null;
}
