import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/core/session.ts';
import { replaceFile } from '../../src/journal/files.ts';
import { createSessionWriter, renderSession } from '../../src/journal/session-file.ts';
import type { Clock } from '../../src/util/clock.ts';
import { OPTIONS } from './events.ts';
import { temporary } from './temp.ts';

const folder = temporary();

const numbered = (session: number): Session => ({
  run: '20260101-120000-abcd',
  session,
  status: 'running',
  file: 'tasks.md',
  digest: '',
  options: OPTIONS,
  startedAt: 0,
  updatedAt: 0,
  elapsedMs: 0,
  tasks: [],
  verifications: [],
  blocker: null,
  action: null,
});

function handClock() {
  let now = 1000;
  let timers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(ms, wake) {
      const timer = { at: now + ms, wake };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
  };
  return {
    clock,
    timers: () => timers.length,
    set: (to: number) => {
      now = to;
    },
    async pass(ms: number) {
      now += ms;
      const due = timers.filter((each) => each.at <= now);
      timers = timers.filter((each) => each.at > now);
      for (const each of due) each.wake();
      await settle();
    },
  };
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function setUp(write?: (path: string, text: string) => Promise<void>, paths: readonly string[] = ['/a']) {
  const time = handClock();
  const writes: { path: string; session: number; at: number }[] = [];
  const errors: string[] = [];
  const writer = createSessionWriter({
    paths,
    clock: time.clock,
    async write(path, text) {
      writes.push({ path, session: Number(/^session: (\d+)$/m.exec(text)?.[1]), at: time.clock.now() });
      await write?.(path, text);
    },
    onError: (path, fault) => errors.push(`${path}: ${(fault as Error).message}`),
  });
  return { ...time, writer, writes, errors };
}

describe('the writer of current-session.md', () => {
  it('writes at once, then at most twice a second, and always the last state', async () => {
    const { writer, writes, pass } = setUp();
    let next = 1;
    const change = () => {
      const number = next++;
      writer.update(() => numbered(number));
    };
    for (let i = 0; i < 100; i++) {
      change();
      await settle();
      await pass(30);
    }
    await pass(1000);
    expect(writes[0]).toMatchObject({ session: 1, at: 1000 });
    for (const [index, each] of writes.entries()) {
      if (index > 0) expect(each.at - writes[index - 1]!.at).toBeGreaterThanOrEqual(500);
    }
    expect(writes.length).toBeGreaterThan(5);
    expect(writes.at(-1)?.session).toBe(100);
  });

  it('writes what is left at a flush without waiting, and nothing twice', async () => {
    const { writer, writes, timers } = setUp();
    writer.update(() => numbered(1));
    writer.update(() => numbered(2));
    await writer.flush();
    writer.update(() => numbered(3));
    expect(timers()).toBe(1);
    await writer.flush();
    await writer.flush();
    expect(writes.map((each) => each.session)).toEqual([1, 2, 3]);
    expect(timers()).toBe(0);
  });

  it('waits at a flush for a write that is under way, and then writes the newer state', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { writer, writes } = setUp(() => held);
    writer.update(() => numbered(1));
    await settle();
    writer.update(() => numbered(2));
    let flushed = false;
    const flush = writer.flush().then(() => {
      flushed = true;
    });
    await settle();
    expect([flushed, writes.length]).toEqual([false, 1]);
    release();
    await flush;
    expect(writes.map((each) => each.session)).toEqual([1, 2]);
  });

  it('pauses longer after a slow write, and is not put off by a clock that is set back', async () => {
    let slow = true;
    const self = setUp(async () => {
      if (slow) self.set(self.clock.now() + 100);
    });
    const { writer, writes, pass, clock } = self;
    writer.update(() => numbered(1));
    await settle();
    writer.update(() => numbered(2));
    await pass(1999);
    expect(writes.length).toBe(1);
    slow = false;
    await pass(1);
    expect(writes.length).toBe(2);
    self.set(clock.now() - 3_600_000);
    writer.update(() => numbered(3));
    await pass(500);
    expect(writes.at(-1)?.session).toBe(3);
  });

  it('tells a failure once for each file and goes on', async () => {
    const { writer, errors, writes } = setUp(
      async (path) => {
        if (path === '/bad') throw new Error('ENOSPC');
      },
      ['/bad', '/good'],
    );
    for (let i = 1; i <= 3; i++) {
      writer.update(() => numbered(i));
      await writer.flush();
    }
    expect(errors).toEqual(['/bad: ENOSPC']);
    expect(writes.filter((each) => each.path === '/good').map((each) => each.session)).toEqual([1, 2, 3]);
  });

  it('replaces the file on disk', async () => {
    const path = folder.in('current-session.md');
    const { clock } = handClock();
    const writer = createSessionWriter({ paths: [path], clock, onError: (_path, fault) => expect(fault).toBeNull() });
    writer.update(() => numbered(1));
    await writer.flush();
    expect(await readFile(path, 'utf8')).toBe(renderSession(numbered(1)));
    expect(await readdir(folder.path)).toEqual(['current-session.md']);
  });
});

describe('replacing a file', () => {
  it('keeps its mode, makes a new one private, and never writes through links', async () => {
    const path = folder.in('a.md');
    await replaceFile(path, 'one');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o640);
    await writeFile(folder.in('victim'), 'untouched');
    await symlink(folder.in('victim'), folder.in('.a.md.new'));
    await replaceFile(path, 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readFile(folder.in('victim'), 'utf8')).toBe('untouched');
    expect((await readdir(folder.path)).sort()).toEqual(['a.md', 'victim']);
  });

  it('leaves nothing behind when it fails', async () => {
    await mkdir(folder.in('a.md/sub'), { recursive: true });
    await expect(replaceFile(folder.in('a.md'), 'x')).rejects.toThrow();
    expect(await readdir(folder.path)).toEqual(['a.md']);
    await expect(replaceFile(folder.in('absent/a.md'), 'x')).rejects.toThrow('ENOENT');
  });
});
