import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/diagnostic.ts';
import type { RunOptions } from '../../src/core/event.ts';
import type { Session, SessionTask, TaskStatus } from '../../src/core/session.ts';
import { escapeText, escapeWord, unescapeText } from '../../src/journal/session-escape.ts';
import { parseSession, renderSession } from '../../src/journal/session-file.ts';
import { OPTIONS } from './events.ts';

function task(id: string, title: string, status: TaskStatus, more: Partial<SessionTask> = {}): SessionTask {
  const attempts = status === 'done' ? 1 : 0;
  const base = { id, title, status, attempts, generated: id.startsWith('#'), stories: ['US1'], allowed: 3 };
  return { ...base, error: null, blockedBy: null, ...more };
}

const TITLES = ['User model', 'Auth service', 'User routes', 'Profile model', 'Profile service', 'Profile routes'];

const session: Session = {
  run: '20260101-120000-abcd',
  session: 1,
  status: 'partial',
  file: 'specs/001-auth/tasks.md',
  digest: 'ab'.repeat(32),
  options: OPTIONS,
  startedAt: Date.UTC(2026, 0, 1, 12),
  updatedAt: Date.UTC(2026, 0, 1, 12, 3, 22, 7),
  elapsedMs: 202_007,
  tasks: [
    ...TITLES.map((title, index) => task(`T00${index + 1}`, title, 'done', { stories: [index < 3 ? 'US1' : 'US2'] })),
    task('T007', 'Database migration', 'failed', {
      stories: ['US2'],
      attempts: 3,
      error: 'Connection refused (ECONNREFUSED)',
    }),
    task('T008', 'Seed data', 'blocked', { stories: ['US2', 'US3'], blockedBy: 'T007' }),
    task('T009', 'Notification model', 'pending', { stories: [] }),
    task('#3', 'A task without an id', 'deferred', { stories: [] }),
  ],
  verifications: [
    { id: 'verify:phase:Phase 1', label: 'verification of Phase 1', status: 'done', error: null },
    { id: 'verify:end', label: 'verification of everything', status: 'failed', error: '2 tests failed' },
  ],
  blocker: 'Database not running',
  action: 'Start database and run --continue',
};

async function parsed(text: string): Promise<Session> {
  const result = await parseSession(text);
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.value;
}

async function faultOf(text: string): Promise<string> {
  const result: Result<Session> = await parseSession(text);
  return result.ok ? 'ok' : `${result.diagnostics[0]?.code} ${result.diagnostics[0]?.message}`;
}

describe('current-session.md', () => {
  it('reads like a report', () => {
    const text = renderSession(session);
    expect(text.slice(text.indexOf('\n# ') + 1)).toBe(
      [
        '# current-session.md',
        'Current Task: T007 [US2] Database migration',
        'Status: FAILED',
        'Progress: 6/9 tasks',
        '',
        'Completed Tasks:',
        '- [x] T001 [US1] User model',
        '- [x] T002 [US1] Auth service',
        '- [x] T003 [US1] User routes',
        '- [x] T004 [US2] Profile model',
        '- [x] T005 [US2] Profile service',
        '- [x] T006 [US2] Profile routes',
        '',
        'Failed Task:',
        '- [ ] T007 [US2] Database migration',
        '  Error: Connection refused (ECONNREFUSED)',
        '  Retry: 3/3 (exhausted)',
        '',
        'Blocked Tasks:',
        '- [ ] T008 [US2] [US3] Seed data (blocked by T007)',
        '',
        'Pending Tasks:',
        '- [ ] T009 Notification model',
        '',
        'Deferred Tasks:',
        '- [ ] #3 A task without an id',
        '',
        'Verifications Owed:',
        '- [ ] verification of everything',
        '  Error: 2 tests failed',
        '',
        'Blocker: Database not running',
        'Action: Start database and run --continue',
        '',
      ].join('\n'),
    );
    expect(text).toContain('\nstarted: 2026-01-01T12:00:00.000Z\n');
    expect(text).toContain('\norder: "6 done 1/3, 1 failed 3/3, 1 blocked 0/3, 1 pending 0/3, 1 deferred 0/3"\n');
  });

  it('gives back the session', async () => {
    expect(await parsed(renderSession(session))).toEqual(session);
  });
});

