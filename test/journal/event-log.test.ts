import { fdatasync, write } from 'node:fs';
import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/diagnostic.ts';
import { JOURNAL_FORMAT, type RunEvent } from '../../src/core/event.ts';
import { type JournalDisk, openJournal, readJournal } from '../../src/journal/event-log.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { STARTED, someEvents } from './events.ts';
import { temporary } from './temp.ts';

const folder = temporary();

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics.map((each) => each.message).join('; '));
  return result.value;
}

function fault<T>(result: Result<T>): { code: string; message: string; hint: string | null } {
  if (result.ok) throw new Error('expected a failure');
  const { code, message, hint } = result.diagnostics[0]!;
  return { code, message, hint };
}

const textOf = (events: readonly RunEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** A disk in memory that can be held up and told to fail; counts what it is asked. */
function slowDisk(failAtWrite = Number.POSITIVE_INFINITY) {
  const groups: string[] = [];
  let syncs = 0;
  let release = () => {};
  let gate = Promise.resolve();
  const disk: JournalDisk = {
    async write(_fd, bytes) {
      await gate;
      if (groups.length + 1 >= failAtWrite) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      groups.push(Buffer.from(bytes).toString());
    },
    async sync() {
      syncs += 1;
    },
  };
  return {
    disk,
    groups,
    syncs: () => syncs,
    hold() {
      gate = new Promise((resolve) => {
        release = resolve;
      });
    },
    letGo: () => release(),
  };
}

describe('the journal as a file', () => {
  it('gives back what was appended, and is readable by its owner alone', async () => {
    const path = folder.in('runs/r1/journal.ndjson');
    const events = someEvents(9);
    const journal = value(await openJournal(path));
    for (const event of events) await journal.append(event);
    await journal.close();
    const content = value(await readJournal(path));
    expect(content.events).toEqual(events);
    expect(content.validBytes).toBe((await stat(path)).size);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder.in('runs'))).mode & 0o777).toBe(0o700);
  });

  it('keeps the order of calls when many append at once', async () => {
    const path = folder.in('journal.ndjson');
    const events = someEvents(500);
    const journal = value(await openJournal(path));
    const ends: number[] = [];
    await Promise.all(events.map((event) => journal.append(event).then(() => ends.push(event.seq))));
    await journal.close();
    expect(value(await readJournal(path)).events).toEqual(events);
    expect(ends).toEqual(events.map((event) => event.seq));
  });

  it('writes together what is appended while a write is under way', async () => {
    const slow = slowDisk();
    const journal = value(await openJournal(folder.in('j'), { disk: slow.disk }));
    const events = someEvents(50);
    slow.hold();
    const appended = events.slice(0, 2).map((event) => journal.append(event));
    await new Promise(setImmediate);
    appended.push(...events.slice(2).map((event) => journal.append(event)));
    slow.letGo();
    await Promise.all(appended);
    await journal.close();
    expect(slow.groups.map((group) => group.split('\n').length - 1)).toEqual([2, 48]);
    expect(slow.syncs()).toBe(2);
    expect(slow.groups.join('')).toBe(textOf(events));
  });

  it('syncs far less often than it appends, with eight in flight on the real disk', async () => {
    const path = folder.in('journal.ndjson');
    let syncs = 0;
    const writeAll = promisify(write) as (fd: number, bytes: Uint8Array) => Promise<unknown>;
    const disk: JournalDisk = {
      async write(fd, bytes) {
        await writeAll(fd, bytes);
      },
      async sync(fd) {
        syncs += 1;
        await promisify(fdatasync)(fd);
      },
    };
    const journal = value(await openJournal(path, { disk }));
    const events = someEvents(400);
    let next = 0;
    // Each lane appends its next event only when its last one is safe, as a running task does.
    const lane = async () => {
      for (let event = events[next++]; event !== undefined; event = events[next++]) await journal.append(event);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    await journal.close();
    expect(value(await readJournal(path)).events).toEqual(events);
    expect(syncs).toBeLessThan(events.length / 2);
  });

  it('does not resolve before the sync', async () => {
    let synced = () => {};
    const disk: JournalDisk = {
      write: async () => {},
      sync: () =>
        new Promise((resolve) => {
          synced = resolve;
        }),
    };
    const journal = value(await openJournal(folder.in('j'), { disk }));
    let done = false;
    const appended = journal.append(someEvents(1)[0]!).then(() => {
      done = true;
    });
    await new Promise(setImmediate);
    expect(done).toBe(false);
    synced();
    await appended;
    await journal.close();
  });

  it('rejects everything after a failed write, and writes nothing more', async () => {
    const slow = slowDisk(2);
    const journal = value(await openJournal(folder.in('j'), { disk: slow.disk }));
    const [first, ...rest] = someEvents(5);
    await journal.append(first!);
    slow.hold();
    const pending = rest.slice(0, 2).map((event) => journal.append(event));
    await new Promise(setImmediate);
    pending.push(journal.append(rest[2]!));
    slow.letGo();
    const ends = await Promise.allSettled(pending);
    expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual(['ENOSPC', 'ENOSPC', 'ENOSPC']);
    await expect(journal.append(rest[3]!)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(slow.groups).toEqual([textOf([first!])]);
    await journal.close();
  });

  it('waits for what is under way when it is closed, and refuses later events', async () => {
    const path = folder.in('journal.ndjson');
    const journal = value(await openJournal(path));
    const events = someEvents(3);
    const appended = events.map((event) => journal.append(event));
    await journal.close();
    await journal.close();
    await Promise.all(appended);
    expect(value(await readJournal(path)).events).toEqual(events);
    await expect(journal.append(events[0]!)).rejects.toThrow('closed');
  });

  it('opens a new journal only where there is none', async () => {
    const path = folder.in('journal.ndjson');
    await writeFile(path, textOf(someEvents(2)));
    expect(fault(await openJournal(path)).code).toBe('state-broken');
    expect(fault(await openJournal(path, { truncateTo: 1_000_000 })).message).toContain('shorter');
    expect(fault(await openJournal(folder.path)).message).toMatch(/cannot open .*EISDIR/);
  });
});

