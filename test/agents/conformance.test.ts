/**
 * What every agent has to make of the streams that there are: recordings of the real clients (`streams/`, made by
 * `programs/record.mjs`), and streams written by hand where there is no recording (`written.ts`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Agent, AgentCall } from '../../src/runners/agents/agent.ts';
import { agents } from '../../src/runners/agents/all.ts';
import { type AgentEnding, type Before, classify, type ProcessEnd } from '../../src/runners/agents/classify.ts';
import { type Json, nothingFound } from '../../src/runners/agents/found.ts';
import { createLineReader } from '../../src/runners/agents/lines.ts';
import { type Expected, READ_AT, written } from './written.ts';

const STREAMS = new URL('./streams/', import.meta.url);

interface Recording {
  readonly agent: string;
  readonly case: string;
  readonly version: string;
  readonly date: string;
  readonly args: readonly string[];
  /** Not `null`: we ended it. */
  readonly ended: string | null;
  readonly code: number | null;
  readonly signal: string | null;
  readonly files: readonly string[];
  readonly stderr: string;
}

const recordings = readdirSync(STREAMS)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, STREAMS), 'utf8')) as Recording);

function agentOf(name: string): Agent {
  const agent = agents.find((one) => one.name === name);
  if (agent === undefined) throw new Error(`there is no agent ${name}`);
  return agent;
}

function endingOf(agent: Agent, stdout: string, end: Partial<ProcessEnd>, before: Before | null = null): AgentEnding {
  const found = nothingFound();
  const reader = createLineReader((event) => agent.read(event, found));
  reader.push(new TextEncoder().encode(stdout));
  reader.end();
  const whole: ProcessEnd = { code: 0, signal: null, cause: null, stderr: '', at: READ_AT, ...end };
  return classify(agent, found, whole, before);
}

function played(name: string, before: Before | null = null): AgentEnding {
  const recording = recordings.find((one) => `${one.agent}.${one.case}` === name);
  if (recording === undefined) throw new Error(`there is no recording ${name}`);
  const { agent, code, signal, stderr, ended } = recording;
  const stdout = readFileSync(new URL(`${name}.jsonl`, STREAMS), 'utf8');
  return endingOf(agentOf(agent), stdout, { code, signal, stderr, cause: ended === null ? null : 'silent' }, before);
}

function expectEnding(ending: AgentEnding, expected: Expected): void {
  expect(ending.kind === 'done' ? 'done' : ending.reason).toBe(expected.result);
  const { used, text } = ending;
  const said = ending.kind === 'done' ? '' : ending.message;
  if (typeof expected.message === 'string') expect(said).toBe(expected.message);
  else if (expected.message !== undefined) expect(said).toMatch(expected.message);
  if (expected.text !== undefined) expect(text).toBe(expected.text);
  if (expected.session !== undefined) expect(used.session).toBe(expected.session);
  if (expected.costUsd !== undefined) expect(used.costUsd).toBe(expected.costUsd);
  if (expected.resetAt !== undefined) expect(ending.kind === 'done' ? null : ending.resetAt).toBe(expected.resetAt);
  if (expected.tokens !== undefined) {
    expect(used.usage === null ? null : [used.usage.input, used.usage.output]).toEqual(expected.tokens);
  }
}

