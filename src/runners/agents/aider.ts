/**
 * aider, from its documentation and source. Its exit code says nothing and it has no stream: what it did is in the
 * log of its analytics, which is written to a file of ours and sent nowhere.
 */
import type { Agent } from './agent.ts';
import { optional } from './flags.ts';
import { addUsage, type Found, fault, type Json, number, object, text } from './found.ts';

export const aider: Agent = {
  name: 'aider',
  programs: ['aider'],
  install: 'see https://aider.chat/docs/install.html',
  capabilities: {
    json: true,
    cost: 'call',
    usage: 'call',
    resume: false,
    preset: null,
    limitReset: false,
    prompt: 'file',
    approval: 'edits',
    tested: null,
  },
  invoke({ prompt, model, args, scratch }) {
    const file = `${scratch}.prompt.txt`;
    const stream = `${scratch}.analytics.jsonl`;
    return {
      args: [
        '--message-file',
        file,
        '--analytics-log',
        stream,
        '--no-analytics',
        // It says yes to files and edits; commands that a model proposes it still does not run.
        '--yes-always',
        '--no-pretty',
        '--no-stream',
        '--no-auto-commits',
        '--no-check-update',
        ...optional('--model', model),
        ...args,
      ],
      env: {},
      input: '',
      file: { path: file, text: prompt },
      stream,
    };
  },
  read: readEvent,
};

function readEvent(event: Json, found: Found): void {
  const said = object(event, 'properties');
  switch (event['event']) {
    case 'message_send':
      found.end = 'success';
      found.fault = null;
      found.model = text(said, 'main_model') ?? found.model;
      found.usage = addUsage(found.usage, {
        input: number(said, 'prompt_tokens') ?? 0,
        output: number(said, 'completion_tokens') ?? 0,
        cacheRead: 0,
        cacheWrite: 0,
      });
      found.costUsd = number(said, 'total_cost') ?? found.costUsd;
      return;
    case 'message_send_exception':
      found.end = 'error';
      found.fault = fault({ message: text(said, 'exception') ?? '' });
  }
}
