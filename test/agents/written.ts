/**
 * Streams that could not be recorded here, written by hand after the documented shapes of the clients: whoever has
 * such a client and an account can replace one by a recording.
 */
import type { AgentFailure, ProcessEnd } from '../../src/runners/agents/classify.ts';

export interface Expected {
  /** `done`, or the reason of the failure. */
  readonly result: 'done' | AgentFailure;
  readonly message?: string | RegExp;
  readonly text?: string | null;
  readonly session?: string | null;
  readonly resetAt?: number | null;
  readonly costUsd?: number | null;
  /** Input and output tokens. */
  readonly tokens?: readonly [number, number] | null;
}

interface Written extends Partial<ProcessEnd> {
  readonly agent: string;
  readonly name: string;
  readonly events: readonly object[];
  readonly expected: Expected;
}

/** 20 November 2026, 10:00 UTC: when the ends of these processes are read. */
export const READ_AT = Date.UTC(2026, 10, 20, 10);

const result = (rest: object): object => ({
  type: 'result',
  session_id: 's',
  subtype: 'success',
  is_error: false,
  ...rest,
});

const CLAUDE: readonly Omit<Written, 'agent'>[] = [
  {
    name: 'a subscription at its limit: the moment stands in an event before the result',
    code: 1,
    events: [
      {
        type: 'rate_limit_event',
        rate_limit_info: { status: 'rejected', resetsAt: 1_795_000_000, rateLimitType: 'five_hour' },
      },
      result({ is_error: true, api_error_status: null, result: "You've hit your limit · resets 1pm (Europe/Lisbon)" }),
    ],
    expected: { result: 'rate-limit', resetAt: 1_795_000_000_000 },
  },
  {
    name: 'a subscription at its limit, in words only',
    code: 1,
    events: [
      result({
        is_error: true,
        api_error_status: null,
        result: "You've hit your session limit · resets 1:10pm (Europe/Lisbon)",
      }),
    ],
    expected: { result: 'rate-limit', resetAt: Date.UTC(2026, 10, 20, 13, 10) },
  },
  {
    name: 'a limit in its error output only',
    code: 1,
    events: [],
    stderr: 'Session limit reached ∙ resets 1pm (UTC)\n',
    expected: { result: 'rate-limit', resetAt: Date.UTC(2026, 10, 20, 13) },
  },
  {
    name: 'a warning about the limit is no limit',
    code: 0,
    events: [
      { type: 'rate_limit_event', rate_limit_info: { status: 'allowed_warning', resetsAt: 1 } },
      result({ result: 'x' }),
    ],
    expected: { result: 'done', text: 'x' },
  },
  {
    name: 'not logged in',
    code: 1,
    events: [result({ is_error: true, api_error_status: null, result: 'Not logged in · Please run /login' })],
    expected: { result: 'auth', message: 'Not logged in · Please run /login' },
  },
  {
    name: 'too many turns: errors, and no result',
    code: 1,
    events: [
      result({
        subtype: 'error_max_turns',
        is_error: true,
        terminal_reason: 'max_turns',
        errors: ['Reached maximum number of turns (3)'],
      }),
    ],
    expected: { result: 'budget', message: 'Reached maximum number of turns (3)', text: null },
  },
  {
    name: 'a prompt that is too long',
    code: 1,
    events: [
      result({
        is_error: true,
        terminal_reason: 'prompt_too_long',
        api_error_status: 400,
        result: 'Prompt is too long',
      }),
    ],
    expected: { result: 'context-limit' },
  },
  {
    name: 'a model that talks about limits is not at one',
    code: 0,
    events: [
      {
        type: 'assistant',
        message: { content: [{ type: 'text', text: '429 Too Many Requests, rate limit reached, not logged in' }] },
      },
      { type: 'user', message: { content: [{ type: 'tool_result', content: 'HTTP 401 unauthorized' }] } },
      result({ result: 'Handled the 429: rate limit reached' }),
    ],
    expected: { result: 'done', text: 'Handled the 429: rate limit reached' },
  },
  {
    name: 'BLOCKED anywhere but at the end is a word like any other',
    code: 0,
    events: [result({ result: 'BLOCKED: no\nBut then I found a way.' })],
    expected: { result: 'done' },
  },
  {
    name: 'a result, and then an exit code that is not 0',
    code: 7,
    events: [result({ result: 'x' })],
    expected: { result: 'agent-error', message: 'exit code 7' },
  },
  {
    name: 'its retries, while nothing was heard for too long',
    code: null,
    signal: 'SIGTERM',
    cause: 'silent',
    events: [{ type: 'system', subtype: 'api_retry', attempt: 3, error_status: 529, error: 'overloaded' }],
    expected: { result: 'silent', message: 'it said nothing for too long; the last it met: overloaded (HTTP 529)' },
  },
  {
    name: 'an unknown flag',
    code: 1,
    events: [],
    stderr: "error: unknown option '--nope'\n",
    expected: { result: 'agent-error', message: "exit code 1: error: unknown option '--nope'" },
  },
  {
    name: 'ended by us when its time was over',
    code: null,
    signal: 'SIGTERM',
    cause: 'timeout',
    events: [],
    expected: { result: 'timeout' },
  },
];

