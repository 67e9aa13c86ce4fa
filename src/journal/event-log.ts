/**
 * The journal as a file: one JSON record per line, appended and synced in groups, read back as far as it is whole.
 * Knows lines, bytes and the sequence of records; knows nothing of what the events mean.
 */
import { createReadStream, fdatasync, write } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { error, fail, ok, type Result } from '../core/diagnostic.ts';
import { JOURNAL_FORMAT, type RunEvent, type RunEventBody } from '../core/event.ts';
import { faultOf, syncFolder } from './files.ts';
import type { Journal } from './journal.ts';

/** The two calls that can fail for want of space or hardware; replaced in tests. */
export interface JournalDisk {
  /** Writes all of `bytes` at the end of the file. */
  write(fd: number, bytes: Uint8Array): Promise<void>;
  /** Resolves once what was written would survive a power cut. */
  sync(fd: number): Promise<void>;
}

const writeSome = promisify(write) as (fd: number, bytes: Uint8Array) => Promise<{ bytesWritten: number }>;

const systemDisk: JournalDisk = {
  async write(fd, bytes) {
    for (let at = 0; at < bytes.length; ) at += (await writeSome(fd, bytes.subarray(at))).bytesWritten;
  },
  sync: promisify(fdatasync),
};

export interface JournalOptions {
  /**
   * Continue an existing journal after this many bytes (`validBytes` of `readJournal`); what follows is cut off.
   * Without it the journal is new: a file with records in it is refused.
   */
  readonly truncateTo?: number;
  readonly disk?: JournalDisk;
}

/**
 * Opens the journal at `path` (mode 0600, folders made as needed with 0700) for appending.
 * Appends made while one write is under way go together in the next one. After a failed write every append, pending
 * or later, rejects with that same error and nothing more is written. Errors: `state-broken`.
 */
export async function openJournal(path: string, options: JournalOptions = {}): Promise<Result<Journal>> {
  let handle: FileHandle | null = null;
  try {
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    handle = await open(path, 'a', 0o600);
    const { size } = await handle.stat();
    const keep = options.truncateTo ?? 0;
    if (size < keep || (options.truncateTo === undefined && size > 0)) {
      await handle.close();
      const what = size < keep ? `is shorter than the ${keep} bytes that were read from it` : 'has records already';
      return fail(error('state-broken', `the journal ${path} ${what}`, null, { hint: 'Is another run using it?' }));
    }
    if (size > keep) {
      await handle.truncate(keep);
      await handle.sync();
    }
    if (size === 0) await syncFolders(dirname(path), made);
    return ok(appender(handle, options.disk ?? systemDisk));
  } catch (fault) {
    await handle?.close().catch(() => {});
    return fail(error('state-broken', `cannot open the journal ${path}: ${faultOf(fault)}`, null));
  }
}

/** Syncs the journal's folder, and those above it up to the first that existed before. */
async function syncFolders(folder: string, made: string | undefined): Promise<void> {
  const top = made === undefined ? folder : dirname(made);
  for (let at = folder; ; at = dirname(at)) {
    await syncFolder(at);
    if (at === top || at === dirname(at)) return;
  }
}

