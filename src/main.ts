/** From a parsed command line to an exit code: finds the file, picks command and reporter, prints what went wrong. */

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reporters } from './builtins.ts';
import { BAD_INPUT, type CommandIo, OK, printDiagnostics, refusal } from './commands/command.ts';
import { type Configured, configuredFor } from './configured.ts';
import { noPaint, type Paint } from './core/caret.ts';
import { commandLine, type Place } from './core/command-line.ts';
import { type Diagnostic, error } from './core/diagnostic.ts';
import { type Plan, withoutSecrets } from './core/plan.ts';
import { cleaner, redactor } from './core/redact.ts';
import type { SourceFile } from './core/source.ts';
import { nearest } from './core/suggest.ts';
import type { Engine } from './engine.ts';
import { type Call, isUpkeep } from './options.ts';
import type { LookedBack } from './past.ts';
import { findTaskFile, projectRoot, show, type TaskFile } from './project.ts';
import { read } from './read.ts';
import type { Output, Screen } from './reporters/reporter.ts';
import { usesIn } from './uses.ts';
import { systemClock } from './util/clock.ts';

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly output: Output;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Makes the live part of the terminal; asked for only on one. `null` where nothing can be drawn. */
  readonly screen: (() => Promise<Screen>) | null;
  onEngine(engine: Pick<Engine, 'interrupt'>): void;
}

export async function main(call: Call, around: Surroundings): Promise<number> {
  const { command, flags } = call;
  const clean = cleaner(around.env);
  const redact = redactor(around.env);
  // Whatever is printed, from whichever room: values of secret variables do not reach a terminal or a pipe.
  const output: Output = {
    out: (text) => around.output.out(redact(text)),
    err: (text) => around.output.err(redact(text)),
  };
  const { color } = flags;
  // What is wrong before the configuration is known is painted as the flags say.
  let paint = paintFor(color ?? 'auto', around.errIsTerminal, around.env);
  let io: CommandIo = {
    output,
    paint: paintFor(color ?? 'auto', around.outIsTerminal, around.env),
    cwd: around.cwd,
    clean,
  };
  const refuse = (diagnostics: readonly Diagnostic[], source: SourceFile | null): number => {
    const cleaned = diagnostics.map((one) => ({
      ...one,
      message: clean(one.message),
      hint: one.hint === null ? null : clean(one.hint),
    }));
    if (flags.json === true) output.out(refusal(cleaned, source));
    else printDiagnostics({ ...io, paint }, cleaned, source);
    return BAD_INPUT;
  };
  const cwd = flags.cwd === undefined ? around.cwd : resolve(around.cwd, flags.cwd);
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    return refuse(
      [error('usage', `There is no directory ${clean(cwd)}.`, null, { hint: '-C takes a directory.' })],
      null,
    );
  }
  if (command === 'doctor' || command === 'init') {
    const own = { cwd, env: around.env, io };
    if (command === 'doctor') return import('./doctoring.ts').then(({ doctor }) => doctor(call, own));
    const done = await import('./initial.ts').then(({ init }) => init(call, own));
    return done.ok ? done.value : refuse(done.diagnostics, null);
  }
  if (isUpkeep(command)) {
    const here = await configuredFor(null, flags, { cwd, env: around.env, clean });
    if (!here.ok) return refuse(here.diagnostics, here.source);
    const { effective, options, settings, stateDir } = here.value;
    const { upkeep } = await import('./upkeep.ts');
    const own = { ...io, paint: paintFor(color ?? effective.values.color, around.outIsTerminal, around.env) };
    return upkeep(call, {
      cwd,
      env: around.env,
      io: own,
      settings,
      stateDir,
      branch: options.branch,
      onEngine: around.onEngine,
      refuse,
    });
  }
  const goesOn = call.file === null && (command === 'status' || flags.continue === true || flags.resume === true);
  let { file: named } = call;
  if (goesOn) {
    const here = await configuredFor(null, flags, { cwd, env: around.env, clean });
    if (!here.ok) return refuse(here.diagnostics, here.source);
    named = await lastFile(cwd, here.value.stateDir);
  }
  const found = findTaskFile(named, cwd, around.env);
  // What is set can be shown where there is no task file yet.
  const isBare = !found.ok && command === 'config' && named === null;
  if (!found.ok && !isBare) return refuse(found.diagnostics, null);
  const configuring = await configuredFor(found.ok ? found.value : null, flags, { cwd, env: around.env, clean });
  if (!configuring.ok) return refuse(configuring.diagnostics, configuring.source);
  const { effective, options, settings, stateDir } = configuring.value;
  if (color === undefined) {
    paint = paintFor(effective.values.color, around.errIsTerminal, around.env);
    io = { ...io, paint: paintFor(effective.values.color, around.outIsTerminal, around.env) };
  }
  if (command === 'config' || !found.ok) {
    const { configCommand } = await import('./commands/config.ts');
    return configCommand({ effective, showOrigin: flags.showOrigin === true, json: flags.json === true }, io);
  }
  const file = found.value;
  if (command === 'run' && flags.dryRun !== true)
    return run(call, file, configuring.value, { ...around, output, cwd }, paint, refuse);
  const plan = withoutSecrets(read(file.name, file.text, { deps: options.deps }), redact);
  switch (command) {
    case 'run':
    case 'plan': {
      const { planCommand } = await import('./commands/plan.ts');
      const needsHistory = flags.filter?.some((filter) => /failed/i.test(filter)) === true;
      const history = needsHistory ? await lookBack(file, stateDir) : null;
      return planCommand(
        {
          plan,
          filter: flags.filter ?? [],
          only: flags.only === true,
          overlap: options.overlap,
          slots: flags.jobs ?? (options.parallel ? options.jobs : null),
          parallel: options.parallel,
          uses: await usesIn(plan, settings),
          json: flags.json === true,
          verbose: flags.verbose === true,
          failed: new Set(history?.history?.failed.keys() ?? []),
        },
        { ...io, paint: io.paint },
      );
    }
    case 'explain': {
      const { explainCommand } = await import('./commands/explain.ts');
      if (plan.tasks.length === 0) return refuse(plan.diagnostics, plan.source);
      const uses = await usesIn(plan, settings);
      return explainCommand({ plan, uses, id: call.id ?? '', json: flags.json === true }, io);
    }
    case 'prompt':
      return prompt(call, file, configuring.value, plan, { ...around, output, cwd }, io, refuse);
    case 'graph':
      return graph(call, plan, stateDir, file, { ...io, cwd }, refuse);
    case 'status': {
      const { statusCommand } = await import('./commands/status.ts');
      const past = await import('./past.ts').then((room) => room.lookBack(file, stateDir));
      if (!past.ok) return refuse(past.diagnostics, plan.source);
      const live = await liveOwner(past.value);
      return statusCommand(
        {
          plan,
          history: past.value.history,
          live,
          json: flags.json === true,
          continueCommand: commandLine(['--continue'], placeOf(file, cwd, flags)),
        },
        io,
      );
    }
  }
}

