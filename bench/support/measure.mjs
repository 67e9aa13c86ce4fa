/** Measuring processes and functions in interleaved rounds. Knows nothing of what is measured. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { usageHook } from './paths.mjs';

/**
 * One process from its start to its exit.
 *
 * @param argv program and arguments; its output goes nowhere.
 * @param usage a folder for a temporary file: also measures what a Node process used by itself, and its peak memory.
 * @returns {{ms: number, cpuMs: number, ownMs?: number, peakMiB?: number}} wall time, CPU time with all children, CPU
 *   time without them.
 */
export function runProcess(argv, { cwd, env = process.env, usage = null, expect = 0 } = {}) {
  const file = usage === null ? null : join(usage, 'usage.json');
  const hooked = file === null ? argv : [argv[0], '--require', usageHook, ...argv.slice(1)];
  // bash measures the CPU time of a process and its children to the millisecond.
  const timed = ['-c', 'TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null 2>/dev/null', 'time', ...hooked];
  const child = spawnSync('bash', timed, {
    cwd,
    env: file === null ? env : { ...env, BENCH_USAGE: file },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (child.status !== expect) throw new Error(`${argv.join(' ')}: exit code ${child.status}`);
  const [wall, user, system] = child.stderr.trim().split(' ').map(Number);
  const result = { ms: wall * 1000, cpuMs: (user + system) * 1000 };
  if (file === null) return result;
  const { cpuMs, peakMiB } = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  return { ...result, ownMs: cpuMs, peakMiB };
}

/** Peak memory of a program that is no Node process, in MiB; `null` without GNU time. */
export function peakOf(argv, options) {
  if (!existsSync('/usr/bin/time')) return null;
  const child = spawnSync('/usr/bin/time', ['-f', '%M', ...argv], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  return Number(child.stderr.trim().split('\n').at(-1)) / 1024;
}

/**
 * Runs all cases once per round, each round beginning with another one, after one round that is not counted.
 *
 * @param cases `{name: () => measured}`; what a case gives is an object of numbers, or a promise of one.
 * @returns per name the measured objects, round by round.
 */
export async function interleave(cases, rounds, { warm = true } = {}) {
  const names = Object.keys(cases);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = warm ? -1 : 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + Math.max(round, 0)) % names.length];
      const measured = await cases[name]();
      if (round >= 0) results[name].push(measured);
    }
  }
  return results;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median of one figure of a case. */
export const middle = (results, key) => median(results.map((one) => one[key]));

/** Median of the ratios of one figure, round by round: what disturbs a round disturbs both. */
export const ratio = (results, to, key) => median(results.map((one, round) => one[key] / to[round][key]));

export const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