/** What each recording has to be taken for. */
const RECORDED: Readonly<Record<string, Expected>> = {
  'claude.success': { result: 'done', text: 'DONE', costUsd: 0.000912, tokens: [200, 20] },
  'claude.yolo': { result: 'done', text: 'DONE' },
  'claude.denied': { result: 'denied', message: 'it was not allowed to use Bash' },
  'claude.blocked': { result: 'blocked-by-agent', message: 'there is no such table' },
  'claude.status-400': { result: 'context-limit', message: /^Prompt is too long/ },
  'claude.status-401': { result: 'auth', message: /HTTP 401/ },
  'claude.status-429': { result: 'rate-limit', message: /HTTP 429/ },
  'claude.status-500': { result: 'overloaded', message: /HTTP 500/ },
  'claude.status-529': { result: 'overloaded', message: /HTTP 529/ },
  'claude.cut': { result: 'agent-error' },
  'claude.sigterm': { result: 'signal', message: 'ended by SIGTERM', costUsd: null, tokens: null },
  'claude.sigint': { result: 'no-result', costUsd: null },
  'claude.no-session': { result: 'agent-error', message: /^No conversation found/ },
  'claude.budget': { result: 'budget', costUsd: 0.000456 },
  'claude.resumed-1': { result: 'done', session: '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01' },
  'claude.resumed-2': { result: 'done', session: '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01' },
  'gemini.success': { result: 'done', text: 'DONE', costUsd: null, tokens: [200, 20] },
  'gemini.yolo': { result: 'done', text: 'DONE' },
  'gemini.denied': { result: 'denied', message: 'it was not allowed to use run_shell_command' },
  'gemini.blocked': { result: 'blocked-by-agent', message: 'there is no such table' },
  'gemini.status-400': { result: 'agent-error', message: /HTTP 400/ },
  'gemini.status-401': { result: 'auth', message: /HTTP 401/ },
  'gemini.silent-429': { result: 'silent', message: /the last it met: .*429/ },
  'gemini.cut': { result: 'agent-error', message: '[API Error: terminated]' },
  'gemini.sigterm': { result: 'no-result' },
  'gemini.sigint': { result: 'no-result' },
  'gemini.no-session': { result: 'agent-error', message: /No previous sessions/ },
  'gemini.resumed-1': { result: 'done', session: '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01' },
  'gemini.resumed-2': { result: 'done', session: '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01' },
  'qwen.success': { result: 'done', text: 'DONE', costUsd: null, tokens: [200, 20] },
  'qwen.yolo': { result: 'done', text: 'DONE' },
  'qwen.denied': { result: 'denied', message: 'it was not allowed to use run_shell_command' },
  'qwen.blocked': { result: 'blocked-by-agent', message: 'there is no such table' },
  'qwen.status-400': { result: 'agent-error', message: /HTTP 400/, text: null },
  'qwen.status-401': { result: 'auth', message: /HTTP 401/, text: null },
  'qwen.silent-429': { result: 'silent' },
  'qwen.cut': { result: 'agent-error', message: /terminated/ },
  'qwen.sigterm': { result: 'signal', message: 'ended by SIGTERM' },
  'qwen.sigint': { result: 'signal', message: 'ended by SIGINT' },
  'qwen.no-session': { result: 'agent-error', message: /No saved session/ },
  'qwen.resumed-1': { result: 'done', tokens: [200, 20] },
  'qwen.resumed-2': { result: 'done', tokens: [400, 40] },
};