const CODEX: readonly Omit<Written, 'agent'>[] = [
  {
    name: 'a call that goes well, with an error on the way',
    code: 0,
    events: [
      { type: 'thread.started', thread_id: 't1' },
      { type: 'turn.started' },
      { type: 'item.completed', item: { id: '0', type: 'error', message: 'something that does not matter' } },
      {
        type: 'item.completed',
        item: { id: '1', type: 'command_execution', aggregated_output: 'BLOCKED: 401', status: 'completed' },
      },
      { type: 'item.completed', item: { id: '2', type: 'agent_message', text: 'first' } },
      { type: 'item.completed', item: { id: '3', type: 'agent_message', text: 'last' } },
      { type: 'turn.completed', usage: { input_tokens: 100, cached_input_tokens: 20, output_tokens: 10 } },
    ],
    expected: { result: 'done', text: 'last', session: 't1', tokens: [100, 10], costUsd: null },
  },
  {
    name: 'a limit, in words only',
    code: 1,
    events: [
      { type: 'thread.started', thread_id: 't1' },
      { type: 'turn.started' },
      { type: 'turn.failed', error: { message: 'exceeded retry limit, last status: 429 Too Many Requests' } },
    ],
    expected: { result: 'rate-limit', resetAt: null },
  },
  {
    name: 'a failure without a word',
    code: 1,
    events: [{ type: 'turn.started' }, { type: 'turn.failed' }],
    expected: { result: 'agent-error' },
  },
  {
    name: 'ended by a signal: no last event',
    code: null,
    signal: 'SIGTERM',
    events: [{ type: 'turn.started' }],
    expected: { result: 'signal', message: 'ended by SIGTERM' },
  },
  {
    name: 'ended with 1 by SIGINT: no last event',
    code: 1,
    events: [{ type: 'turn.started' }],
    expected: { result: 'agent-error' },
  },
  {
    name: 'an unknown session',
    code: 1,
    events: [],
    stderr: 'Error: no rollout found for thread id 0 (code -32600)\n',
    expected: { result: 'agent-error', message: /no rollout found/ },
  },
];

const GEMINI: readonly Omit<Written, 'agent'>[] = [
  {
    name: '429 as 173, with its words in the error output',
    code: 173,
    events: [{ type: 'init', session_id: 'g', model: 'm' }],
    stderr: 'at stack (trace.js:1)\n',
    expected: { result: 'rate-limit', message: /HTTP 429/, session: 'g' },
  },
  { name: 'a folder that it does not trust', code: 55, events: [], expected: { result: 'denied' } },
  { name: 'cancelled', code: 130, events: [], expected: { result: 'signal', message: 'ended by SIGINT' } },
];

