/** The tables of what is built in. A new dialect, runner, reporter, picture or backend is one file and one line here. */
import { checklist } from './dialects/checklist.ts';
import type { Dialect } from './dialects/dialect.ts';
import { specKit } from './dialects/spec-kit.ts';

/** Tried in this order; the last one reads any text. */
export const dialects: readonly Dialect[] = [specKit, checklist];
