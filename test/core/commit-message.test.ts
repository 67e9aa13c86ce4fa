/** Messages of commits, and what git reads out of them. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commitMessage } from '../../src/core/commit-message.ts';
import type { Task } from '../../src/core/task.ts';

const task = (title: string, more: Partial<Task> = {}): Task =>
  ({ id: 'T012', title, stories: [], paths: [], ...more }) as unknown as Task;
const facts = { run: 'r1', attempt: 2, style: 'plain', generated: false, clean: (text: string) => text } as const;
const subject = (text: string): string => text.split('\n')[0] as string;

test.each([
  ['Create the user model', {}, 'T012: Create the user model', 'feat: create the user model (T012)'],
  ['Fix the login', { stories: ['US1'] }, 'T012: Fix the login', 'fix(us1): fix the login (T012)'],
  ['Write it', { paths: ['tests/a.ts'] }, 'T012: Write it', 'test: write it (T012)'],
  ['Write it', { paths: ['docs/a.md'] }, 'T012: Write it', 'docs: write it (T012)'],
  ['API of users', {}, 'T012: API of users', 'feat: API of users (T012)'],
  ['Set up the linter', {}, 'T012: Set up the linter', 'chore: set up the linter (T012)'],
  ['Two\n lines', {}, 'T012: Two lines', 'feat: two lines (T012)'],
])('%j %j', (title, more, plain, conventional) => {
  expect(subject(commitMessage(task(title, more), facts))).toBe(plain);
  expect(subject(commitMessage(task(title, more), { ...facts, style: 'conventional' }))).toBe(conventional);
});

test('a number that nobody wrote is not shown', () => {
  expect(subject(commitMessage(task('Make it'), { ...facts, generated: true }))).toBe('Make it');
});

test('a long title is cut at a word, and stands whole in the body; git reads the trailers', () => {
  const title = 'word '.repeat(60).trim();
  const message = commitMessage(task(title, { stories: ['US1', 'US3'] }), facts);
  expect(subject(message).length).toBeLessThanOrEqual(100);
  expect(subject(message)).toMatch(/word…$/);
  expect(message).toContain(`\n\n${title}\n\n`);
  expect(execFileSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' })).toBe(
    'Implement-Task: T012\nImplement-Run: r1\nImplement-Attempt: 2\nImplement-Story: US1\nImplement-Story: US3\n',
  );
});
