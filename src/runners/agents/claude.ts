/** Claude Code. Knows its flags; its events are read in `claude-events.ts`. */
import type { Agent } from './agent.ts';
import { readClaudeEvent } from './claude-events.ts';
import { isAtLeast, optional, PROJECT_COMMANDS, resumed } from './flags.ts';

const ALLOWED = PROJECT_COMMANDS.map((command) => `Bash(${command}:*)`).join(',');

export const claude: Agent = {
  name: 'claude',
  programs: ['claude'],
  install: 'npm install -g @anthropic-ai/claude-code',
  capabilities: {
    json: true,
    cost: 'session',
    usage: 'session',
    resume: true,
    preset: 'uuid',
    limitReset: true,
    prompt: 'stdin',
    approval: 'edits',
    tested: { from: '2.1.197', to: '2.1.197' },
  },
  invoke: ({ prompt, model, args, yolo, session }) => ({
    args: [
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      ...(yolo
        ? ['--permission-mode', 'bypassPermissions']
        : ['--permission-mode', 'acceptEdits', '--allowedTools', ALLOWED]),
      ...optional('--model', model),
      ...resumed(session, '--session-id', '--resume'),
      ...args,
    ],
    env: { DISABLE_AUTOUPDATER: '1' },
    input: prompt,
  }),
  totals(version) {
    if (version === null) return null;
    return isAtLeast(version, '2.1.329') ? 'session' : isAtLeast('2.1.197', version) ? 'call' : null;
  },
  read: readClaudeEvent,
};
