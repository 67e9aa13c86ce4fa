/** Events for tests of the journal. */
import { JOURNAL_FORMAT, type RunEvent, type RunEventBody, type RunOptions } from '../../src/core/event.ts';

export const OPTIONS: RunOptions = {
  parallel: true,
  jobs: 4,
  overlap: 'marked',
  deps: 'all',
  filter: ['P1', 'US3'],
  only: false,
  failFast: false,
  maxFailures: null,
  retries: 2,
  timeoutMs: null,
  scripts: false,
  exec: 'printf "%s" "$IMPLEMENT_TASK_TITLE" # ---',
  agent: null,
  model: null,
  agentArgs: null,
  silenceMs: null,
  yolo: 'off',
  verify: null,
  verifyPhase: null,
  verifyEnd: 'npm test',
  worktree: false,
  commit: false,
  branch: null,
  allowDirty: false,
  conflictRetries: 2,
  commitStyle: 'plain',
};

export const STARTED: Extract<RunEventBody, { kind: 'run-started' }> = {
  kind: 'run-started',
  run: '20260101-120000-0000',
  session: 1,
  format: JOURNAL_FORMAT,
  version: '0.1.0',
  file: 'tasks.md',
  digest: 'ab'.repeat(32),
  commands: null,
  options: OPTIONS,
  pid: 4242,
  host: 'here',
};

/** `count` events, the first of which starts a run. */
export function someEvents(count: number): RunEvent[] {
  const bodies: RunEventBody[] = [
    { kind: 'attempt-started', step: 'T001', attempt: 1, slot: 1 },
    { kind: 'attempt-spawned', step: 'T001', attempt: 1, pid: 77, startTime: '123456' },
    {
      kind: 'attempt-ended',
      step: 'T001',
      attempt: 1,
      outcome: {
        kind: 'failure',
        failure: { reason: 'exit-code', message: 'Fehler: „ß“ 🙈', exitCode: 1, signal: null, tail: 'a\nb\r\n\ud83d' },
      },
      retryAt: 5,
    },
    { kind: 'box-ticked', task: 'T001' },
  ];
  return Array.from({ length: count }, (_, index) => {
    const body = index === 0 ? STARTED : (bodies[index % bodies.length] as RunEventBody);
    return { ...body, seq: index + 1, time: 1_700_000_000_000 + index };
  });
}
