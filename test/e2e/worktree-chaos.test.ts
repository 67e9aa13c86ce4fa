/** Runs with worktrees, killed with -9 at random moments and continued: the history is that of a serial run. */
import { expect, test } from 'vitest';
import { replayMany } from '../support/worktree-chaos.ts';

/** In ms; only a hang reaches it. */
const LIMIT = 3_600_000;

/** Another seed gives other plans and other moments. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 1) * 1000;
const RUNS = process.env['IMPLEMENT_LONG'] === '1' ? 100 : 10;

test(
  `${RUNS} random plans`,
  async () => {
    const toll = await replayMany(SEED, RUNS);
    expect(toll.runs).toBe(RUNS);
    // They hit where it hurts.
    expect(toll.kills).toBeGreaterThan(RUNS);
    expect(toll.publishing).toBeGreaterThan(0);
    expect(toll.conflicts).toBeGreaterThan(0);
  },
  LIMIT,
);
