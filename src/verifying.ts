/** `implement verify` as a command: finds the file, takes the lock where boxes are to be opened, shows what was found. */
import { randomInt } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { BAD_INPUT, printDiagnostics } from './commands/command.ts';
import { verifyCommand } from './commands/verify.ts';
import { commandLine, shellWord } from './core/command-line.ts';
import { ok, type Result } from './core/diagnostic.ts';
import { withoutSecrets } from './core/plan.ts';
import { oneLine, redactor } from './core/redact.ts';
import { openHook } from './evidence-hook.ts';
import { acquireLock, type Lock } from './journal/lock.ts';
import { newRunId } from './journal/run-id.ts';
import { openStateDir } from './journal/state-dir.ts';
import type { Call } from './options.ts';
import { stateOptions } from './past.ts';
import { projectOf, readTaskFile } from './project.ts';
import { openBoxes, prove } from './proving.ts';
import { read } from './read.ts';
import { endOrphans } from './runners/process.ts';
import { find, taskFileFor, type UpkeepAround } from './surroundings.ts';
import { systemClock } from './util/clock.ts';

const ENDED_GRACE_MS = 5000;
/** 128 + the number of the signal, as shells have it. */
const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const random = (): number => randomInt(0, 2 ** 32) / 2 ** 32;

/** Errors (nothing was changed): those of the task file, `evidence`, `git`, `locked` and those of the state directory. */
export async function verify(call: Call, around: UpkeepAround): Promise<Result<number>> {
  const named = await taskFileFor(call.file, around);
  if (!named.ok) return named;
  const { root } = projectOf(named.value);
  if (call.flags.fix !== true) return look(call, around, named.value.path, null);
  const opened = await openStateDir(root, stateOptions(around.stateDir));
  if (!opened.ok) return opened;
  const now = systemClock.now();
  const lock = await acquireLock(opened.value.dir, { run: newRunId(now, random), since: now });
  if (!lock.ok) return lock;
  try {
    return await look(call, around, named.value.path, lock.value);
  } finally {
    await lock.value.release();
  }
}

/** @param lock held while boxes may be opened; `null`: none will be. */
async function look(call: Call, around: UpkeepAround, path: string, lock: Lock | null): Promise<Result<number>> {
  const { cwd, env, io } = around;
  const { flags } = call;
  // What a killed run left running could go on writing.
  if (lock?.takenFrom != null) await endOrphans(lock.takenFrom.run, [], ENDED_GRACE_MS, systemClock);
  const file = readTaskFile(path, cwd);
  if (!file.ok) return file;
  const plan = read(file.value.name, file.value.text, { deps: 'all' });
  const shown = withoutSecrets(plan, redactor(env)).source;
  const errors = plan.diagnostics.filter((one) => one.severity === 'error');
  if (errors.length > 0) return ok(around.refuse(errors, shown));
  const { root } = projectOf(file.value);
  const found = await find(around, root);
  if (!found.ok) return found;
  const { located, state } = found.value;
  const command = flags.evidenceHook ?? env['EVIDENCE_HOOK'] ?? '';
  const hook =
    command.trim() === ''
      ? null
      : openHook({
          command,
          plan,
          root,
          tasksFile: file.value.path,
          run: newRunId(systemClock.now(), random),
          env,
          clock: systemClock,
          clean: io.clean,
          onEngine: around.onEngine,
        });
  try {
    const proof = await prove({
      file: file.value,
      plan,
      located,
      state,
      revision: located?.head ?? null,
      branch: located?.branch?.replace(/^refs\/heads\//, '') ?? 'HEAD',
      hook,
      onAnswer(task, { holds, output }) {
        if (output === '' || (holds && flags.quiet === true)) return;
        io.output.err(`${oneLine(io.clean(task.id))} evidence hook:`);
        for (const line of output.split('\n')) io.output.err(`  ${io.paint.dim('│')} ${line}`);
      },
    });
    if (!proof.ok) return ok(around.refuse(proof.diagnostics, shown));
    if (hook !== null && hook.signal !== null) return ok(SIGNAL_CODES[hook.signal] ?? BAD_INPUT);
    const fixed =
      lock === null ? { proof: proof.value, warnings: [] } : await openBoxes({ file: file.value, plan }, proof.value);
    printDiagnostics(io, [...proof.warnings, ...fixed.warnings], shown);
    const near = file.value.path === join(realpathSync(cwd), 'tasks.md') ? [] : [shellWord(file.value.name)];
    const said = { stateDir: flags.stateDir ?? null, cwd: flags.cwd ?? null, config: flags.config ?? null, file: null };
    return ok(
      verifyCommand(
        {
          proof: fixed.proof,
          source: shown,
          fix: lock !== null,
          json: flags.json === true,
          verbose: flags.verbose === true,
          fixCommand: commandLine(['verify', '--fix', ...near], said),
        },
        io,
      ),
    );
  } finally {
    hook?.close();
  }
}
