/** The real command, killed with -9 at random moments and continued: nothing is lost, nothing repeated, no orphan left. */
import { expect, test } from 'vitest';
import { surviveMany } from '../support/chaos.ts';

/** In ms; only a hang reaches it. */
const LIMIT = 600_000;

/** Another seed gives other plans and other moments. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 1) * 1000;

test(
  '50 kills, with the journal',
  async () => {
    const toll = await surviveMany(SEED, 50, 'nothing');
    // They hit where it hurts: processes were left behind, tasks cut off that had ticked their own box.
    expect(toll.orphaned).toBeGreaterThan(0);
    expect(toll.ticking).toBeGreaterThan(0);
  },
  LIMIT,
);
