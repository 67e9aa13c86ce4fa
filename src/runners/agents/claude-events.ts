/**
 * The events that claude writes, and with small differences qwen and amp: `system`, `assistant`, `result`. Knows their
 * shapes; not how any of the three is called.
 */
import {
  addUsage,
  asObject,
  type Fault,
  type Found,
  fault,
  type Json,
  list,
  moment,
  number,
  object,
  text,
  type Usage,
  usageOf,
} from './found.ts';
import { resetIn } from './reset.ts';

const USAGE = {
  input: 'input_tokens',
  output: 'output_tokens',
  cacheRead: 'cache_read_input_tokens',
  cacheWrite: 'cache_creation_input_tokens',
} as const;

const MODEL_USAGE = {
  input: 'inputTokens',
  output: 'outputTokens',
  cacheRead: 'cacheReadInputTokens',
  cacheWrite: 'cacheCreationInputTokens',
} as const;

export function readClaudeEvent(event: Json, found: Found): void {
  found.session = text(event, 'session_id') ?? found.session;
  switch (event['type']) {
    case 'system':
      readSystem(event, found);
      return;
    case 'rate_limit_event':
      readLimit(object(event, 'rate_limit_info'), found);
      return;
    case 'result':
      readResult(event, found);
      return;
  }
}

function readSystem(event: Json, found: Found): void {
  if (event['subtype'] === 'init') {
    found.model = text(event, 'model') ?? found.model;
    found.version = text(event, 'claude_code_version') ?? text(event, 'qwen_code_version') ?? found.version;
  } else if (event['subtype'] === 'api_retry') {
    found.passing = fault({ status: number(event, 'error_status'), type: text(event, 'error') ?? '' });
  }
}

function readLimit(info: Json, found: Found): void {
  if (info['status'] !== 'rejected') return;
  found.passing = fault({ type: 'rate_limit', resetAt: moment(info, 'resetsAt') });
}

/** `subtype` says `success` also of a call that an error of the API ended: only `is_error` counts. */
function readResult(event: Json, found: Found): void {
  const isError = event['is_error'] !== false;
  found.end = isError ? 'error' : 'success';
  found.text = isError ? null : text(event, 'result');
  found.usage = modelUsage(object(event, 'modelUsage')) ?? usageOf(object(event, 'usage'), USAGE);
  found.costUsd = number(event, 'total_cost_usd');
  for (const denial of list(event, 'permission_denials')) found.denied.push(toolOf(denial));
  found.fault = isError ? faultOf(event, found.passing) : null;
}

/** A result may be silent about what an event just before it said: when the limit is lifted. */
function faultOf(event: Json, passing: Fault | null): Fault {
  const message = messageOf(event);
  const own = text(event, 'api_error_type') ?? text(event, 'terminal_reason') ?? '';
  const subtype = text(event, 'subtype') ?? '';
  const type = [own, subtype === 'success' ? '' : subtype].filter((part) => part !== '').join(' ');
  const status = number(event, 'api_error_status') ?? statusIn(message);
  const isLimit = passing?.type === 'rate_limit';
  return fault({
    status,
    type: isLimit && status === null && own !== 'budget_exhausted' ? `${type} rate_limit`.trim() : type,
    message,
    resetAt: (isLimit ? passing.resetAt : null) ?? resetIn(message),
  });
}

function messageOf(event: Json): string {
  const errors = list(event, 'errors').filter((one): one is string => typeof one === 'string');
  const error = event['error'];
  const said = typeof error === 'string' ? error : text(asObject(error) ?? {}, 'message');
  return said ?? (errors.length > 0 ? errors.join('; ') : (text(event, 'result') ?? ''));
}

/** `[API Error: 401 …]`, `API Error: 500 …`: the client's words round an answer of the API, at their beginning only. */
export function statusIn(message: string): number | null {
  const match = /^\[?API Error:?\s*(?:\(?status:?\s*)?([45]\d\d)\b/i.exec(message);
  return match === null ? null : Number(match[1]);
}

/** The sum over all models: the plain `usage` is that of the main loop only. */
function modelUsage(models: Json): Usage | null {
  let sum: Usage | null = null;
  for (const one of Object.values(models)) sum = addUsage(sum, usageOf(asObject(one) ?? {}, MODEL_USAGE));
  return sum;
}

function toolOf(denial: unknown): string {
  return typeof denial === 'string' ? denial : (text(asObject(denial) ?? {}, 'tool_name') ?? 'a tool');
}
