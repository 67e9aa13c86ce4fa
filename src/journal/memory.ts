/** A journal that keeps its events in memory, for tests. Can be told to fail. */
import type { RunEvent } from '../core/event.ts';
import type { Journal } from './journal.ts';

export interface MemoryJournal extends Journal {
  /** What was appended, in order. */
  readonly events: readonly RunEvent[];
  readonly closed: boolean;
}

export interface MemoryJournalOptions {
  /** The append (from 1) that fails; every later one fails likewise, as in the file. */
  readonly failAt?: number;
  readonly fault?: Error;
}

/** A journal without a file; `append` resolves in a later microtask, as the real one does. */
export function memoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  const events: RunEvent[] = [];
  const failAt = options.failAt ?? Number.POSITIVE_INFINITY;
  const fault = options.fault ?? Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  let calls = 0;
  let closed = false;
  return {
    events,
    get closed() {
      return closed;
    },
    async append(event) {
      if (closed) throw new Error('the journal is closed');
      calls += 1;
      if (calls >= failAt) throw fault;
      // As JSON, so that what could not be read back fails here.
      events.push(JSON.parse(JSON.stringify(event)) as RunEvent);
    },
    async close() {
      closed = true;
    },
  };
}
