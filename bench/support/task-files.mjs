/** Task files of any size: one like those that people have, one flat list of tasks that do nothing. */

const VERBS = ['Create', 'Add', 'Implement', 'Write', 'Wire', 'Validate', 'Document', 'Extend'];
const THINGS = [
  'user model',
  'auth service',
  'login endpoint',
  'session store',
  'search index',
  'audit log',
  'rate limit',
];

const id = (n) => `T${String(n).padStart(3, '0')}`;

/**
 * A file in the manner of spec-kit with `count` tasks, 90 to 140 bytes each: setup, foundation, stories of 20 tasks
 * with tests and implementation, polish; headings, prose, checkpoints, rules, and a few explicit dependencies.
 */
export function featureFile(count) {
  const lines = ['# Tasks: Generated Feature', '', '**Input**: Design documents from `/specs/001-generated/`', ''];
  let number = 0;
  const task = (markers, kind) => {
    number++;
    const verb = VERBS[number % VERBS.length];
    const thing = THINGS[number % THINGS.length];
    const after = number % 9 === 0 && number > 3 ? ` (depends on ${id(number - 2)})` : '';
    lines.push(
      `- [ ] ${id(number)} ${markers}${verb} the ${thing} number ${number} in src/${kind}/part${number}.ts${after}`,
    );
  };
  const share = Math.max(1, Math.min(10, Math.round(count / 12)));
  lines.push('## Phase 1: Setup (Shared Infrastructure)', '', '**Purpose**: Project structure and tools', '');
  for (let i = 0; i < share; i++) task(i > 0 ? '[P] ' : '', 'setup');
  lines.push(
    '',
    '---',
    '',
    '## Phase 2: Foundational (Blocking Prerequisites)',
    '',
    'Nothing else begins before this phase ends.',
    '',
  );
  for (let i = 0; i < share; i++) task(i % 2 === 0 ? '[P] ' : '', 'base');
  lines.push('', '**Checkpoint**: The foundation stands.', '', '---');
  for (let story = 1; number < count - share; story++) {
    const mark = `[US${story}] `;
    lines.push('', `## Phase ${story + 2}: User Story ${story} - Part ${story} (Priority: P${Math.min(story, 3)})`, '');
    lines.push(`**Goal**: What story ${story} gives to its users, in one sentence of ordinary length.`, '');
    lines.push(`### Tests for User Story ${story}`, '');
    for (let i = 0; i < 6 && number < count - share; i++) task(`[P] ${mark}`, 'tests');
    lines.push('', `### Implementation for User Story ${story}`, '');
    for (let i = 0; i < 14 && number < count - share; i++) task(`${i % 3 === 0 ? '[P] ' : ''}${mark}`, 'app');
    lines.push('', `**Checkpoint**: Story ${story} works by itself.`, '', '---');
  }
  lines.push('', '## Polish & Cross-Cutting Concerns', '');
  while (number < count) task('[P] ', 'docs');
  return `${lines.join('\n')}\n`;
}

/** `count` tasks in one list under one heading, all marked `[P]`, none with anything to wait for. */
export function flatFile(count) {
  const lines = ['# Tasks', '', '## Tasks', ''];
  for (let i = 1; i <= count; i++) lines.push(`- [ ] T${String(i).padStart(4, '0')} [P] no-op`);
  return `${lines.join('\n')}\n`;
}
