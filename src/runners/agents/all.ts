/** The agents, in the order in which `auto` looks for them: those that were tested with the real client first. */
import type { Agent } from './agent.ts';
import { aider } from './aider.ts';
import { amp } from './amp.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { goose } from './goose.ts';
import { opencode } from './opencode.ts';
import { qwen } from './qwen.ts';

export const agents: readonly Agent[] = [
  ...[claude, codex, gemini, copilot, opencode, qwen],
  ...[cursor, amp, goose, aider],
];
