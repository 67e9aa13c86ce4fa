/** opencode. Knows its flags and its events of steps; where it works it learns from `PWD` and from `--dir`. */
import type { Agent } from './agent.ts';
import { optional, resumed } from './flags.ts';
import { addUsage, type Found, fault, type Json, list, number, object, text, type Usage } from './found.ts';

export const opencode: Agent = {
  name: 'opencode',
  programs: ['opencode'],
  install: 'npm install -g opencode-ai',
  capabilities: {
    json: true,
    cost: 'call',
    usage: 'call',
    resume: true,
    preset: null,
    limitReset: true,
    prompt: 'stdin',
    approval: 'client',
    tested: null,
  },
  invoke: ({ prompt, model, args, yolo, dir, session }) => ({
    args: [
      'run',
      '--format',
      'json',
      '--dir',
      dir,
      ...(yolo ? ['--auto'] : []),
      ...optional('--model', model),
      ...resumed(session, null, '--session'),
      ...args,
    ],
    env: { PWD: dir, OPENCODE_DISABLE_AUTOUPDATE: '1' },
    input: prompt,
  }),
  read: readEvent,
};

function readEvent(event: Json, found: Found): void {
  found.session = text(event, 'sessionID') ?? found.session;
  const part = object(event, 'part');
  switch (event['type']) {
    case 'step_start':
      found.end = null;
      return;
    case 'text':
      found.text = text(part, 'text') ?? found.text;
      return;
    case 'step_finish':
      found.usage = addUsage(found.usage, tokensOf(object(part, 'tokens')));
      found.costUsd = costOf(found.costUsd, number(part, 'cost'));
      if (part['reason'] === 'stop') found.end = 'success';
      return;
    case 'error':
      readError(object(event, 'error'), found);
      return;
    case 'done':
      if (part['reason'] === 'idle' || event['reason'] === 'idle') found.end ??= 'success';
      for (const rejected of list(event, 'rejected'))
        found.denied.push(typeof rejected === 'string' ? rejected : 'a tool');
      return;
  }
}

function readError(error: Json, found: Found): void {
  const data = object(error, 'data');
  found.end = 'error';
  found.fault = fault({
    status: number(data, 'statusCode'),
    retryAfterMs: retryAfter(object(data, 'responseHeaders')),
    type: text(error, 'name') ?? '',
    message: text(data, 'message') ?? '',
  });
}

/** Seconds, as a header of any case says them; a date is not understood. */
function retryAfter(headers: Json): number | null {
  const value = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
  const seconds = typeof value === 'string' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

function tokensOf(tokens: Json): Usage | null {
  const input = number(tokens, 'input');
  const output = number(tokens, 'output');
  if (input === null && output === null) return null;
  const cache = object(tokens, 'cache');
  return {
    input: input ?? 0,
    output: output ?? 0,
    cacheRead: number(cache, 'read') ?? 0,
    cacheWrite: number(cache, 'write') ?? 0,
  };
}

/** A model that is not in its list of prices costs 0 to it: that is not known. */
function costOf(sum: number | null, step: number | null): number | null {
  return step === null || step === 0 ? sum : (sum ?? 0) + step;
}
