#!/usr/bin/env node
// The demo: builds the tool of `thirsty/` in a temporary copy, lets one task fail, mends the cause and continues.
// It knows the example and the commands that a user would type; it knows nothing of how `implement` works inside.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `usage: node examples/demo.mjs [--worktree] [--keep]

  --worktree   a git worktree for each attempt, a commit for each task; needs git 2.38
  --keep       keep the temporary directory and say where it is`;

const HERE = dirname(fileURLToPath(import.meta.url));
const EXAMPLE = join(HERE, 'thirsty');
const CLI = join(HERE, '..', 'dist', 'cli.cjs');

const NEEDS_A_PERSON = 'T011';
const WAITS_FOR_IT = ['T012', 'T016', 'T017', 'T018'];

/** What a shell, Node and a terminal need; anything else (IMPLEMENT_*, NODE_OPTIONS, GIT_*, npm_*) stays outside. */
const PASSED_ON =
  /^(HOME|LANG|LC_\w+|LOGNAME|PATH|SHELL|TERM|COLORTERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|TMPDIR|USER)$/;

/** The demo ends early: something is not as it should be (exit 1), or somebody stopped it. */
class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const say = (text) => console.log(text);
const expect = (holds, message) => {
  if (!holds) throw new Stop(message);
};

/** The environment of every command: `node` is the one that runs the demo. */
function environment() {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name)));
  return { ...kept, PATH: [dirname(process.execPath), kept.PATH ?? '/usr/bin:/bin'].join(delimiter) };
}

let running = null;
let interruptedBy = null;

/** A signal stops the demo after the command that runs. A terminal's Ctrl-C reaches that command by itself. */
function listenForSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interruptedBy ??= signal;
      if (signal !== 'SIGINT' || !process.stdin.isTTY) running?.kill(signal);
    });
  }
}

function stopIfInterrupted() {
  if (interruptedBy === null) return;
  throw new Stop(`stopped by ${interruptedBy}`, 128 + constants.signals[interruptedBy]);
}

/** Shows a command, runs it in `dir` on this terminal and checks its exit code. */
async function run(dir, shown, [file, ...args], expected = 0) {
  stopIfInterrupted();
  say(`\n$ ${shown}`);
  running = spawn(file, args, { cwd: dir, env: environment(), stdio: 'inherit' });
  const ended = await new Promise((resolve, reject) => {
    running.on('error', reject);
    running.on('exit', (code, signal) => resolve(signal ?? code));
  });
  running = null;
  stopIfInterrupted();
  expect(ended === expected, `\`${shown}\` should have ended with exit code ${expected}, not ${ended}`);
}

const implement = (dir, line, expected) =>
  run(dir, `implement ${line}`, [process.execPath, CLI, ...line.split(' ')], expected);
const thirsty = (dir, line) =>
  run(dir, `thirsty ${line}`, [process.execPath, join('src', 'cli.mjs'), ...line.split(' ')]);
const shell = (dir, line) => run(dir, line, ['sh', '-c', line]);

const BOX = /^- \[( |x)\] (T\d+)/gm;

/** Ids of the tasks whose box is open; checks that boxes are all that has changed in the file. */
function openTasks(dir) {
  const text = readFileSync(join(dir, 'tasks.md'), 'utf8');
  const original = readFileSync(join(EXAMPLE, 'tasks.md'), 'utf8');
  expect(text.replace(BOX, '- [ ] $2') === original, 'tasks.md differs from the original in more than its boxes');
  return [...text.matchAll(BOX)].filter(([, box]) => box === ' ').map(([, , id]) => id);
}

/** A copy with a repository of its own (where git is installed), so that no folder above counts as the project. */
function copyExample(worktree) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'implement-demo-')));
  cpSync(EXAMPLE, dir, { recursive: true });
  const git = (...args) => spawnSync('git', args, { cwd: dir, env: environment(), stdio: 'ignore' }).status === 0;
  const isRepository = git('init', '--quiet', '--template=', '--initial-branch=main');
  expect(isRepository || !worktree, 'worktrees need git 2.38 or newer');
  git('config', 'user.name', 'Demo');
  git('config', 'user.email', 'demo@example.com');
  return dir;
}

/** Everything committed, so that tasks begin with it. */
async function commitAll(dir, message) {
  await shell(dir, `git add --all && git commit --quiet --message "${message}"`);
}

async function demo(dir, worktree) {
  say('tasks.md describes a small tool: 18 tasks, 6 phases, 3 user stories. First the plan; nothing runs yet.');
  await implement(dir, 'plan');

  if (worktree) {
    say('\nEach attempt will get a worktree of its own, so everything it needs has to be committed.');
    await commitAll(dir, 'Plan the tool');
    say('\nNow build it. Each task carries its script; stories run side by side, and each done task becomes a commit.');
  } else say('\nNow build it. Each task carries its script; tasks marked [P] run side by side.');
  say('Story 2 lacks a file that only a person can bring, so this run cannot finish.');
  await implement(dir, `--parallel ${worktree ? '--worktree ' : ''}--scripts --retries 0`, 1);

  const open = openTasks(dir).join(' ');
  const expected = [NEEDS_A_PERSON, ...WAITS_FOR_IT].join(' ');
  expect(open === expected, `after the first run these should be open: ${expected}, but these are: ${open || 'none'}`);
  say('\nStories 1 and 3 are done all the same. The checkpoint knows what is left:');
  await implement(dir, 'status');

  say(`\nMend the cause, as ${NEEDS_A_PERSON} advised, and continue. What is done does not run again.`);
  await shell(dir, 'mkdir -p weather && cp station/week.json weather/');
  if (worktree) await commitAll(dir, 'Bring the forecast of the week');
  await implement(dir, '--continue');

  const left = openTasks(dir).join(' ');
  expect(left === '', `after --continue every box should be ticked, but these are open: ${left}`);
  say('\nEvery box is ticked. The tool is there, so use it:');
  await thirsty(dir, 'today --on 2025-06-04');
  await thirsty(dir, 'rain --on 2025-06-04');
  await thirsty(dir, 'water fern --on 2025-06-04');
  await thirsty(dir, 'today --on 2025-06-04');
  await thirsty(dir, 'letter --from 2025-06-05');

  if (worktree) {
    say('\nThe history that this made: one commit per task, and one of a person.');
    await shell(dir, "git log --reverse --format='%h %s'");
  }

  say('\nAnd it has tests of its own:');
  await run(dir, 'node --test --test-reporter=dot', [process.execPath, '--test', '--test-reporter=dot']);
  await shell(dir, 'cat docs/release.md');
}

function options() {
  const flag = { type: 'boolean', default: false };
  try {
    return parseArgs({ options: { worktree: flag, keep: flag, help: { ...flag, short: 'h' } } }).values;
  } catch (error) {
    throw new Stop(`${error.message}\n${USAGE}`, 2);
  }
}

async function main() {
  const { worktree, keep, help } = options();
  if (help) return say(USAGE);
  expect(existsSync(CLI), 'the command is not built yet, run `npm ci` first');

  listenForSignals();
  const dir = copyExample(worktree);
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  if (!keep) process.on('exit', remove);
  const started = performance.now();
  try {
    await demo(dir, worktree);
    const seconds = Math.round((performance.now() - started) / 1000);
    say(`\nThat was all, in ${seconds} s.${keep ? '' : ' The temporary directory is removed.'}`);
  } finally {
    if (keep) say(`Kept: ${dir}`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\ndemo: ${error.message}`);
  process.exitCode = error.exitCode;
}