const COPILOT: readonly Omit<Written, 'agent'>[] = [
  {
    name: 'a call that goes well',
    code: 0,
    events: [
      { type: 'assistant.message', data: { content: 'first' } },
      { type: 'model.call_failure', data: { statusCode: 500 } },
      { type: 'assistant.message', data: { content: 'last' } },
      { type: 'result', sessionId: 'c', exitCode: 0, usage: { premiumRequests: 1 } },
    ],
    expected: { result: 'done', text: 'last', session: 'c', costUsd: null, tokens: null },
  },
  {
    name: 'ended by a signal: exit code 0, no last event',
    code: 0,
    events: [{ type: 'user.message', data: {} }],
    expected: { result: 'no-result' },
  },
  {
    name: 'a limit',
    code: 1,
    events: [
      {
        type: 'session.error',
        data: { errorType: 'rate_limit', errorCode: 'user_weekly_rate_limited', message: 'Wait.', statusCode: 429 },
      },
      { type: 'result', sessionId: 'c', exitCode: 1 },
    ],
    expected: { result: 'rate-limit', message: 'Wait. (HTTP 429)', session: 'c' },
  },
  {
    name: 'a quota',
    code: 1,
    events: [{ type: 'session.error', data: { errorType: 'quota', errorCode: 'quota_exceeded', message: 'No more.' } }],
    expected: { result: 'rate-limit' },
  },
  {
    name: 'a login that fails',
    code: 1,
    events: [{ type: 'session.error', data: { errorType: 'authentication', message: 'Who?' } }],
    expected: { result: 'auth' },
  },
  {
    name: 'a context that is full',
    code: 1,
    events: [{ type: 'session.error', data: { errorType: 'context_limit', message: 'Full.' } }],
    expected: { result: 'context-limit' },
  },
];

const step = (reason: string, cost: number, tokens: object): object => ({
  type: 'step_finish',
  sessionID: 'o',
  part: { reason, cost, tokens },
});

const OPENCODE: readonly Omit<Written, 'agent'>[] = [
  {
    name: 'tokens and cost are those of each step',
    code: 0,
    events: [
      { type: 'step_start', sessionID: 'o', part: {} },
      step('tool-calls', 0.25, { input: 100, output: 5, cache: { read: 7, write: 1 } }),
      { type: 'step_start', sessionID: 'o', part: {} },
      { type: 'text', sessionID: 'o', part: { text: 'ready' } },
      step('stop', 0.5, { input: 200, output: 10, cache: { read: 7, write: 1 } }),
    ],
    expected: { result: 'done', text: 'ready', session: 'o', costUsd: 0.75, tokens: [300, 15] },
  },
  {
    name: 'a cost of 0 is one that it does not know',
    code: 0,
    events: [step('stop', 0, { input: 1, output: 1 })],
    expected: { result: 'done', costUsd: null },
  },
  {
    name: 'exit code 0 in the middle of its steps',
    code: 0,
    events: [step('tool-calls', 0, { input: 1, output: 1 })],
    expected: { result: 'no-result' },
  },
  {
    name: 'an error of the API',
    code: 1,
    events: [
      {
        type: 'error',
        sessionID: 'o',
        error: { name: 'APIError', data: { message: 'no', statusCode: 401, isRetryable: false } },
      },
    ],
    expected: { result: 'auth', message: 'no (HTTP 401)' },
  },
  {
    name: 'the header that says when',
    code: 1,
    events: [
      {
        type: 'error',
        sessionID: 'o',
        error: {
          name: 'APIError',
          data: { message: 'slow', statusCode: 429, responseHeaders: { 'Retry-After': '120' } },
        },
      },
    ],
    expected: { result: 'rate-limit', resetAt: READ_AT + 120_000 },
  },
  {
    name: 'refused permissions, in the last event of newer versions',
    code: 0,
    events: [step('stop', 0, { input: 1, output: 1 }), { type: 'done', reason: 'idle', rejected: ['bash'] }],
    expected: { result: 'denied', message: /bash/ },
  },
];