interface Pending {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

function appender(handle: FileHandle, disk: JournalDisk): Journal {
  let queue: Pending[] = [];
  let draining: Promise<void> | null = null;
  let failure: { readonly fault: unknown } | null = null;
  let closed: Promise<void> | null = null;

  async function drain(): Promise<void> {
    // One turn of the microtask queue: what the caller appends in one go is written in one go.
    await null;
    while (queue.length > 0) {
      const group = queue;
      queue = [];
      try {
        await disk.write(handle.fd, Buffer.from(group.map((each) => each.line).join('')));
        await disk.sync(handle.fd);
      } catch (fault) {
        failure = { fault };
        for (const each of [...group, ...queue]) each.reject(fault);
        queue = [];
        break;
      }
      for (const each of group) each.resolve();
    }
    draining = null;
  }

  return {
    append(event) {
      if (failure !== null) return Promise.reject(failure.fault);
      if (closed !== null) return Promise.reject(new Error('the journal is closed'));
      const line = `${JSON.stringify(event)}\n`;
      return new Promise((resolve, reject) => {
        queue.push({ line, resolve, reject });
        draining ??= drain();
      });
    },
    close() {
      closed ??= (async () => {
        while (draining !== null) await draining;
        await handle.close();
      })();
      return closed;
    },
  };
}

export interface JournalContent {
  readonly events: readonly RunEvent[];
  /** Length of the part that holds these events: where to cut before appending again. */
  readonly validBytes: number;
}

/**
 * Reads a journal. A last line that is torn or no JSON is left out (it was never acknowledged); a journal that was cut
 * in its first line has no events. Linear in the file, which is never held whole.
 * Errors: `state-broken` for any other line that is no record, or a record out of sequence, named `path:line`;
 * `state-version` when the run was written in another format.
 */
export async function readJournal(path: string): Promise<Result<JournalContent>> {
  const events: RunEvent[] = [];
  let carry: Buffer[] = [];
  let position = 0;
  let garbage: { readonly line: number; readonly start: number } | null = null;
  const broken = (line: number, why: string) =>
    fail<JournalContent>(
      error('state-broken', `${path}:${line}: ${why}`, null, {
        hint: 'Start anew with `implement`: what is ticked in the task file stays done.',
      }),
    );
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      const last = chunk.lastIndexOf(10);
      if (last < 0) {
        carry.push(chunk);
        continue;
      }
      if (garbage !== null) return broken(garbage.line, 'not a record');
      const block = Buffer.concat([...carry, chunk.subarray(0, last + 1)]);
      carry = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
      const lines = block.toString('utf8').split('\n');
      lines.pop();
      for (const [index, text] of lines.entries()) {
        const number = events.length + 1;
        const record = parseRecord(text);
        if (record === null) {
          if (index < lines.length - 1) return broken(number, 'not a record');
          garbage = { line: number, start: position + startOfLine(block, index) };
          break;
        }
        const fault = number === 1 ? checkFirst(path, record) : null;
        if (fault !== null) return fail(fault);
        if (record.seq !== number) return broken(number, `record ${record.seq} where ${number} is due`);
        if (!Object.hasOwn(KINDS, record.kind)) return broken(number, 'a record of an unknown kind');
        events.push(record);
      }
      position += block.length;
    }
  } catch (fault) {
    return fail(error('state-broken', `cannot read the journal ${path}: ${faultOf(fault)}`, null));
  }
  if (garbage !== null && carry.length > 0) return broken(garbage.line, 'not a record');
  return ok({ events, validBytes: garbage?.start ?? position });
}

const KINDS: Readonly<Record<RunEventBody['kind'], true>> = {
  'run-started': true,
  'plan-read': true,
  adopted: true,
  'attempt-started': true,
  'attempt-spawned': true,
  'verification-started': true,
  'verification-waiting': true,
  'attempt-ended': true,
  'merge-resumed': true,
  'merge-started': true,
  'merge-ended': true,
  'retry-due': true,
  'box-ticked': true,
  'box-restored': true,
  undone: true,
  interrupted: true,
  'run-ended': true,
};

/** A line as a record, or `null`; only what every record has is checked. */
export function parseRecord(text: string): RunEvent | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { seq, time, kind } = value as Partial<RunEvent>;
    return Number.isInteger(seq) && typeof time === 'number' && typeof kind === 'string' ? (value as RunEvent) : null;
  } catch {
    return null;
  }
}

function checkFirst(path: string, record: RunEvent) {
  if (record.kind !== 'run-started') return error('state-broken', `${path}:1: not the start of a run`, null);
  if (record.format === JOURNAL_FORMAT) return null;
  const version =
    String(record.version)
      .replace(/[^\w.+-]/g, '')
      .slice(0, 40) || 'another version';
  const message = `${path} was written by implement ${version} in format ${Number(record.format)}; this version reads format ${JOURNAL_FORMAT}`;
  return error('state-version', message, null, {
    hint: `Finish that run with implement ${version}, or start anew with \`implement\`: what is ticked in the task file stays done.`,
  });
}

/** Offset in `block` of its line number `index`, from 0. */
function startOfLine(block: Buffer, index: number): number {
  let start = 0;
  for (let i = 0; i < index; i++) start = block.indexOf(10, start) + 1;
  return start;
}
