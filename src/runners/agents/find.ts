/** Which agents are installed: looks for their programs where a process would. Starts nothing. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { error, fail, ok, type Result } from '../../core/diagnostic.ts';
import { nearest } from '../../core/suggest.ts';
import type { Agent } from './agent.ts';
import { agents } from './all.ts';

/**
 * The agent of this name, or for `auto` the first that is installed. Errors: an unknown name, a program that is not
 * there.
 *
 * @param path the variable `PATH`.
 */
export function findAgent(name: string, path: string): Result<Agent> {
  if (name === 'auto') {
    const first = agents.find((one) => isInstalled(one, path));
    if (first !== undefined) return ok(first);
    return fail(
      error('usage', 'No coding agent is installed.', null, {
        hint: `Known are: ${names().join(', ')}. For one of them: ${agents[0]?.install}`,
      }),
    );
  }
  const agent = agents.find((one) => one.name === name);
  if (agent === undefined) {
    const near = nearest(name, ['auto', ...names()]);
    return fail(
      error('usage', `There is no agent ${name}.`, null, {
        hint: near === null ? `There are: auto, ${names().join(', ')}.` : `Did you mean ${near}?`,
      }),
    );
  }
  if (isInstalled(agent, path)) return ok(agent);
  return fail(
    error('usage', `The agent ${name} is not installed: there is no program ${agent.programs[0]}.`, null, {
      hint: `To install it: ${agent.install}`,
    }),
  );
}

function names(): readonly string[] {
  return agents.map((one) => one.name);
}

function isInstalled({ programs }: Agent, path: string): boolean {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => isProgram(join(folder, programs[0] as string)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
