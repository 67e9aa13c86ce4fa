/** goose, from its documentation. Knows its flags and its stream; sessions it only knows by the names given to them. */
import type { Agent } from './agent.ts';
import { optional } from './flags.ts';
import { asObject, type Found, fault, type Json, list, number, object, text, usageOf } from './found.ts';

const USAGE = {
  input: 'input_tokens',
  output: 'output_tokens',
  cacheRead: 'cache_read_input_tokens',
  cacheWrite: 'cache_write_input_tokens',
} as const;

export const goose: Agent = {
  name: 'goose',
  programs: ['goose'],
  install: 'see https://github.com/aaif-goose/goose',
  capabilities: {
    json: true,
    cost: 'session',
    usage: 'session',
    resume: true,
    preset: 'name',
    limitReset: false,
    prompt: 'stdin',
    approval: 'none',
    tested: null,
  },
  invoke: ({ prompt, model, args, yolo, session }) => ({
    args: [
      'run',
      '--output-format',
      'stream-json',
      ...(session === null ? ['--no-session'] : ['-n', session.id, ...(session.isNew ? [] : ['-r'])]),
      ...optional('--model', model),
      ...args,
      '-i',
      '-',
    ],
    env: { GOOSE_MODE: yolo ? 'auto' : 'smart_approve' },
    input: prompt,
  }),
  read: readEvent,
};

function readEvent(event: Json, found: Found): void {
  switch (event['type']) {
    case 'message':
      readMessage(object(event, 'message'), found);
      return;
    case 'error': {
      const error = event['error'];
      const message = typeof error === 'string' ? error : text(asObject(error) ?? {}, 'message');
      found.end = 'error';
      found.fault = fault({ message: message ?? '' });
      return;
    }
    case 'complete':
      if (found.fault === null) found.end = 'success';
      found.usage = usageOf(event, USAGE);
      found.costUsd = number(event, 'cost_usd');
  }
}

function readMessage(message: Json, found: Found): void {
  if (message['role'] !== 'assistant') return;
  const said = list(message, 'content').flatMap((part) => text(asObject(part) ?? {}, 'text') ?? []);
  if (said.length > 0) found.text = said.join('\n');
}