/** The task file of the last run in the project round `cwd`, or `null`: what `--continue` means without a file. */
async function lastFile(cwd: string, stateDir: string | null): Promise<string | null> {
  const root = projectRoot(join(cwd, 'tasks.md'));
  const { lastFileOf } = await import('./past.ts');
  const file = await lastFileOf(root, stateDir);
  return file === null || !existsSync(join(root, file)) ? null : join(root, file);
}

async function lookBack(file: TaskFile, stateDir: string | null) {
  const past = await import('./past.ts').then((room) => room.lookBack(file, stateDir));
  return past.ok ? past.value : null;
}

/** The settings of prompts with the project's own layout; its faults are refused before anything runs. */
async function promptSettings(
  file: TaskFile,
  { settings }: Configured,
  flags: Call['flags'],
  { cwd, env }: Pick<Surroundings, 'cwd' | 'env'>,
) {
  const { templateFor } = await import('./prompting.ts');
  const read = templateFor(file, flags.config ?? null, cwd, cleaner(env));
  return read.ok ? { ok: true as const, prompt: { ...settings.prompt, template: read.template } } : read;
}

async function prompt(
  call: Call,
  file: TaskFile,
  configuration: Configured,
  plan: Plan,
  around: Surroundings,
  io: CommandIo,
  refuse: Refuse,
): Promise<number> {
  const { flags } = call;
  const errors = plan.diagnostics.filter((one) => one.severity === 'error');
  if (errors.length > 0) return refuse(errors, plan.source);
  const id = call.id ?? '';
  const task = plan.tasks.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (task === undefined) {
    const near = nearest(id, plan.byId.keys());
    const hint = near === null ? null : `Did you mean ${near}?`;
    return refuse(
      [error('unknown-id', `There is no task ${io.clean(id)} in ${plan.source.name}.`, null, { hint })],
      null,
    );
  }
  const settings = await promptSettings(file, configuration, flags, around);
  if (!settings.ok) return refuse(settings.diagnostics, settings.source);
  const past = await import('./past.ts').then((room) => room.lookBack(file, configuration.stateDir));
  if (!past.ok) return refuse(past.diagnostics, plan.source);
  const live = (await liveOwner(past.value)) !== null;
  const { promptCommand } = await import('./commands/prompt.ts');
  const { json = false, verbose = false } = flags;
  return promptCommand(
    { plan, task, past: past.value, live, tasksFile: file.path, settings: settings.prompt, json, verbose },
    io,
  );
}

