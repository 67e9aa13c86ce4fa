/**
 * Cursor's agent, from its documentation. Knows its flags and its stream, in which the last event may be missing when
 * it fails. It says nothing about tokens and cost.
 */
import type { Agent } from './agent.ts';
import { asArgument, optional, resumed } from './flags.ts';
import { type Found, fault, type Json, text } from './found.ts';

export const cursor: Agent = {
  name: 'cursor',
  programs: ['cursor-agent'],
  install: 'see https://cursor.com/docs/cli (what npm calls cursor-agent is something else)',
  capabilities: {
    json: true,
    cost: null,
    usage: null,
    resume: true,
    preset: null,
    limitReset: false,
    prompt: 'argument',
    approval: 'client',
    tested: null,
  },
  invoke: ({ prompt, model, args, yolo, session }) => ({
    args: [
      '-p',
      '--output-format',
      'stream-json',
      '--trust',
      ...(yolo ? ['--force', '--approve-mcps'] : []),
      ...optional('--model', model),
      ...resumed(session, null, '--resume'),
      ...args,
      asArgument(prompt),
    ],
    env: {},
    input: '',
  }),
  read: readEvent,
};

function readEvent(event: Json, found: Found): void {
  found.session = text(event, 'session_id') ?? found.session;
  if (event['type'] === 'system' && event['subtype'] === 'init') found.model = text(event, 'model') ?? found.model;
  if (event['type'] !== 'result') return;
  const isError = event['is_error'] !== false;
  found.end = isError ? 'error' : 'success';
  found.text = isError ? null : text(event, 'result');
  found.fault = isError ? fault({ type: text(event, 'subtype') ?? '', message: text(event, 'result') ?? '' }) : null;
}
