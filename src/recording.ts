/**
 * The evidence records of a session: what its events make known, and what an earlier session did not get to write.
 * Puts journal and records together; what is in a record is decided in `core/record.ts`.
 */
import type { RunEvent } from './core/event.ts';
import { createRecorder, type EvidenceRecord } from './core/record.ts';
import { readJournal } from './journal/event-log.ts';
import { createRecordWriter } from './journal/records.ts';
import type { StateDir } from './journal/state-dir.ts';

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export interface Recording {
  /** An event of this session, once it is in the journal. */
  hear(event: RunEvent): void;
  /** Resolves once all records are written. Never rejects. */
  flush(): Promise<void>;
}

/**
 * Opens the records of a run whose journal is on disk as far as it goes; what is missing is written from it.
 * @param front verification of the task file's front matter, secrets out.
 */
export async function openRecording(
  state: StateDir,
  run: string,
  front: string | null,
  onError: (path: string, fault: unknown) => void,
): Promise<Recording> {
  const recorder = createRecorder({ front, isoTime });
  const writer = createRecordWriter(state, onError);
  const journal = await readJournal(state.journalPath(run));
  const last = new Map<string, EvidenceRecord>();
  for (const event of journal.ok ? journal.value.events : []) {
    const record = recorder(event);
    if (record !== null) last.set(record.task, record);
  }
  for (const record of last.values()) writer.write(record, true);
  return {
    hear(event) {
      const record = recorder(event);
      if (record !== null) writer.write(record);
    },
    flush: () => writer.flush(),
  };
}