/** The process that works on the last run now, in words, or `null`. */
async function liveOwner({ state, history }: LookedBack): Promise<string | null> {
  if (state === null) return null;
  const { lockOwner } = await import('./journal/lock.ts');
  const owner = await lockOwner(state.dir);
  const isLive = owner !== null && owner.liveness !== 'dead' && owner.owner.run === history?.run;
  return isLive ? `process ${owner.owner.pid} on ${owner.owner.host}` : null;
}

type Refuse = (diagnostics: readonly Diagnostic[], source: SourceFile | null) => number;

async function graph(
  call: Call,
  plan: Plan,
  stateDir: string | null,
  file: TaskFile,
  io: CommandIo,
  refuse: Refuse,
): Promise<number> {
  const { flags } = call;
  const errors = plan.diagnostics.filter((one) => one.severity === 'error');
  if (errors.length > 0) return refuse(errors, plan.source);
  const { drawGraph, formatOf, statesOf } = await import('./commands/graph.ts');
  const format = formatOf(flags.json === true ? 'json' : (flags.format ?? 'mermaid'));
  if (!format.ok) return refuse(format.diagnostics, null);
  const past = await lookBack(file, stateDir);
  const text = await drawGraph(plan, format.value, statesOf(plan, past?.history ?? null));
  if (flags.output === undefined) {
    io.output.out(text.replace(/\n$/, ''));
    return OK;
  }
  const path = resolve(io.cwd, flags.output);
  try {
    writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return refuse([error('usage', `${show(path, io.cwd)} cannot be written: ${why}.`, null)], null);
  }
  io.output.err(`Wrote ${show(path, io.cwd)}`);
  return OK;
}

/** The flags that name places, for command lines that are suggested. */
function saidIn(flags: Call['flags']): Omit<Place, 'file'> {
  return { stateDir: flags.stateDir ?? null, cwd: flags.cwd ?? null, config: flags.config ?? null };
}

function placeOf(file: TaskFile, cwd: string, flags: Call['flags']): Place {
  return { file: file.path === join(cwd, 'tasks.md') ? null : file.name, ...saidIn(flags) };
}

async function run(
  call: Call,
  file: TaskFile,
  configuration: Configured,
  around: Surroundings,
  paint: Paint,
  refuse: Refuse,
): Promise<number> {
  const { flags } = call;
  const { effective, given, configured, settings, stateDir } = configuration;
  const { run: runTasks } = await import('./run.ts');
  const named = effective.values.reporter;
  if (named !== null && !(named in reporters)) {
    const near = nearest(named, Object.keys(reporters));
    const hint = `There are: ${Object.keys(reporters).join(', ')}.${near === null ? '' : ` Did you mean ${near}?`}`;
    return refuse([error('usage', `There is no reporter ${named}.`, null, { hint })], null);
  }
  const prompts = await promptSettings(file, configuration, flags, around);
  if (!prompts.ok) return refuse(prompts.diagnostics, prompts.source);
  const isLive =
    around.screen !== null &&
    around.errIsTerminal &&
    flags.json !== true &&
    around.env['TERM'] !== 'dumb' &&
    (around.env['CI'] ?? '') === '' &&
    flags.quiet !== true;
  const automatic = flags.json === true ? 'json' : isLive ? 'live' : 'plain';
  const create = await reporters[(named as keyof typeof reporters | null) ?? automatic]();
  const reporter = create({
    output: around.output,
    paint,
    verbosity: flags.quiet === true ? -1 : flags.verbose === true ? 1 : 0,
    screen: isLive ? await around.screen() : null,
    clean: cleaner(around.env),
    now: () => systemClock.now(),
  });
  const ended = await runTasks(
    {
      file,
      resume: flags.continue === true || flags.resume === true,
      given,
      configured,
      settings: { ...settings, prompt: prompts.prompt },
      stateDir,
      said: saidIn(flags),
      graceMs: effective.values.grace,
      version: around.version,
    },
    { cwd: around.cwd, env: around.env, clock: systemClock, reporter, onEngine: around.onEngine },
  );
  if (ended.ok) return ended.value.exitCode;
  const plan = read(file.name, file.text, { deps: 'all' });
  return refuse(ended.diagnostics, plan.source);
}

/** Colour codes, or none: `--color`, `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`, and whether the stream is a terminal. */
function paintFor(when: 'auto' | 'always' | 'never' | boolean, isTerminal: boolean, env: Surroundings['env']): Paint {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0';
  const barred = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const isOn = when === 'always' || (when === 'auto' && !barred && (forced || isTerminal));
  if (!isOn) return noPaint;
  const code = (open: number, close: number) => (text: string) => `\u001B[${open}m${text}\u001B[${close}m`;
  return { error: code(31, 39), warning: code(33, 39), info: code(32, 39), dim: code(2, 22), bold: code(1, 22) };
}
