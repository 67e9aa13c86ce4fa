/**
 * The port of every way of writing tasks down. A dialect turns a file into drafts with places; it resolves no
 * reference and builds no graph.
 */

import type { SourceFile } from '../core/source.ts';
import type { Parsed } from '../core/task.ts';

export interface Dialect {
  readonly name: string;
  /** A cheap look at the text: could this file be of the dialect? */
  matches(source: SourceFile): boolean;
  /** Reads the file, or gives `null` where it turns out not to be of the dialect. Never throws. */
  parse(source: SourceFile): Parsed | null;
}