describe('reading a journal', () => {
  it('reads a journal torn at any byte as a prefix, and goes on from there', async () => {
    const events = someEvents(6);
    const whole = Buffer.from(textOf(events));
    const path = folder.in('journal.ndjson');
    await writeFile(path, whole);
    for (let cut = whole.length; cut >= 0; cut--) {
      await truncate(path, cut);
      const content = value(await readJournal(path));
      const complete = whole.subarray(0, cut).lastIndexOf(10) + 1;
      expect(content.validBytes).toBe(complete);
      expect(textOf(content.events)).toBe(whole.toString('utf8', 0, complete));
      if (cut % 97 !== 0) continue;
      const journal = value(await openJournal(path, { truncateTo: content.validBytes }));
      for (const event of events.slice(content.events.length)) await journal.append(event);
      await journal.close();
      expect(await readFile(path)).toEqual(whole);
    }
  }, 60_000);

  it('drops a last line of garbage, with or without a line end', async () => {
    const events = someEvents(4);
    const path = folder.in('journal.ndjson');
    const good = textOf(events);
    const garbage = fc.uint8Array({ minLength: 1, maxLength: 40 }).filter((bytes) => !bytes.includes(10));
    await fc.assert(
      fc.asyncProperty(garbage, fc.boolean(), async (bytes, ended) => {
        const text = Buffer.from(bytes).toString('latin1');
        fc.pre(!/^\s*\{/.test(text));
        await writeFile(path, Buffer.concat([Buffer.from(good), bytes, Buffer.from(ended ? '\n' : '')]));
        expect(value(await readJournal(path))).toEqual({ events, validBytes: Buffer.byteLength(good) });
      }),
      { numRuns: 60 },
    );
    await writeFile(path, `${good}\n`);
    expect(value(await readJournal(path)).validBytes).toBe(Buffer.byteLength(good));
  });

  it('names file and line of a broken record in the middle', async () => {
    const path = folder.in('journal.ndjson');
    const lines = textOf(someEvents(5)).split('\n');
    lines[2] = lines[2]!.slice(0, 10);
    await writeFile(path, lines.join('\n'));
    expect(fault(await readJournal(path))).toMatchObject({ code: 'state-broken', message: `${path}:3: not a record` });
    await writeFile(path, `${lines.slice(0, 3).join('\n')}\ntorn`);
    expect(fault(await readJournal(path)).message).toBe(`${path}:3: not a record`);
  });

  it('refuses a sequence with a gap, an unknown kind and a beginning that is none', async () => {
    const path = folder.in('journal.ndjson');
    const events = someEvents(5);
    await writeFile(path, textOf(events.filter((event) => event.seq !== 3)));
    expect(fault(await readJournal(path)).message).toBe(`${path}:3: record 4 where 3 is due`);
    await writeFile(path, `${textOf(events)}{"seq":6,"time":1,"kind":"toString"}\n`);
    expect(fault(await readJournal(path)).message).toContain(':6: a record of an unknown kind');
    await writeFile(path, textOf(events.slice(1).map((event, index) => ({ ...event, seq: index + 1 }))));
    expect(fault(await readJournal(path)).message).toContain(':1: not the start of a run');
    expect(fault(await readJournal(folder.in('absent'))).message).toMatch(/cannot read .*ENOENT/);
  });

  it('refuses another format and says what to do', async () => {
    const path = folder.in('journal.ndjson');
    const first = { ...STARTED, format: JOURNAL_FORMAT + 1, version: '9.2.0\u001b[31m', seq: 1, time: 1 };
    await writeFile(path, `${JSON.stringify(first)}\n{"what":"ever"}\n{}\n`);
    const { code, message, hint } = fault(await readJournal(path));
    expect(code).toBe('state-version');
    expect(message).toContain('implement 9.2.031m in format 2');
    expect(hint).toContain('start anew');
  });

  it('reads long lines and many records across the borders of blocks', async () => {
    const path = folder.in('journal.ndjson');
    const events = someEvents(20_000).map((event) =>
      event.seq % 5000 === 0 && event.kind === 'box-ticked' ? { ...event, task: 'ü'.repeat(1_500_000) } : event,
    );
    await writeFile(path, textOf(events));
    await appendFile(path, '{"seq":');
    const content = value(await readJournal(path));
    expect(content.events.length).toBe(20_000);
    expect(content.events.at(-1)).toEqual(events.at(-1));
    expect(content.validBytes).toBe((await stat(path)).size - 7);
  });
});

describe('the journal in memory', () => {
  it('keeps the events and fails from the append that it was told', async () => {
    const journal = memoryJournal({ failAt: 3 });
    const events = someEvents(4);
    await journal.append(events[0]!);
    await journal.append(events[1]!);
    await expect(journal.append(events[2]!)).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(journal.append(events[3]!)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(journal.events).toEqual(events.slice(0, 2));
    await journal.close();
    expect(journal.closed).toBe(true);
    await expect(journal.append(events[3]!)).rejects.toThrow('closed');
  });
});
