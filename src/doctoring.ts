/**
 * `implement doctor`: looks at everything that a run needs, and at what earlier ones left. Changes nothing; starts
 * nothing but git and `--version` of coding agents.
 */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type FoundAgent, findAgents } from './agents-found.ts';
import { doctorCommand, type Finding } from './commands/doctor.ts';
import type { Effective, Key } from './config/layer.ts';
import { configuredFor } from './configured.ts';
import { plainDiagnostic } from './core/caret.ts';
import type { Diagnostic } from './core/diagnostic.ts';
import { counted } from './core/duration.ts';
import { DEFAULT_SETTINGS } from './core/settings.ts';
import type { SourceFile } from './core/source.ts';
import { lockOwner } from './journal/lock.ts';
import { isRunId } from './journal/run-id.ts';
import { findStateDir, type StateDir } from './journal/state-dir.ts';
import type { Call } from './options.ts';
import { pastOf, pastRuns, stateOptions } from './past.ts';
import { findTaskFile, projectOf, show, type TaskFile } from './project.ts';
import { read } from './read.ts';
import { find, gitIn, rootAt, type UpkeepAround } from './surroundings.ts';
import { systemClock } from './util/clock.ts';
import { survey } from './workspaces/clean.ts';
import { type Git, GitFault } from './workspaces/git.ts';
import { type Located, locate } from './workspaces/locate.ts';
import { identity } from './workspaces/repository.ts';

type Around = Pick<UpkeepAround, 'cwd' | 'env' | 'io'>;

const good = (name: string, message: string): Finding => ({ name, state: 'ok', message, hint: null });
const warn = (name: string, message: string, hint: string | null): Finding => ({
  name,
  state: 'warning',
  message,
  hint,
});
const bad = (name: string, message: string, hint: string | null): Finding => ({
  name,
  state: 'problem',
  message,
  hint,
});

/** Gives the exit code: 0, or 1 where something is a problem. */
export async function doctor({ file: named, flags }: Call, around: Around): Promise<number> {
  const { cwd, env, io } = around;
  const found = findTaskFile(named, cwd, env);
  const file = found.ok ? found.value : null;
  const root = file === null ? rootAt(cwd) : projectOf(file).root;
  const git = gitIn(env);
  const { located, findings: ofGit } = await lookAtGit(git, root, env);
  const configured = await configuredFor(file, flags, { cwd, env, clean: io.clean });
  const ofFile: Finding[] = file === null ? missing(found.ok ? [] : found.diagnostics, named) : [lookAtFile(file)];
  const stateDir = configured.ok ? configured.value.stateDir : null;
  const { state, findings: ofState } = await lookAtState(root, stateDir, cwd);
  const settings = configured.ok ? configured.value.settings : DEFAULT_SETTINGS;
  const ofRuns = state === null ? [] : await lookAtRuns(state, file);
  const ofLeft = await lookAtLeftovers(root, located, { ...around, settings, stateDir });
  const agents = await findAgents(env, systemClock, io.clean);
  const findings = [
    node(),
    ...ofGit,
    ...ofFile,
    ...(configured.ok
      ? [lookAtConfiguration(configured.value.effective)]
      : configured.diagnostics.map((one) => ofDiagnostic('configuration', one, configured.source))),
    ...ofState,
    await disk(root),
    ...ofRuns,
    ...ofLeft,
    ...lookAtAgents(agents),
  ];
  return doctorCommand({ findings, agents, json: flags.json === true }, io);
}

function node(): Finding {
  const { node: version } = process.versions;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? good('node', version)
    : bad('node', `${version} is too old`, 'Install Node 20.19 or newer.');
}