const CLAUDE_LIKE: readonly Written[] = [
  {
    agent: 'amp',
    name: 'a call that goes well',
    code: 0,
    events: [result({ result: 'x', usage: { input_tokens: 3, output_tokens: 2 } })],
    expected: { result: 'done', text: 'x', tokens: [3, 2], costUsd: null },
  },
  {
    agent: 'amp',
    name: 'denials are plain names',
    code: 0,
    events: [result({ result: 'x', permission_denials: ['Bash'] })],
    expected: { result: 'denied', message: /Bash/ },
  },
  {
    agent: 'amp',
    name: 'an error is a text',
    code: 1,
    events: [result({ subtype: 'error_during_execution', is_error: true, error: 'it broke' })],
    expected: { result: 'agent-error', message: 'it broke' },
  },
  {
    agent: 'amp',
    name: 'no key',
    code: 1,
    events: [],
    stderr: 'AMP_API_KEY is not set\n',
    expected: { result: 'auth' },
  },
  {
    agent: 'qwen',
    name: 'its own limit of time: no result',
    code: 55,
    events: [{ type: 'system', subtype: 'init', session_id: 'q' }],
    expected: { result: 'budget', session: 'q' },
  },
  {
    agent: 'cursor',
    name: 'a call that goes well',
    code: 0,
    events: [
      { type: 'system', subtype: 'init', session_id: 'u', model: 'm' },
      result({ result: 'x', session_id: 'u' }),
    ],
    expected: { result: 'done', text: 'x', session: 'u', tokens: null },
  },
  {
    agent: 'cursor',
    name: 'a failure has no last event',
    code: 1,
    events: [{ type: 'system', subtype: 'init', session_id: 'u' }],
    stderr: 'Error: Authentication required\n',
    expected: { result: 'auth', session: 'u' },
  },
];

const OTHERS: readonly Written[] = [
  {
    agent: 'aider',
    name: 'exit code 0 and nothing was sent',
    code: 0,
    events: [{ event: 'launched', properties: {} }],
    expected: { result: 'no-result' },
  },
  {
    agent: 'aider',
    name: 'exit code 0 after a failure',
    code: 0,
    events: [
      { event: 'message_send_exception', properties: { exception: 'litellm.AuthenticationError: invalid x-api-key' } },
    ],
    expected: { result: 'auth' },
  },
  {
    agent: 'aider',
    name: 'a call that goes well',
    code: 0,
    events: [
      {
        event: 'message_send',
        properties: { main_model: 'm', prompt_tokens: 10, completion_tokens: 1, cost: 0.25, total_cost: 0.25 },
      },
      {
        event: 'message_send',
        properties: { main_model: 'm', prompt_tokens: 20, completion_tokens: 2, cost: 0.5, total_cost: 0.75 },
      },
    ],
    expected: { result: 'done', tokens: [30, 3], costUsd: 0.75, text: null },
  },
  {
    agent: 'goose',
    name: 'a call that goes well',
    code: 0,
    events: [
      { type: 'message', message: { role: 'assistant', content: [{ type: 'text', text: 'ready' }] } },
      { type: 'message', message: { role: 'user', content: [{ type: 'text', text: 'BLOCKED: no' }] } },
      { type: 'complete', total_tokens: 12, input_tokens: 10, output_tokens: 2, cost_usd: 0.5 },
    ],
    expected: { result: 'done', text: 'ready', costUsd: 0.5, tokens: [10, 2] },
  },
  {
    agent: 'goose',
    name: 'an error',
    code: 1,
    events: [
      { type: 'error', error: 'Context length exceeded' },
      { type: 'complete', total_tokens: 1 },
    ],
    expected: { result: 'context-limit' },
  },
];

const of = (agent: string, cases: readonly Omit<Written, 'agent'>[]): Written[] =>
  cases.map((one) => ({ agent, ...one }));

export const written: readonly Written[] = [
  ...of('claude', CLAUDE),
  ...of('codex', CODEX),
  ...of('gemini', GEMINI),
  ...of('copilot', COPILOT),
  ...of('opencode', OPENCODE),
  ...CLAUDE_LIKE,
  ...OTHERS,
];
