/** A feature of 50 tasks in six phases with four stories, in the middle of its run: what a picture is made for. */
import type { TaskStatus } from '../../../src/core/session.ts';
import type { Edge, Gate } from '../../../src/core/task.ts';
import type { PictureInput, PictureTask } from '../../../src/pictures/picture.ts';
import { edgeOf, inputOf, phaseOf, taskOf } from './plans.ts';

/** A line per task, `[P]` in front of what may run side by side; `--` ends a run. */
const FEATURE: readonly (readonly [name: string, story: string | null, lines: readonly string[]])[] = [
  [
    'Phase 1: Setup (Shared Infrastructure)',
    null,
    [
      'Create the project structure as the implementation plan has it',
      'Initialise a TypeScript project with Fastify and Prisma in `package.json`',
      '[P] Configure linting and formatting in `biome.json`',
      '[P] Set up continuous integration in `.github/workflows/ci.yml`',
      '[P] Add a container file and a compose file for local development',
    ],
  ],
  [
    'Phase 2: Foundational (Blocking Prerequisites)',
    null,
    [
      'Write the database schema and its first migration in `prisma/schema.prisma`',
      '[P] Implement the authentication middleware in `src/middleware/auth.ts`',
      '[P] Implement error handling and structured logging in `src/lib/errors.ts`',
      '[P] Set up routing and request validation in `src/server.ts`',
      '[P] Configuration from the environment in `src/config.ts`',
      'Base model with timestamps and soft deletion in `src/models/base.ts`',
      'Test rig with a throw-away database in `tests/support/database.ts`',
    ],
  ],
  [
    'Phase 3: User Story 1 - Create and share a list (Priority: P1) 🎯 MVP',
    'US1',
    [
      '[P] Contract test for POST /lists in `tests/contract/lists.post.test.ts`',
      '[P] Integration test of the sharing journey in `tests/integration/share.test.ts`',
      '--',
      '[P] List model in `src/models/list.ts`',
      '[P] Membership model in `src/models/membership.ts`',
      'ListService with create, rename and archive in `src/services/list-service.ts`',
      'Endpoints for lists in `src/routes/lists.ts`',
      'Share links that expire in `src/services/share-service.ts`',
      'Validation and error messages for list input',
      '[P] Audit log entries for every change of a list in `src/services/audit.ts`',
      '[P] Rate limit for share links in `src/middleware/limit.ts`',
    ],
  ],
  [
    'Phase 4: User Story 2 - Work offline (Priority: P2)',
    'US2',
    [
      '[P] Contract test for the synchronisation endpoint in `tests/contract/sync.test.ts`',
      '[P] Integration test: two devices edit the same item while offline',
      '--',
      '[P] Change log model in `src/models/change.ts`',
      '[P] Vector clock in `src/lib/clock.ts`',
      'SyncService that merges concurrent changes in `src/services/sync-service.ts`',
      'Endpoint for synchronisation in `src/routes/sync.ts`',
      'Service worker with an outbox in `web/src/worker.ts`',
      'Show conflicts to the user and let them choose in `web/src/conflicts.tsx`',
    ],
  ],
  [
    'Phase 5: User Story 3 - Reminders (Priority: P3)',
    'US3',
    [
      '[P] Contract test for reminders in `tests/contract/reminders.test.ts`',
      '[P] Reminder model with time zones in `src/models/reminder.ts`',
      'Scheduler that survives a restart in `src/services/scheduler.ts`',
      'Endpoints for reminders in `src/routes/reminders.ts`',
      'Push notifications in `src/services/push.ts`',
      'Quiet hours and snoozing in `src/services/quiet-hours.ts`',
    ],
  ],
  [
    'Phase 6: User Story 4 - Search (Priority: P3)',
    'US4',
    [
      '[P] Contract test for GET /search in `tests/contract/search.test.ts`',
      '[P] 検索インデックスを作成する `src/search/index.ts`',
      'Query parser with phrases and exclusions in `src/search/query.ts`',
      'Endpoint for search in `src/routes/search.ts`',
      'Highlight what was found in `web/src/highlight.tsx`',
      'Remember recent searches in `web/src/recent.ts`',
    ],
  ],
  [
    'Phase 7: Polish & Cross-Cutting Concerns',
    null,
    [
      '[P] Documentation of the API in `docs/api.md`',
      '[P] Load test with a thousand members in one list',
      '[P] Accessibility pass over all screens',
      '[P] Security review of share links',
      '[P] Clean up and refactor',
      'Run the quickstart and record what it prints',
      'Release notes',
      'Tag the release',
    ],
  ],
];

