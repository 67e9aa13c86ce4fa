/**
 * Qwen Code. Knows its flags and exit codes; its events are those of `claude-events.ts`. It says nothing about cost.
 *
 * Its older versions end with 0 and without `is_error` when the API refused: what the API said then stands, in the
 * client's words, at the end of the result.
 */
import type { Agent } from './agent.ts';
import { readClaudeEvent, statusIn } from './claude-events.ts';
import { optional, PROJECT_COMMANDS, resumed } from './flags.ts';
import { type Found, fault, type Json } from './found.ts';

const ALLOWED = PROJECT_COMMANDS.map((command) => `run_shell_command(${command})`).join(',');

export const qwen: Agent = {
  name: 'qwen',
  programs: ['qwen'],
  install: 'npm install -g @qwen-code/qwen-code',
  capabilities: {
    json: true,
    cost: null,
    usage: 'session',
    resume: true,
    preset: 'uuid',
    limitReset: false,
    prompt: 'stdin',
    approval: 'edits',
    tested: { from: '0.15.10', to: '0.15.10' },
  },
  invoke: ({ prompt, model, args, yolo, session }) => ({
    args: [
      '--output-format',
      'stream-json',
      ...(yolo ? ['--approval-mode', 'yolo'] : ['--approval-mode', 'auto-edit', '--allowed-tools', ALLOWED]),
      ...optional('--model', model),
      ...resumed(session, '--session-id', '--resume'),
      ...args,
    ],
    env: {},
    input: prompt,
  }),
  read: readEvent,
  exits: {
    53: { type: 'max_turns', message: 'its limit of turns is reached' },
    55: { type: 'budget', message: 'its limit of time or of tool calls is reached' },
  },
};

const REFUSED = /\[API Error: [^\n]*\]$/;

function readEvent(event: Json, found: Found): void {
  readClaudeEvent(event, found);
  if (event['type'] !== 'result' || found.end !== 'success') return;
  const message = REFUSED.exec(found.text ?? '')?.[0];
  if (message === undefined) return;
  found.end = 'error';
  found.fault = fault({ status: statusIn(message), message });
  found.text = null;
}
