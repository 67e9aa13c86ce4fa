/** Codex. Knows its flags and its events of threads, turns and items. It says nothing about cost. */
import type { Agent } from './agent.ts';
import { optional } from './flags.ts';
import { type Found, fault, type Json, object, text, usageOf } from './found.ts';

const USAGE = {
  input: 'input_tokens',
  output: 'output_tokens',
  cacheRead: 'cached_input_tokens',
  cacheWrite: 'cache_write_input_tokens',
} as const;

export const codex: Agent = {
  name: 'codex',
  programs: ['codex'],
  install: 'npm install -g @openai/codex',
  capabilities: {
    json: true,
    cost: null,
    usage: 'session',
    resume: true,
    preset: null,
    limitReset: false,
    prompt: 'stdin',
    approval: 'sandbox',
    tested: null,
  },
  invoke({ prompt, model, args, yolo, dir, session }) {
    const resume = session !== null && !session.isNew ? session.id : null;
    return {
      args: [
        'exec',
        '--json',
        '--skip-git-repo-check',
        // Left alone it may only read.
        ...(yolo ? ['--dangerously-bypass-approvals-and-sandbox'] : ['-s', 'workspace-write']),
        '-C',
        dir,
        ...optional('-m', model),
        ...args,
        ...optional('resume', resume),
        '-',
      ],
      env: {},
      input: prompt,
    };
  },
  read: readEvent,
};

function readEvent(event: Json, found: Found): void {
  switch (event['type']) {
    case 'thread.started':
      found.session = text(event, 'thread_id') ?? found.session;
      return;
    case 'turn.started':
      found.end = null;
      return;
    case 'item.completed':
      readItem(object(event, 'item'), found);
      return;
    case 'turn.completed':
      found.end = 'success';
      found.fault = null;
      found.usage = usageOf(object(event, 'usage'), USAGE) ?? found.usage;
      return;
    case 'turn.failed':
      found.end = 'error';
      found.fault = fault({ message: text(object(event, 'error'), 'message') ?? '' });
      return;
    case 'error':
      // One that it goes on from is told in the same way.
      found.passing = fault({ message: text(event, 'message') ?? '' });
  }
}

/** An item of the type `error` also comes in calls that go well. */
function readItem(item: Json, found: Found): void {
  if (item['type'] === 'agent_message') found.text = text(item, 'text') ?? found.text;
}
