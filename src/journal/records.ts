/**
 * The evidence records of a run as files: written beside its journal, read again. Knows their form; what is in one
 * follows from events (`core/record.ts`).
 */
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EvidenceRecord } from '../core/record.ts';
import { isRunId } from './run-id.ts';
import type { StateDir } from './state-dir.ts';

export interface RecordWriter {
  /** Writes it soon, in the order of the calls. `onlyNews`: leaves a file that says the same as it is. */
  write(record: EvidenceRecord, onlyNews?: boolean): void;
  /** Resolves once all of them are written or have failed. Never rejects. */
  flush(): Promise<void>;
}

/** @param onError told of the first file that cannot be written; a later session makes up for it. */
export function createRecordWriter(
  state: Pick<StateDir, 'recordPath'>,
  onError: (path: string, fault: unknown) => void,
): RecordWriter {
  let last: Promise<void> = Promise.resolve();
  let isTold = false;

  async function put(record: EvidenceRecord, onlyNews: boolean): Promise<void> {
    const path = state.recordPath(record.run, record.task);
    const text = `${JSON.stringify(record, null, 2)}\n`;
    try {
      if (onlyNews && (await readFile(path, 'utf8').catch(() => null)) === text) return;
      await replace(path, text);
    } catch (fault) {
      if (!isTold) onError(path, fault);
      isTold = true;
    }
  }

  return {
    write(record, onlyNews = false) {
      last = last.then(() => put(record, onlyNews));
    },
    flush: () => last,
  };
}

/** Old or new, never half. Not synced: after a power cut the journal is there to make it again. */
async function replace(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.new`);
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}

/** Larger files are no records. In bytes. */
const LARGEST = 16 * 1024 * 1024;

/** All records of all runs that can be read, the runs oldest first. */
export async function readRecords(state: StateDir): Promise<EvidenceRecord[]> {
  const runs = (await readdir(state.runsDir).catch(() => [])).filter(isRunId).sort();
  const records: EvidenceRecord[] = [];
  for (const run of runs) {
    const names = await readdir(state.runDir(run)).catch(() => []);
    for (const name of names.filter((one) => one.endsWith('.json') && !one.startsWith('.')).sort()) {
      const path = join(state.runDir(run), name);
      const found = await lstat(path).catch(() => null);
      if (found?.isFile() !== true || found.size > LARGEST) continue;
      const record = parse(await readFile(path, 'utf8').catch(() => ''));
      if (record !== null && record.run === run) records.push(record);
    }
  }
  return records;
}

/** `null`: no record, or not one of this form. */
function parse(text: string): EvidenceRecord | null {
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || value['schemaVersion'] !== 1) return null;
  const texts = ['task', 'title', 'file', 'run', 'end'].every((key) => typeof value[key] === 'string');
  const { commit } = value;
  const isCommit = commit === null || (typeof commit === 'string' && /^[0-9a-f]{40,64}$/.test(commit));
  return texts && isCommit ? (value as unknown as EvidenceRecord) : null;
}