/** Text as nobody would write it, and everybody might. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)), maxLength: 3 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '\n',
          '\r\n',
          '\t',
          ' ',
          '  ',
          '`',
          '[',
          ']',
          '(',
          ')',
          '\\',
          '\\n',
          '\\u{41}',
          '---',
          '\n---\n',
          '<!--',
          '-->',
        ],
        ...[
          '<b>',
          '🙈',
          '👩‍👩‍👧',
          '\u001b[31m',
          '\u0000',
          '\u0085',
          '\u009b2J',
          '\u2028',
          '\u202e',
          '\ufeff',
          '\u00a0',
          '\u3000',
        ],
        ...[
          'Status: ',
          'Failed Task:',
          '\nBlocker: x',
          '- [x] T001',
          '[US1]',
          '[P] ',
          '(blocked by T001)',
          ' (blocked by ',
        ],
        ...[
          '# ',
          ': ',
          '"',
          "'",
          '{',
          '}',
          '&a',
          '*a',
          '!!js',
          '$',
          '%',
          'ß',
          '日本',
          '\ud83d',
          '\udc00',
          'Retry: 1/2',
          'word',
        ],
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
);
const statuses: TaskStatus[] = [
  ...(['pending', 'running', 'delayed', 'done', 'failed', 'blocked', 'cancelled', 'skipped', 'deferred'] as const),
];
const count = fc.integer({ min: 0, max: 99 });
const tasks = fc
  .array(
    fc.record({
      id: fc.oneof(
        fc.stringMatching(/^(T|TASK-)[0-9]{1,3}(#2)?$/),
        count.map((n) => `#${n}`),
        hostile.filter((id) => id !== ''),
      ),
      title: hostile,
      stories: fc.array(fc.oneof(fc.constantFrom('US1', 'US2.3'), hostile), { maxLength: 3 }),
      status: fc.constantFrom(...statuses),
      attempts: count,
      allowed: count,
      error: fc.option(hostile),
      blockedBy: fc.option(fc.oneof(fc.constantFrom('T001', 'verification of Phase 2 (MVP)'), hostile)),
    }),
    { maxLength: 12 },
  )
  .map((all) => [...new Map(all.map((each) => [each.id, { ...each, generated: each.id.startsWith('#') }])).values()]);
const sessions: fc.Arbitrary<Session> = fc.record({
  run: fc.stringMatching(/^[0-9]{8}-[0-9]{6}-[0-9a-z]{4}$/),
  session: count,
  status: fc.constantFrom('running', 'complete', 'partial', 'interrupted'),
  file: hostile,
  digest: hostile,
  options: fc.record<RunOptions>({
    parallel: fc.boolean(),
    jobs: count,
    overlap: fc.constantFrom('marked', 'stories'),
    deps: fc.constantFrom('all', 'explicit'),
    filter: fc.array(hostile, { maxLength: 3 }),
    only: fc.boolean(),
    failFast: fc.boolean(),
    maxFailures: fc.option(count),
    retries: count,
    timeoutMs: fc.option(count),
    scripts: fc.boolean(),
    exec: fc.option(hostile),
    agent: fc.option(hostile),
    model: fc.option(hostile),
    agentArgs: fc.option(hostile),
    silenceMs: fc.option(count),
    yolo: fc.constantFrom('off', 'worktree', 'anywhere'),
    verify: fc.option(hostile),
    verifyPhase: fc.option(hostile),
    verifyEnd: fc.option(hostile),
    worktree: fc.boolean(),
    commit: fc.boolean(),
    branch: fc.option(hostile),
    allowDirty: fc.boolean(),
    conflictRetries: fc.nat(9),
    commitStyle: fc.constantFrom('plain', 'conventional'),
  }),
  startedAt: fc.integer({ min: 0, max: 4e12 }),
  updatedAt: fc.integer({ min: 0, max: 4e12 }),
  elapsedMs: fc.integer({ min: 0, max: 4e12 }),
  tasks,
  verifications: fc.array(
    fc.record({
      id: hostile,
      label: hostile,
      status: fc.constantFrom('pending', 'running', 'done', 'failed'),
      error: fc.option(hostile),
    }),
    { maxLength: 3 },
  ),
  blocker: fc.option(hostile),
  action: fc.option(hostile),
});

describe('any session', () => {
  it('comes back equal, through lines without control codes or loose ends', async () => {
    await fc.assert(
      fc.asyncProperty(sessions, async (any) => {
        const text = renderSession(any);
        expect(text).not.toMatch(/[\0-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(text).not.toMatch(/ $/m);
        expect(Buffer.from(text).toString()).toBe(text);
        expect(await parsed(text)).toEqual(any);
        expect(await parsed(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(any);
      }),
      { numRuns: 400 },
    );
  });

  it('has text that is escaped without loss', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(unescapeText(escapeText(text))).toBe(text);
        expect(unescapeText(escapeWord(text))).toBe(text);
        expect(escapeWord(text)).not.toContain(' ');
      }),
      { numRuns: 3000 },
    );
    expect(unescapeText('C:\\')).toBe('C:\\');
    expect(unescapeText('\\u{ffffff}')).toBe('\\u{ffffff}');
  });

  it.each([1, 2])('grows linearly with its tasks (kind %i)', async (kind) => {
    const many = Array.from({ length: 100_000 }, (_, index) =>
      task(`T${index}`, `Create part ${index} in src/part-${index}.ts`, index % kind === 0 ? 'done' : 'pending'),
    );
    const large = { ...session, tasks: many };
    const text = renderSession(large);
    const back = await parsed(text);
    expect(back.tasks.length).toBe(100_000);
    expect(back.tasks[99_999]).toEqual(many[99_999]);
  }, 60_000);
});

describe('a file edited by hand', () => {
  const text = renderSession(session);
  const statusOf = async (edited: string, id: string) =>
    (await parsed(edited)).tasks.find((each) => each.id === id)?.status;

  it('believes its boxes', async () => {
    expect(await statusOf(text.replace('- [ ] T009', '- [x] T009'), 'T009')).toBe('done');
    expect(await statusOf(text.replace('- [x] T002', '- [ ] T002'), 'T002')).toBe('pending');
    expect(await statusOf(text.replace('- [ ] T007', '- [-] T007'), 'T007')).toBe('skipped');
  });

  it('may have tasks moved, added and removed, and other formatting', async () => {
    const moved = text
      .replace('- [ ] T009 Notification model\n', '* [ ]  T100 By hand\n')
      .replace('Completed Tasks:', 'Completed Tasks:\n- [X] T009 Notification model')
      .replace('- [x] T001 [US1] User model\n', '')
      .replace('# current-session.md', '## My notes\n\nSome text.');
    const { tasks } = await parsed(moved);
    expect(tasks.find((each) => each.id === 'T009')).toMatchObject({ status: 'done', title: 'Notification model' });
    expect(tasks.find((each) => each.id === 'T100')).toMatchObject({ status: 'pending', title: 'By hand', allowed: 3 });
    expect(tasks.some((each) => each.id === 'T001')).toBe(false);
    expect(tasks.find((each) => each.id === 'T007')).toMatchObject({ attempts: 3, allowed: 3 });
  });

  it('may have lost what can be done without, and use other YAML', async () => {
    const short = text
      .replace(/^(session|status|digest|started|updated|elapsed-ms|counts|in-flight|order): .*\n/gm, '')
      .replace(/^file: .*$/m, 'file: specs/001-auth/tasks.md # moved')
      .replace(/^(Blocker|Action): .*\n/gm, '');
    expect(await parsed(short)).toMatchObject({
      file: session.file,
      status: 'interrupted',
      blocker: null,
      action: null,
    });
    expect((await parsed(short)).tasks.length).toBe(session.tasks.length);
  });

  it('keeps tasks without ids in their order', async () => {
    const many = Array.from({ length: 12 }, (_, index) =>
      task(`#${index + 1}`, 'Same', index % 2 === 0 ? 'done' : 'pending'),
    );
    const edited = renderSession({ ...session, tasks: many }).replace(/^order: .*\n/m, '');
    expect((await parsed(edited)).tasks.map((each) => each.id)).toEqual(many.map((each) => each.id));
  });

  it('names the line of what cannot be read', async () => {
    const line = (part: string) => text.split('\n').findIndex((each) => each.startsWith(part)) + 1;
    const at = (part: string) => `state-broken current-session.md:${line(part)}: `;
    expect(await faultOf('')).toBe('state-broken current-session.md:1: no front matter');
    expect(await faultOf('# Notes\n')).toContain(':1: no front matter');
    expect(await faultOf(text.replace(/^---\n/, ''))).toContain(':1: no front matter');
    expect(await faultOf(text.replace(/^run: .*$/m, 'run: "../../etc"'))).toContain(at('run:'));
    expect(await faultOf(text.replace(/^options: .*$/m, 'options: {}'))).toContain(
      `${at('options:')}the option parallel`,
    );
    expect(await faultOf(text.replace(/^started: .*$/m, 'started: soon'))).toContain(at('started:'));
    expect(await faultOf(text.replace(/^session: .*$/m, 'session: [1'))).toContain('the front matter is no YAML');
    expect(await faultOf(text.replace(/^verifications:$/m, 'verifications: 3\nx:'))).toContain('verifications');
    expect(await faultOf(text.replace('Pending Tasks:', 'Things:'))).toContain(`${at('- [ ] T009')}a task outside`);
    expect(await faultOf(text.replace('T002', 'T001'))).toContain(`${at('- [x] T002')}a task that stood above`);
    expect(await faultOf(text.replace('- [x] T003 [US1] User routes', '- [x]'))).toContain(
      `${at('- [x] T003')}a task without`,
    );
  });

  it('is refused in another format, with advice', async () => {
    const result = await parseSession(text.replace('implement: 1', 'implement: 2'), 'x.md');
    expect(result.ok ? null : result.diagnostics[0]).toMatchObject({
      code: 'state-version',
      message: expect.stringContaining('x.md:2: format 2'),
    });
    expect(await faultOf(text.replace('implement: 1\n', ''))).toContain('no session of implement');
  });
});