function stateAt(index: number): TaskStatus {
  if (index < 14) return index === 4 ? 'skipped' : 'done';
  if (index === 14 || index === 22 || index === 31) return 'running';
  if (index === 36) return 'failed';
  if (index === 23) return 'delayed';
  if (index > 36 && index < 43) return 'deferred';
  if (index > 42) return 'blocked';
  return 'pending';
}

/** The plan of `FEATURE`: cuts around shared phases, runs inside the others, a few sentences and a shared file. */
export function feature(): PictureInput {
  const tasks: PictureTask[] = [];
  const gates: Gate[] = [];
  const edges: Edge[] = [];
  const gate = (label: string): string => {
    gates.push({ id: `gate:${gates.length + 1}`, label });
    return `gate:${gates.length}`;
  };
  const join = (from: readonly string[], to: readonly string[], label: string, kind: 'barrier' | 'sequence'): void => {
    const middle = gate(label);
    for (const id of from) edges.push(edgeOf(id, middle, kind, label));
    for (const id of to) edges.push(edgeOf(middle, id, kind, label));
  };
  let cut: string | null = null;
  let chapter: string[] = [];
  for (const [phase, [name, story, lines]] of FEATURE.entries()) {
    if (story === null && chapter.length > 0) {
      cut = gate(`${name} waits for all before it`);
      for (const id of chapter) edges.push(edgeOf(id, cut, 'barrier', `${name} waits for all before it`));
      chapter = [];
    }
    let before: string[] = [];
    let run: string[] = [];
    const end = (): void => {
      if (run.length > 0 && before.length > 0) join(before, run, `order in ${name}`, 'sequence');
      if (run.length > 0) before = run;
      run = [];
    };
    for (const line of lines) {
      const parallel = line.startsWith('[P] ');
      if (!parallel || line === '--') end();
      if (line === '--') continue;
      const task = taskOf(tasks.length, {
        title: line.replace('[P] ', ''),
        parallel,
        phase,
        stories: story === null ? [] : [story],
        state: stateAt(tasks.length),
      });
      tasks.push(task);
      chapter.push(task.id);
      if (cut !== null) edges.push(edgeOf(cut, task.id, 'barrier', 'stands behind a shared phase'));
      run.push(task.id);
      if (!parallel) end();
    }
    end();
    if (story === null) {
      cut = gate(`all that follows waits for ${name}`);
      for (const id of chapter) edges.push(edgeOf(id, cut, 'barrier', `all waits for ${name}`));
      chapter = [];
    }
  }
  edges.push(edgeOf('T016', 'T034', 'explicit', 'T034 says “depends on T016”'));
  edges.push(edgeOf('T018', 'T028', 'conflict', 'both change `src/server.ts`'));
  edges.push(edgeOf('T017', 'T033', 'hint', 'US3 “extends the reminders of” US1'));
  const phases = FEATURE.map(([name], i) => phaseOf(i, name));
  const criticalPath = [
    'T001',
    'T002',
    'T003',
    'T006',
    'T007',
    'T011',
    'T012',
    'T013',
    'T015',
    'T017',
    'T018',
    'T028',
    'T029',
  ].concat(['T030', 'T044', 'T048', 'T049', 'T050']);
  return inputOf({ title: 'specs/007-shared-lists/tasks.md', phases, tasks, gates, edges, criticalPath });
}
