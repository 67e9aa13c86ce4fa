/** The five examples of the command's first description, each against the built command. */
import { describe, expect, test } from 'vitest';
import { overlaps, started, useRig } from '../support/rig.ts';
import { useStage } from '../support/stage.ts';

const rig = useRig();
const stage = useStage();

const ids = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `T${String(first + i).padStart(3, '0')}`);

const timeless = (session: string): string => session.replace(/^(updated|elapsed-ms): .*\n/gm, '');

/** A command that runs every task, and fails for those named in the file `broken`, with what stands there. */
const WORK =
  'echo "$IMPLEMENT_TASK_ID" >> ledger; if grep -q "^$IMPLEMENT_TASK_ID " broken 2>/dev/null; then sed -n "s/^$IMPLEMENT_TASK_ID //p" broken; exit 1; fi';

test('serial execution: eight tasks, one at a time, in the order of the file', async () => {
  rig.write(
    'tasks.md',
    `- [ ] T001 [US1] Create user model in src/models/user.js
- [ ] T002 [US1] Add database schema in db/schema.sql
- [ ] T003 [US1] Create auth service in src/services/auth.js
- [ ] T004 [US2] Add login endpoint in src/routes/auth.js
- [ ] T005 [US2] Create JWT helper in src/utils/jwt.js
- [ ] T006 [US2] Add middleware in src/middleware/auth.js
- [ ] T007 [US3] Write integration tests in tests/auth.test.js
- [ ] T008 [US3] Update API docs in docs/api.md
`,
  );
  const before = rig.read('tasks.md');
  const { code, stdout, stderr } = await rig.run([
    '--exec',
    WORK,
    '--verify-phase',
    'echo 20 passing',
    '--verify-end',
    'echo "41 tests passing"',
  ]);
  expect(code).toBe(0);
  expect(rig.lines('ledger')).toEqual(ids(1, 8));
  expect(overlaps(rig)).toEqual([]);
  expect(started(rig)).toEqual([
    ...ids(1, 3),
    'verify:phase:US1',
    ...ids(4, 6),
    'verify:phase:US2',
    ...ids(7, 8),
    'verify:phase:US3',
    'verify:end',
  ]);
  expect(rig.read('tasks.md')).toBe(before.replaceAll('[ ]', '[x]'));

  expect(stderr).toMatch(/^tasks\.md: 8 tasks, no \[P\] markers$/m);
  expect(stderr).toMatch(/^ {2}Stories: US1 \(3\), US2 \(3\), US3 \(2\)$/m);
  expect(stderr).toMatch(/^\[1\/8\] ✓ T001 \[US1\] Create user model in src\/models\/user\.js \(\S+ m?s\)$/m);
  expect(stderr).toMatch(/^\[8\/8\] ✓ T008 \[US3\] Update API docs in docs\/api\.md \(/m);
  expect(stderr).toContain('verification of US1: 20 passing');
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓');
  expect(stdout).toContain('- Tasks Completed: 8/8\n');
  expect(stdout).toMatch(/^- Total Duration: /m);
  expect(stdout).toMatch(/^- Average Task Time: /m);
  expect(stdout).toContain('- Verification: 41 tests passing\n');
  expect(stdout).toMatch(
    /Phase Breakdown:\n- US1: 3\/3 tasks in .*\n- US2: 3\/3 tasks in .*\n- US3: 2\/2 tasks in .*\n/,
  );

  const session = rig.session();
  expect(session).toContain('\nStatus: COMPLETE\nProgress: 8/8 tasks\n\nCompleted Tasks:\n- [x] T001 [US1] Create');
});

test('parallel execution: four tasks marked [P] run side by side, everything else alone', async () => {
  rig.write(
    'tasks.md',
    `- [ ] T001 [US1] Create user model in src/models/user.js
- [ ] T002 [US1] Create auth service in src/services/auth.js
- [ ] T003 [US2] Create profile model in src/models/profile.js
- [ ] T004 [US3] Create notification model in src/models/notification.js
- [ ] T005 [P] [US1] Write user tests in tests/user.test.js
- [ ] T006 [P] [US2] Write profile tests in tests/profile.test.js
- [ ] T007 [P] [US3] Write notification tests in tests/notification.test.js
- [ ] T008 [P] [US1] Update user docs in docs/models/user.md
- [ ] T009 [US1] Add user routes in src/routes/users.js
- [ ] T010 [US2] Add profile routes in src/routes/profiles.js
- [ ] T011 [US3] Add notification routes in src/routes/notifications.js
- [ ] T012 [ALL] Update API index in docs/api.md
`,
  );
  const command = rig.start(['--parallel', '--exec', stage.command], { env: stage.env });
  for (const id of ids(1, 4)) await (await stage.next(id)).exit();
  // All four are there before any of them may end.
  const batch = await Promise.all(ids(5, 8).map((id) => stage.next(id)));
  expect(batch.map((actor) => actor.env['IMPLEMENT_SLOT']).sort()).toEqual(['1', '2', '3', '4']);
  for (const actor of batch.reverse()) {
    await actor.exit();
    await command.said(`✓ ${actor.id}`);
  }
  for (const id of ids(9, 12)) await (await stage.next(id)).exit();
  const { code, stdout, stderr } = await command.ended;

  expect(code).toBe(0);
  expect(stage.seen.slice(0, 4)).toEqual(ids(1, 4));
  expect(stage.seen.slice(4, 8).sort()).toEqual(ids(5, 8));
  expect(stage.seen.slice(8)).toEqual(ids(9, 12));
  expect(
    overlaps(rig)
      .flat()
      .every((id) => ids(5, 8).includes(id)),
  ).toBe(true);
  expect(overlaps(rig)).toHaveLength(6);

  expect(stderr).toMatch(/^tasks\.md: 12 tasks, 4 parallelizable \[P\]$/m);
  expect(stderr).toMatch(/^ {2}Graph: \d+ edges, \d+ waves, critical path \d+ tasks$/m);
  expect(stderr).toMatch(/^\[1\/12\] ✓ T001 \[US1\] Create user model in .* · slot 1 · \d\d:\d\d$/m);
  expect(stderr).toMatch(/^\[5\/12\] ✓ T008 \[US1\] Update user docs in .* · slot [1-4] · \d\d:\d\d$/m);
  expect(stderr).toMatch(/^\[12\/12\] ✓ T012 \[ALL\] Update API index/m);
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓');
  expect(stdout).toContain('- Tasks Completed: 12/12\n');
  for (const words of [
    /^- Sequential Equivalent: /m,
    /^- Time Saved: .* \(\d+% faster\)$/m,
    /^- Parallel Efficiency: \d+%$/m,
    /^- Average Parallelism: \d+\.\d of 4 slots$/m,
    /^- Longest Task: .* \(T\d{3}\)$/m,
    /^- Shortest Task: .* \(T\d{3}\)$/m,
  ])
    expect(stdout).toMatch(words);
});

describe('resume after an interruption', () => {
  const TASKS = `## Phase 1: Foundation
- [ ] T001 [US1] User model
- [ ] T002 [US1] Auth service
- [ ] T003 [US1] User routes
- [ ] T004 [US2] Profile model
- [ ] T005 [US2] Profile service
- [ ] T006 [US2] Profile routes
- [ ] T007 [US2] Database migration

## Phase 2: Features
- [ ] T008 [US2] Seed data
- [ ] T009 [US3] Notification model
- [ ] T010 [US3] Notification service
- [ ] T011 [US3] Notification routes
- [ ] T012 [P] [US3] Notification tests
- [ ] T013 [P] [US1] User integration tests
- [ ] T014 [US3] WebSocket handler
- [ ] T015 [ALL] Update documentation
`;

  test('fails at the seventh of fifteen tasks, is mended and goes on', async () => {
    rig.write('tasks.md', TASKS);
    rig.write('broken', 'T007 Error: Connection refused (ECONNREFUSED)\n');
    rig.call('mkdir', '.spec-state');
    const first = await rig.run(['--exec', WORK]);
    expect(first.code).toBe(1);
    expect(rig.lines('ledger')).toEqual([...ids(1, 7), 'T007', 'T007']);
    expect(first.stdout.trimStart().split('\n')[0]).toBe('Implementation Partially Complete');
    expect(first.stderr).toContain('attempt 1/3, next in 1 s');
    expect(first.stderr).toContain('attempt 2/3, next in 2 s');

    const session = rig.session();
    for (const words of [
      'Current Task: T007 [US2] Database migration\nStatus: FAILED\nProgress: 6/15 tasks\n',
      `Completed Tasks:\n- [x] T001 [US1] User model\n- [x] T002 [US1] Auth service\n- [x] T003 [US1] User routes\n- [x] T004 [US2] Profile model\n- [x] T005 [US2] Profile service\n- [x] T006 [US2] Profile routes\n`,
      'Failed Task:\n- [ ] T007 [US2] Database migration\n  Error: exit code 1: Error: Connection refused (ECONNREFUSED)\n  Retry: 3/3 (exhausted)\n',
      'Blocker: T007: exit code 1: Error: Connection refused (ECONNREFUSED)\n',
      'Action: Fix the cause of T007, then run: implement --continue\n',
    ])
      expect(session).toContain(words);
    expect(rig.read('.spec-state/current-session.md')).toBe(session);
    expect(timeless(rig.read('.spec-state/checkpoints/checkpoint-001.md'))).toBe(timeless(session));

    rig.write('broken', '');
    const second = await rig.run(['--continue', '--no-color']);
    expect(second.code).toBe(0);
    expect(rig.lines('ledger').slice(9)).toEqual(ids(7, 15));
    expect(second.stderr).toMatch(/^Loaded checkpoint from current-session\.md$/m);
    expect(second.stderr).toContain('Found 6 completed tasks, 1 failed (T007), 8 pending');
    expect(second.stderr).toMatch(/^\[7\/15\] ✓ T007 \[US2\] Database migration \(/m);
    expect(second.stderr).toMatch(/^\[8\/15\] ✓ T008 \[US2\] Seed data \(/m);
    expect(second.stderr).toMatch(/^\[15\/15\] ✓ T015 \[ALL\] Update documentation \(/m);
    expect(second.stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓ (Resumed)');
    for (const words of [
      /^- Tasks Completed: 15\/15$/m,
      /^- Previously Completed: 6 tasks$/m,
      /^- Resumed Tasks: 9 tasks$/m,
      /^- Failed Task Retry: T007 \(successful, 1 attempt\)$/m,
      /^- Resume Duration: /m,
      /^- Total Duration: .* \(across 2 sessions\)$/m,
    ])
      expect(second.stdout).toMatch(words);
    expect(rig.read('tasks.md')).toBe(TASKS.replaceAll('[ ]', '[x]'));
    expect(rig.session()).toContain('\nStatus: COMPLETE\nProgress: 15/15 tasks\n');
    expect(timeless(rig.read('.spec-state/checkpoints/checkpoint-002.md'))).toBe(timeless(rig.session()));
  });
});

test('filtered execution: the P1 tasks only', async () => {
  rig.write(
    'tasks.md',
    `## Phase 1: Core Features (P1)
- [ ] T001 [P1] [US1] User authentication in src/auth/
- [ ] T002 [P1] [US1] Session management in src/auth/
- [ ] T003 [P1] [US2] Core API endpoints in src/routes/

## Phase 2: Enhanced Features (P2)
- [ ] T004 [P2] [US3] Email notifications in src/notifications/
- [ ] T005 [P2] [US3] Push notifications in src/notifications/
- [ ] T006 [P2] [US4] User profile images in src/uploads/

## Phase 3: Optional (P3)
- [ ] T007 [P3] [US5] Social login in src/auth/social/
- [ ] T008 [P3] [US5] OAuth integration in src/auth/oauth/
`,
  );
  const { code, stdout, stderr } = await rig.run(['--filter=P1', '--exec', WORK]);
  expect(code).toBe(0);
  expect(rig.lines('ledger')).toEqual(ids(1, 3));
  expect(rig.read('tasks.md').match(/\[x\]/g)).toHaveLength(3);
  expect(stderr).toContain('8 tasks');
  expect(stderr).toContain('5 deferred by --filter=P1');
  expect(stderr).toMatch(/^\[3\/3\] ✓ T003 /m);
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓ (P1 Tasks)');
  expect(stdout).toContain('- P1 Tasks Completed: 3/3\n');
  expect(stdout).toContain('- Tasks Deferred: 5\n');
  expect(stdout).toMatch(
    /^Remaining \(for later\):\n {2}P2: 3 tasks \(T004, T005, T006\)\n {2}P3: 2 tasks \(T007, T008\)$/m,
  );
  expect(stdout).toMatch(/^ {2}US3: 2 tasks \(T004, T005\)$/m);
  expect(stdout).toMatch(/^Next Steps:\n {2}implement --filter=P2 /m);

  // The advice works as it stands.
  const advice = /implement (--filter=P2 .*)/.exec(stdout)?.[1] ?? '';
  const again = rig.call(
    'sh',
    '-c',
    `exec node "$0" ${advice}`,
    await import('../support/built.ts').then((room) => room.builtCommand()),
  );
  expect(again.trimStart().split('\n')[0]).toBe('Implementation Complete ✓ (P2 Tasks)');
  expect(rig.lines('ledger')).toEqual(ids(1, 6));
});

test('partial success: one task fails, another needs it, the rest goes on', async () => {
  rig.write(
    'tasks.md',
    `- [ ] T001 [US1] User model
- [ ] T002 [US1] Auth service
- [ ] T003 [US1] Database migration
- [ ] T004 [P] [US1] User routes
- [ ] T005 [P] [US1] API tests
- [ ] T006 [P] [US2] Email service
- [ ] T007 [P] [US4] Documentation
- [ ] T008 [US3] Email templates (depends on T006)
- [ ] T009 [US5] Logging service
- [ ] T010 [US6] Health checks
`,
  );
  rig.write('broken', 'T006 SMTP connection timeout after 30s\n');
  const { code, stdout, stderr } = await rig.run(['--parallel', '--exec', WORK]);
  expect(code).toBe(1);
  expect(new Set(rig.lines('ledger'))).toEqual(new Set(ids(1, 10).filter((id) => id !== 'T008')));
  expect(stdout.trimStart().split('\n')[0]).toBe('Implementation Partially Complete');
  for (const words of [
    /^- Tasks Completed: 8\/10$/m,
    /^- Tasks Failed: 1 \(T006\)$/m,
    /^- Tasks Blocked: 1 \(T008\)$/m,
    /^Blocked Tasks:\n {2}T008 \[US3\] Email templates .*\(blocked by T006\)$/m,
    /^Failed Task:\n {2}T006 \[US2\] Email service\n {4}Error: exit code 1\n {4}Output: SMTP connection timeout after 30s\n {4}Retry: 3\/3 \(exhausted\)\n {4}Log: \S+T006\.3\.log$/m,
    /^Next Steps:\n {2}Fix the cause of T006 .*\n {2}implement --continue/m,
  ])
    expect(stdout).toMatch(words);
  expect(stderr).toMatch(/✗ T006 \[US2\] Email service/);
  expect(stderr).toContain('│ SMTP connection timeout after 30s');
  expect(stderr).toMatch(/⊘ T008 \[US3\] Email templates .*: blocked by T006$/m);
  expect(rig.session()).toMatch(/^Blocked Tasks:\n- \[ \] T008 \[US3\] Email templates .* \(blocked by T006\)$/m);

  rig.write('broken', '');
  const second = await rig.run(['--continue']);
  expect(second.code).toBe(0);
  expect(second.stdout.trimStart().split('\n')[0]).toBe('Implementation Complete ✓ (Resumed)');
  expect(rig.lines('ledger').slice(-2)).toEqual(['T006', 'T008']);
});
