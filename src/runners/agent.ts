/**
 * The runner of coding agents: one call of a client, from its command line to an outcome. Knows files and processes;
 * what an agent is called with and what its stream means is known in `agents/`.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readSync, statSync, writeFileSync, writeSync } from 'node:fs';
import type { Assignment, Work } from '../core/assignment.ts';
import type { Outcome } from '../core/event.ts';
import { failed, succeeded, timedOut } from '../core/outcome.ts';
import { oneLine, plainText } from '../core/redact.ts';
import type { Clock } from '../util/clock.ts';
import type { Agent, Invocation } from './agents/agent.ts';
import { agents } from './agents/all.ts';
import { type AgentEnding, classify, type Used } from './agents/classify.ts';
import { nothingFound } from './agents/found.ts';
import { createLineReader } from './agents/lines.ts';
import { openLog, openOrMake, sizeOf } from './attempt-log.ts';
import type { End } from './attend.ts';
import type { Processes } from './process.ts';
import type { AttemptIo, Runner } from './runner.ts';

type AgentWork = Extract<Work, { kind: 'agent' }>;

/** An agent that says nothing for so long waits for something that does not come. */
const SILENCE_MS = 15 * 60_000;
const STDERR_BYTES = 16 * 1024;
const CHUNK_BYTES = 64 * 1024;

interface AgentPorts {
  readonly processes: Pick<Processes, 'tell'>;
  /** Takes secrets out of plain text; see `core/redact.ts`. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/**
 * The client's standard output goes to `<task>.<attempt>.stream.jsonl` beside the log, by file descriptor, so that no
 * process that outlives the client keeps the attempt open; its errors, and then its last words, go into the log.
 */
export function createAgentRunner({ processes, redact, clock }: AgentPorts): Runner<AgentWork> {
  async function call(work: AgentWork, agent: Agent, assignment: Assignment, io: AttemptIo): Promise<Outcome> {
    const scratch = assignment.log.replace(/\.log$/, '');
    const { model, args, yolo } = work;
    const preset = agent.capabilities.preset;
    const session = preset === null ? null : { id: randomUUID(), isNew: true };
    const { prompt, dir, silenceMs } = assignment;
    const invocation = agent.invoke({ prompt, model, args, yolo, dir, session, scratch });
    const stdout = `${scratch}.stream.jsonl`;
    const log = await openLog(assignment.log, null, redact);
    const from = sizeOf(log.fd);
    const fd = await openOrMake(stdout);
    try {
      if (invocation.file !== undefined) writeFileSync(invocation.file.path, invocation.file.text, { mode: 0o600 });
      const began = sizeOf(fd);
      const end = await processes.tell(
        {
          file: agent.programs[0] as string,
          args: invocation.args,
          env: { GIT_TERMINAL_PROMPT: '0', ...invocation.env },
          input: invocation.input,
          fd,
          silenceMs: silenceMs ?? SILENCE_MS,
        },
        assignment,
        io,
      );
      if ('kind' in end) return end;
      const ending = endingOf(agent, invocation, end, { fd, began }, lastOf(log.fd, from));
      writeSync(log.fd, wordsOf(agent, ending));
      return outcomeOf(ending, end, log.tail());
    } finally {
      closeSync(fd);
      log.close();
    }
  }

  function endingOf(
    agent: Agent,
    { stream }: Invocation,
    { exit, cause }: End,
    stdout: { readonly fd: number; readonly began: number },
    stderr: string,
  ): AgentEnding {
    const found = nothingFound();
    const reader = createLineReader((event) => agent.read(event, found));
    if (stream === undefined) readFrom(stdout.fd, stdout.began, reader.push);
    else readFile(stream, reader.push);
    reader.end();
    const { code, signal } = exit ?? { code: null, signal: null };
    return classify(agent, found, { code, signal, cause, stderr, at: clock.now() });
  }

  /** What the log says at its end. */
  function wordsOf({ name }: Agent, { text, used }: AgentEnding): string {
    const facts = redact(plainText(factsOf(used)));
    return `--- ${name}${facts === '' ? '' : `: ${facts}`} ---\n${text === null ? '' : `${redact(plainText(text)).trimEnd()}\n`}`;
  }

  function outcomeOf(ending: AgentEnding, { exit, left }: End, tail: string): Outcome {
    if (ending.kind === 'done') return succeeded();
    const { reason, message, resetAt } = ending;
    const stuck = left > 0 ? ` (${left} of its processes cannot be ended)` : '';
    return failed(reason, redact(oneLine(`${message}${stuck}`)), {
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
      tail,
      ...(resetAt === null ? {} : { resetAt }),
    });
  }

  return {
    async run(work, assignment, io) {
      const agent = agents.find((one) => one.name === work.agent);
      if (agent === undefined) return failed('unexpected', redact(oneLine(`there is no agent ${work.agent}`)));
      try {
        const outcome = await call(work, agent, assignment, io);
        const isLate = outcome.kind === 'failure' && outcome.failure.reason === 'timeout';
        if (!isLate || assignment.timeoutMs === null) return outcome;
        return { kind: 'failure', failure: { ...outcome.failure, message: timedOut(assignment.timeoutMs) } };
      } catch (error) {
        return failed('unexpected', redact(oneLine(String(error))));
      }
    },
  };
}

/** `session 6f1e…, claude-sonnet-4-5, 100 tokens in, 10 out, $0.0005`: what is known. */
function factsOf({ session, model, usage, costUsd }: Used): string {
  return [
    session === null ? null : `session ${session}`,
    model,
    usage === null ? null : `${usage.input} tokens in, ${usage.output} out`,
    costUsd === null ? null : `$${costUsd.toFixed(4)}`,
  ]
    .filter((fact) => fact !== null)
    .join(', ');
}

function readFrom(fd: number, start: number, take: (bytes: Uint8Array) => void): void {
  const bytes = Buffer.alloc(CHUNK_BYTES);
  let at = start;
  for (let read = readSync(fd, bytes, 0, CHUNK_BYTES, at); read > 0; read = readSync(fd, bytes, 0, CHUNK_BYTES, at)) {
    take(bytes.subarray(0, read));
    at += read;
  }
}

/** A file that the client should have written; without one it said nothing. A link is not followed. */
function readFile(path: string, take: (bytes: Uint8Array) => void): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    readFrom(fd, 0, take);
  } finally {
    closeSync(fd);
  }
}

/** The end of what was written since `from`. */
function lastOf(fd: number, from: number): string {
  const start = Math.max(from, sizeOf(fd) - STDERR_BYTES);
  const parts: Buffer[] = [];
  readFrom(fd, start, (bytes) => parts.push(Buffer.from(bytes)));
  return Buffer.concat(parts).toString('utf8');
}