async function lookAtGit(
  git: Git,
  root: string,
  env: Around['env'],
): Promise<{ located: Located | null; findings: Finding[] }> {
  const asked = await git.ask({ dir: root }, ['--version']).catch(() => null);
  const version = /(\d+)\.(\d+)[\w.]*/.exec(asked?.stdout.toString('utf8') ?? '');
  const need = 'Install git 2.38 or newer; without it, runs without --worktree and --commit still work.';
  if (asked === null || version === null) return { located: null, findings: [warn('git', 'not found', need)] };
  const [text, major, minor] = [version[0], Number(version[1]), Number(version[2])];
  const isOld = major < 2 || (major === 2 && minor < 38);
  const findings = [isOld ? bad('git', `${text} is too old`, need) : good('git', text)];
  const located = await locate(git, root);
  if (!located.ok)
    return {
      located: null,
      findings: [...findings, ...located.diagnostics.map((one) => ofDiagnostic('repository', one, null))],
    };
  const { value } = located;
  if (value === null) {
    const hint = 'For --worktree and --commit: git init, then a first commit.';
    return { located: null, findings: [...findings, warn('repository', 'none', hint)] };
  }
  const branch = value.branch?.replace(/^refs\/heads\//, '') ?? 'HEAD is detached';
  findings.push(
    value.head === null
      ? warn('repository', `${branch}, without a commit`, 'For --worktree and --commit: make a first commit.')
      : good('repository', branch),
  );
  const who = await identity({ git, env }, value.main);
  if (who.ok) findings.push(good('identity', 'git knows who commits'));
  else findings.push(...who.diagnostics.map((one) => ofDiagnostic('identity', one, null)));
  return { located: value, findings };
}

function missing(diagnostics: readonly Diagnostic[], named: string | null): Finding[] {
  // A file that was named should be there; without one, there may be none yet.
  return diagnostics.map(({ message, hint }) =>
    (named === null ? warn : bad)('task file', message.replace(/\.$/, ''), hint),
  );
}

function lookAtFile(file: TaskFile): Finding {
  const plan = read(file.name, file.text, { deps: 'all' });
  const errors = plan.diagnostics.filter((one) => one.severity === 'error').length;
  if (errors > 0)
    return bad('task file', `${file.name} has ${counted(errors, 'error')}`, `implement plan ${file.name} shows them.`);
  if (plan.tasks.length === 0) return warn('task file', `${file.name} has no tasks`, null);
  const done = plan.tasks.filter((task) => task.status === 'done').length;
  return good('task file', `${file.name}: ${counted(plan.tasks.length, 'task')}, ${done} done`);
}

function lookAtConfiguration({ origins }: Effective): Finding {
  const places = [...origins].flatMap(([key, layer]) =>
    layer === null || layer.from === 'flag'
      ? []
      : [(layer.place(key as Key) ?? layer.from).replace(/:\d+(?::\d+)?$/, '')],
  );
  return places.length === 0
    ? good('configuration', 'none: the defaults (implement init writes one)')
    : good('configuration', `${counted(places.length, 'value')} from ${[...new Set(places)].join(', ')}`);
}

async function lookAtState(
  root: string,
  stateDir: string | null,
  cwd: string,
): Promise<{ state: StateDir | null; findings: Finding[] }> {
  const name = 'state directory';
  const state = await findStateDir(root, stateOptions(stateDir));
  if (!state.ok) return { state: null, findings: state.diagnostics.map((one) => ofDiagnostic(name, one, null)) };
  const dir = state.value?.dir ?? stateDir ?? join(root, '.implement');
  const asked = state.value === null && stateDir === null ? root : dir;
  const why = await access(asked, constants.W_OK | constants.X_OK).then(
    () => null,
    (cause: NodeJS.ErrnoException) => cause.code ?? 'unknown',
  );
  const isNamed = state.value === null && stateDir !== null && why === 'ENOENT';
  const finding =
    why === null || isNamed
      ? good(name, state.value === null ? `${show(dir, cwd)}, made by the first run` : show(dir, cwd))
      : bad(
          name,
          `${show(asked, cwd)} cannot be written: ${why}`,
          'Mend its owner or mode, or name another one with --state-dir.',
        );
  return { state: state.value, findings: [finding] };
}

const GIB = 1 << 30;

async function disk(root: string): Promise<Finding> {
  const found = await statfs(root).catch(() => null);
  if (found === null) return warn('disk', 'nobody can tell how much is free', null);
  const free = found.bavail * found.bsize;
  const hint = 'Make room: journals, logs and worktrees are written while tasks run.';
  if (free < GIB / 10) return bad('disk', `${Math.floor(free / (1 << 20))} MiB free`, hint);
  const shown = `${Math.floor((free / GIB) * 10) / 10} GiB free`;
  return free < GIB ? warn('disk', shown, hint) : good('disk', shown);
}

async function lookAtRuns(state: StateDir, file: TaskFile | null): Promise<Finding[]> {
  const owner = await lockOwner(state.dir);
  const findings: Finding[] = [];
  if (owner !== null) {
    const { run, pid, host } = owner.owner;
    if (owner.liveness !== 'dead') return [good('lock', `run ${run} is alive: process ${pid} on ${host}`)];
    findings.push(
      warn('lock', `run ${run} was cut off and left its lock`, 'The next run takes it over: implement --continue'),
    );
  }
  const past = file === null ? null : await pastOf(state, projectOf(file).file);
  if (past?.ok === false) findings.push(...past.diagnostics.map((one) => ofDiagnostic('last run', one, null)));
  const history = past?.ok === true ? (past.value?.history ?? null) : null;
  if (history === null) return findings;
  const how = history.status === 'running' ? 'was cut off' : `is not finished (${history.status})`;
  findings.push(
    history.status === 'complete'
      ? good('last run', `${history.run} is complete`)
      : warn('last run', `${history.run} ${how}`, 'To go on with it: implement --continue'),
  );
  return findings;
}

async function lookAtLeftovers(
  root: string,
  located: Located | null,
  around: Around & Pick<UpkeepAround, 'settings' | 'stateDir'>,
): Promise<Finding[]> {
  if (located === null) return [];
  const name = 'leftovers';
  try {
    const found = await find({ ...around, branch: null, onEngine: () => {}, refuse: () => 0 }, root);
    if (!found.ok || found.value.located === null) return [];
    const { state, folder } = found.value;
    const owner = state === null ? null : await lockOwner(state.dir);
    if (owner !== null && owner.liveness !== 'dead') return [];
    const targets = new Map((state === null ? [] : await pastRuns(state)).map((one) => [one.run, one.target]));
    const left = await survey({
      located,
      folder,
      isRun: isRunId,
      targetOf: (run) => targets.get(run) ?? null,
      discard: false,
    });
    if (left.length === 0) return [good(name, 'no worktrees or branches of ended runs')];
    const count = (kind: 'worktree' | 'branch'): number => left.filter((one) => one.kind === kind).length;
    const branches = count('branch');
    const what = `${counted(count('worktree'), 'worktree')} and ${branches} ${branches === 1 ? 'branch' : 'branches'} of ended runs`;
    return [
      warn(name, what, 'implement clean --dry-run shows them; implement clean removes what holds no unmerged work.'),
    ];
  } catch (fault) {
    if (!(fault instanceof GitFault)) throw fault;
    return [warn(name, fault.message, null)];
  }
}

function lookAtAgents(agents: readonly FoundAgent[]): Finding[] {
  const found = agents.filter((one) => one.path !== null);
  const others = agents.filter((one) => one.path === null).map((one) => one.name);
  const rest = others.length === 0 ? [] : [good('other agents', `not on the path: ${others.join(', ')}`)];
  if (found.length === 0) {
    const hint = 'Only needed where a task is to be done by one: install it, and call it in --exec.';
    return [warn('agents', `none on the path: ${others.join(', ')}`, hint)];
  }
  const lines = found.map(({ name, path, version, fault }) =>
    fault === null
      ? good(name, `${version} (${path})`)
      : warn(name, `${path} does not tell its version: ${fault}`, `Try it by hand: ${name} --version`),
  );
  return [...lines, ...rest];
}

function ofDiagnostic(name: string, one: Diagnostic, source: SourceFile | null): Finding {
  const { line, column } = plainDiagnostic(one, source);
  const place = source === null || line === null ? '' : `${source.name}:${line}:${column}: `;
  return (one.severity === 'error' ? bad : warn)(name, `${place}${one.message.replace(/\.$/, '')}`, one.hint);
}
