/** Amp, from its help and its SDK's types. Its events are those of `claude-events.ts`. It says nothing about cost. */
import type { Agent } from './agent.ts';
import { readClaudeEvent } from './claude-events.ts';

export const amp: Agent = {
  name: 'amp',
  programs: ['amp'],
  install: 'npm install -g @ampcode/cli',
  capabilities: {
    json: true,
    cost: null,
    usage: 'call',
    resume: true,
    preset: null,
    limitReset: false,
    prompt: 'stdin',
    approval: 'client',
    tested: null,
  },
  // The model is chosen by its modes, not by a name.
  invoke: ({ prompt, args, yolo, session }) => ({
    args: [
      ...(session !== null && !session.isNew ? ['threads', 'continue', session.id] : []),
      '-x',
      '--stream-json',
      ...(yolo ? ['--dangerously-allow-all'] : []),
      ...args,
    ],
    env: {},
    input: prompt,
  }),
  read: readClaudeEvent,
};
