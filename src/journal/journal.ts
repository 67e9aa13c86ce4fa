/** The port of the journal: the truth about a run. */
import type { RunEvent } from '../core/event.ts';

export interface Journal {
  /** Appends one event; resolves once it would survive a power cut. Order of calls is order in the file. */
  append(event: RunEvent): Promise<void>;
  close(): Promise<void>;
}