describe('recordings', () => {
  test('are all here, and each is expected to be something', () => {
    expect(recordings.map((one) => `${one.agent}.${one.case}`).sort()).toEqual(Object.keys(RECORDED).sort());
  });

  test('say from what they come, and hold no path of a machine', () => {
    for (const one of recordings) {
      expect(one.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(one.date).toMatch(/^\d{4}-\d\d-\d\d$/);
      const name = `${one.agent}.${one.case}`;
      const all = readFileSync(new URL(`${name}.jsonl`, STREAMS), 'utf8') + JSON.stringify(one);
      expect(all.match(/\/(?:tmp|root)\/[\w-]+/g) ?? [], name).toEqual([]);
    }
  });

  test.each(Object.entries(RECORDED))('%s', (name, expected) => expectEnding(played(name), expected));

  test.each(['claude', 'gemini', 'qwen'])('%s: without yolo files are written and other commands refused', (name) => {
    const made = (which: string) => recordings.find((one) => one.agent === name && one.case === which)?.files;
    expect(made('success')).toEqual(['made.txt']);
    expect(made('yolo')).toEqual(['made.txt', 'shell.txt']);
  });

  test('were made with the arguments that are used now', () => {
    for (const one of recordings.filter((other) => other.case === 'success')) {
      const { args } = agentOf(one.agent).invoke(callWith({}));
      expect(one.args.slice(0, args.length), one.agent).toEqual(args);
    }
  });
});

test.each(written)('$agent, written by hand: $name', ({ agent, events, expected, agent: _, name: __, ...end }) => {
  const stdout = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  expectEnding(endingOf(agentOf(agent), stdout, end), expected);
});

describe('a session that is gone on with', () => {
  const result = (version: string, cost: number): string =>
    [
      { type: 'system', subtype: 'init', session_id: 's', claude_code_version: version },
      { type: 'result', session_id: 's', is_error: false, result: 'x', total_cost_usd: cost },
    ]
      .map((event) => JSON.stringify(event))
      .join('\n');
  const claude = agentOf('claude');
  const before: Before = { session: 's', costUsd: 0.0008, usage: null };

  test('adds to its total, so only the rest is the cost of this call', () => {
    const ending = endingOf(claude, result('2.1.329', 0.0016), {}, before);
    expect(ending.used.costUsd).toBe(0.0008);
    expect(ending.used.totals).toEqual({ session: 's', costUsd: 0.0016, usage: null });
  });

  test('of an older version begins anew, and between them nobody knows', () => {
    expect(endingOf(claude, result('2.1.197', 0.0008), {}, before).used.costUsd).toBe(0.0008);
    expect(endingOf(claude, result('2.1.250', 0.0016), {}, before).used.costUsd).toBeNull();
  });

  test('is another one: its total is all its own', () => {
    const ending = endingOf(claude, result('2.1.329', 0.0016), {}, { ...before, session: 'other' });
    expect(ending.used.costUsd).toBe(0.0016);
  });

  test('recorded: qwen counts on from the tokens of the call before, claude of that version does not', () => {
    const first = played('qwen.resumed-1').used;
    expect(played('qwen.resumed-2', first.totals).used.usage).toEqual(first.usage);
    const claudeFirst = played('claude.resumed-1').used;
    expect(played('claude.resumed-2', claudeFirst.totals).used).toMatchObject({
      costUsd: 0.000456,
      usage: { input: 100, output: 10 },
    });
  });

  test('keeps its total when a call was cut off before it told one', () => {
    const ending = endingOf(claude, '{"type":"system","subtype":"init","session_id":"s"}', { code: 143 }, before);
    expect(ending.used).toMatchObject({ costUsd: null, totals: before });
  });
});

function callWith(changes: Partial<AgentCall>): AgentCall {
  const scratch = '/state/T001.1';
  return { prompt: 'T001', model: null, args: [], yolo: false, dir: '/project', session: null, scratch, ...changes };
}

describe.each(agents.map((agent) => [agent.name, agent] as const))('%s', (_name, agent) => {
  const prompt = '--yolo; T001 "quoted" $(touch x)\n{"type":"result"}';

  test('gets the prompt where it says that it takes it, whole, and never as a flag', () => {
    const call = agent.invoke(callWith({ prompt }));
    const { prompt: way } = agent.capabilities;
    expect(call.input).toBe(way === 'stdin' ? prompt : '');
    expect(call.file?.text).toBe(way === 'file' ? prompt : undefined);
    expect(call.args.filter((arg) => arg.includes('T001 '))).toEqual(way === 'argument' ? [`\n${prompt}`] : []);
    expect(call.args).not.toContain('--yolo');
  });

  test('gets model and further arguments as they are, and its bypass only by the word of the user', () => {
    const plain = agent.invoke(callWith({}));
    const full = agent.invoke(callWith({ model: 'a model', args: ['--flag', 'a value'], yolo: true }));
    if (agent.name !== 'amp') expect(full.args).toContain('a model');
    expect(full.args.join('\n')).toContain('--flag\na value');
    const bypass = /bypass|yolo|allow-all|--force|--auto$|^auto$/;
    const loose = (call: { readonly args: readonly string[]; readonly env: object }): readonly string[] =>
      [...call.args, ...(Object.values(call.env) as string[])].filter((arg) => bypass.test(arg));
    expect(loose(plain)).toEqual([]);
    if (agent.name !== 'aider') expect(loose(full).length).toBeGreaterThan(0);
  });

  test('goes on with a session, where it can, and begins one of a chosen id, where it can', () => {
    const id = '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01';
    const says = (isNew: boolean): boolean =>
      agent
        .invoke(callWith({ session: { id, isNew } }))
        .args.join(' ')
        .includes(id);
    expect(says(false)).toBe(agent.capabilities.resume);
    expect(says(true)).toBe(agent.capabilities.preset !== null);
  });

  test('never throws, and never calls it done, on events of any shape with an exit code that is not 0', () => {
    const types = [
      'type',
      'subtype',
      'event',
      'is_error',
      'result',
      'status',
      'item',
      'part',
      'error',
      'properties',
      'data',
    ];
    const words = [
      'result',
      'turn.completed',
      'done',
      'complete',
      'message_send',
      'step_finish',
      'success',
      'error',
      'system',
    ];
    const value = fc.oneof(fc.constantFrom(...words), fc.jsonValue());
    const event = fc.dictionary(fc.constantFrom(...types), value, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), fc.integer({ min: 1, max: 255 }), (events, code) => {
        const found = nothingFound();
        for (const one of events) agent.read(one as Json, found);
        const ending = classify(agent, found, { code, signal: null, cause: null, stderr: '', at: READ_AT });
        expect(ending.kind).toBe('failure');
        expect(ending.kind === 'failure' && ending.message.includes('\n')).toBe(false);
      }),
    );
  });

  test.each([0, 1, null])('said nothing and ended with %s: a failure, and nothing is known of what it used', (code) => {
    const ending = endingOf(agent, '', { code, signal: code === null ? 'SIGKILL' : null });
    expect(ending).toMatchObject({ kind: 'failure', used: { costUsd: null, usage: null, session: null } });
    expect(ending.kind === 'failure' && ending.reason).toBe(
      { 0: 'no-result', 1: 'agent-error' }[code ?? 2] ?? 'signal',
    );
  });
});
