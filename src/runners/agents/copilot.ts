/** GitHub Copilot CLI. Knows its flags and session events. It counts premium requests, which are no dollars. */
import type { Agent } from './agent.ts';
import { optional, PROJECT_COMMANDS } from './flags.ts';
import { type Found, fault, type Json, number, object, text } from './found.ts';

/** `npm run` as a rule is `shell(npm run:*)`: the words, then anything. */
const ALLOWED = PROJECT_COMMANDS.map((command) => `--allow-tool=shell(${command}:*)`);

export const copilot: Agent = {
  name: 'copilot',
  programs: ['copilot'],
  install: 'npm install -g @github/copilot',
  capabilities: {
    json: true,
    cost: null,
    usage: null,
    resume: true,
    preset: 'uuid',
    limitReset: false,
    prompt: 'stdin',
    approval: 'edits',
    tested: null,
  },
  invoke: ({ prompt, model, args, yolo, session }) => ({
    args: [
      '--output-format',
      'json',
      '--no-ask-user',
      ...(yolo ? ['--allow-all'] : ['--allow-tool=write', ...ALLOWED]),
      ...optional('--model', model),
      ...(session === null ? [] : [`${session.isNew ? '--session-id' : '--resume'}=${session.id}`]),
      ...args,
    ],
    env: { COPILOT_AUTO_UPDATE: 'false' },
    input: prompt,
  }),
  read: readEvent,
};

function readEvent(event: Json, found: Found): void {
  const data = object(event, 'data');
  switch (event['type']) {
    case 'assistant.message':
      found.text = text(data, 'content') ?? found.text;
      return;
    case 'model.call_failure':
      found.passing = fault({ status: number(data, 'statusCode') });
      return;
    case 'session.error':
      found.fault = fault({
        status: number(data, 'statusCode'),
        type: `${text(data, 'errorType') ?? ''} ${text(data, 'errorCode') ?? ''}`.trim(),
        message: text(data, 'message') ?? '',
      });
      return;
    case 'result':
      found.session = text(event, 'sessionId') ?? found.session;
      // It ends with 0 also when a signal ended it: then there is no such event.
      found.end = event['exitCode'] === 0 && found.fault === null ? 'success' : 'error';
      return;
  }
  readDenial(event, data, found);
}

/** A tool whose use was refused ends with that as its outcome. */
function readDenial(event: Json, data: Json, found: Found): void {
  if (event['type'] !== 'permission.completed') return;
  const kind = text(object(data, 'result'), 'kind') ?? '';
  if (kind.startsWith('denied')) found.denied.push(text(data, 'toolName') ?? 'a tool');
}
