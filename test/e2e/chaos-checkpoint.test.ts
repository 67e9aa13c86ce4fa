/** Each kill takes the journal along: only current-session.md and the boxes are left to go by. */
import { expect, test } from 'vitest';
import { surviveMany } from '../support/chaos.ts';

/** In ms; only a hang reaches it. */
const LIMIT = 600_000;

const SEED = Number(process.env['CHAOS_SEED'] ?? 1) * 1000 + 500;

test(
  '20 kills, from the checkpoint alone',
  async () => {
    const toll = await surviveMany(SEED, 20, 'journal');
    expect(toll.orphaned).toBeGreaterThan(0);
  },
  LIMIT,
);
