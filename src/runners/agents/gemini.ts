/** Gemini CLI. Knows its flags, its stream and its exit codes. It says nothing about cost. */
import type { Agent } from './agent.ts';
import { optional, PROJECT_COMMANDS, resumed } from './flags.ts';
import { type Found, fault, type Json, object, text, usageOf } from './found.ts';

const USAGE = { input: 'input_tokens', output: 'output_tokens', cacheRead: 'cached', cacheWrite: '' } as const;

const ALLOWED = PROJECT_COMMANDS.map((command) => `run_shell_command(${command})`).join(',');

/** Faults of the API end it with the status modulo 256. */
function httpExits(statuses: readonly number[]) {
  return Object.fromEntries(statuses.map((status) => [status % 256, { status, message: 'the API refused' }]));
}

export const gemini: Agent = {
  name: 'gemini',
  programs: ['gemini'],
  install: 'npm install -g @google/gemini-cli',
  capabilities: {
    json: true,
    cost: null,
    usage: 'call',
    resume: true,
    preset: 'uuid',
    limitReset: false,
    prompt: 'stdin',
    approval: 'edits',
    tested: { from: '0.61.0', to: '0.61.0' },
  },
  invoke: ({ prompt, model, args, yolo, session }) => ({
    args: [
      '--output-format',
      'stream-json',
      // In a folder that it does not trust it takes back what it was allowed.
      '--skip-trust',
      '--approval-mode',
      yolo ? 'yolo' : 'auto_edit',
      ...(yolo ? [] : ['--allowed-tools', ALLOWED]),
      ...optional('--model', model),
      ...resumed(session, '--session-id', '--resume'),
      ...args,
    ],
    // Without this it starts itself once more, as a child that outlives it.
    env: { GEMINI_CLI_NO_RELAUNCH: 'true' },
    input: prompt,
  }),
  read: readEvent,
  exits: {
    ...httpExits([400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 504, 529]),
    41: { type: 'auth', message: 'no login' },
    42: { message: 'it could not use what it was given' },
    44: { message: 'its sandbox failed' },
    52: { message: 'its configuration is broken' },
    53: { type: 'max_turns', message: 'its limit of turns is reached' },
    54: { message: 'a tool failed for good' },
    55: { type: 'untrusted', message: 'it does not trust the folder' },
  },
};

function readEvent(event: Json, found: Found): void {
  switch (event['type']) {
    case 'init':
      found.session = text(event, 'session_id') ?? found.session;
      found.model = text(event, 'model') ?? found.model;
      return;
    case 'message':
      if (event['role'] !== 'assistant') return;
      found.text = `${event['delta'] === true ? (found.text ?? '') : ''}${text(event, 'content') ?? ''}`;
      return;
    case 'tool_use':
      // What it says after its last tool are its final words.
      found.text = null;
      return;
    case 'tool_result':
      readTool(event, found);
      return;
    case 'error':
      found.passing = fault({ message: text(event, 'message') ?? '' });
      return;
    case 'result':
      readResult(event, found);
      return;
  }
}

/** The id of a use begins with the name of its tool. */
function readTool(event: Json, found: Found): void {
  if (event['status'] !== 'error') return;
  const type = text(object(event, 'error'), 'type') ?? '';
  if (/policy|denied/i.test(type)) found.denied.push(text(event, 'tool_id')?.split('__')[0] || 'a tool');
}

function readResult(event: Json, found: Found): void {
  found.end = event['status'] === 'success' ? 'success' : 'error';
  found.usage = usageOf(object(event, 'stats'), USAGE);
  if (found.end === 'success') return;
  const error = object(event, 'error');
  found.fault = fault({ type: text(error, 'type') ?? '', message: text(error, 'message') ?? '' });
}
