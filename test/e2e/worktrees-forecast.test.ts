/** What is said while tasks still run, and what a configuration keeps apart. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useRepo } from '../support/repository.ts';
import { useRig } from '../support/rig.ts';

const rig = useRig();
const repo = useRepo(rig);

test('a contradiction is said while the later task still runs, once, and the task is made again', async () => {
  repo.stories(['T001', 'T002'], { 'a.txt': 'a\n' });
  const run = repo.start({
    T001: 'hear written; echo one > a.txt',
    T002: 'if [ "$IMPLEMENT_TASK_ATTEMPT" = 1 ]; then echo two > a.txt; say written; hear forecast; else echo both > a.txt; fi',
  });
  await run.said('T002 is changing a.txt');
  writeFileSync(join(repo.outside, 'said-forecast'), '');
  const { code, stderr } = await run.ended;
  expect(code).toBe(0);
  expect(stderr.match(/T002 is changing a\.txt in a way that contradicts/g)).toHaveLength(1);
  expect(repo.tasks().get('T002')?.trailers).toMatchObject({ attempt: '2' });
  expect(rig.read('a.txt')).toBe('both\n');
});

test('tasks that share a resource of the configuration do not meet, others do', async () => {
  const tasks = ['- [ ] T001 [P] [db] Make one', '- [ ] T002 [P] [DB] Make two', '- [ ] T003 [P] Make three'];
  repo.init({
    'tasks.md': `# Tasks\n\n${tasks.join('\n')}\n`,
    'implement.config.json': JSON.stringify({ resources: { db: 1 } }),
  });
  const alone = 'mkdir "$PLAY/lock" || exit 3; hear three; rmdir "$PLAY/lock"';
  const { code } = await repo.play({ T001: alone, T002: alone, T003: 'say three' });
  expect(code).toBe(0);
  const explained = await rig.run(['explain', 'T002']);
  expect(explained.stdout).toContain('db');
});
