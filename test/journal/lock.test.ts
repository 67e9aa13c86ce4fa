import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/diagnostic.ts';
import { acquireLock, type Lock, lockOwner, type ProcessIdentity, processIdentity } from '../../src/journal/lock.ts';
import { temporary } from './temp.ts';

const folder = temporary();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const here = await processIdentity();
const onLinux = process.platform === 'linux';

/** A process that lives until it is killed. */
async function living(): Promise<{ identity: ProcessIdentity; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
  children.push(child);
  await once(child.stdout, 'data');
  const pid = child.pid!;
  const fields = onLinux ? (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ') : [];
  return {
    identity: { ...here, pid, startTime: fields[19] ?? null },
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function won(result: Result<Lock>): Lock {
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.value;
}

const since = Date.UTC(2026, 0, 2, 3, 4, 5);
const info = (run: string, as?: ProcessIdentity) => ({ run, since, ...(as === undefined ? {} : { as }) });

describe('the lock', () => {
  it('is held by one, names its owner, and is free again after release', async () => {
    const lock = won(await acquireLock(folder.path, info('first')));
    expect(lock.takenFrom).toBeNull();
    expect((await stat(folder.in('lock'))).mode & 0o777).toBe(0o600);
    expect(await lockOwner(folder.path)).toMatchObject({ owner: { ...here, run: 'first', since }, liveness: 'alive' });
    const second = await acquireLock(folder.path, info('second'));
    expect(second.ok).toBe(false);
    const fault = second.ok ? null : second.diagnostics[0];
    expect(fault?.code).toBe('locked');
    expect(fault?.message).toContain(
      `process ${process.pid} on ${here.host}, run first, since 2026-01-02T03:04:05.000Z`,
    );
    await lock.release();
    await lock.release();
    expect(await readdir(folder.path)).toEqual([]);
    expect(await lockOwner(folder.path)).toBeNull();
    won(await acquireLock(folder.path, info('second')));
  });

  it('is refused while another process lives, and taken over when it is gone', async () => {
    const other = await living();
    const old = won(await acquireLock(folder.path, info('old', other.identity)));
    expect((await acquireLock(folder.path, info('new'))).ok).toBe(false);
    await other.kill();
    const result = await acquireLock(folder.path, info('new'));
    const lock = won(result);
    expect(lock.takenFrom).toMatchObject({ ...other.identity, run: 'old' });
    expect(result.ok && result.warnings.map((each) => each.message).join()).toContain(`process ${other.identity.pid}`);
    // The old owner's release does not touch what is no longer its own.
    await old.release();
    expect(await lockOwner(folder.path)).toMatchObject({ owner: { run: 'new' } });
    expect(await readdir(folder.path)).toEqual(['lock']);
  });

  it.runIf(onLinux)('tells a reused pid and an earlier start of the machine from the owner', async () => {
    const other = await living();
    for (const change of [{ startTime: '1' }, { bootId: 'another' }]) {
      won(await acquireLock(folder.path, info('old', { ...other.identity, ...change })));
      const lock = won(await acquireLock(folder.path, info('new')));
      expect(lock.takenFrom).toMatchObject(change);
      await lock.release();
    }
    // Where nothing more than the pid is known, it counts as alive.
    won(await acquireLock(folder.path, info('old', { ...other.identity, startTime: null, bootId: null })));
    expect((await acquireLock(folder.path, info('new'))).ok).toBe(false);
  });

  it.runIf(onLinux)('counts a process that only waits to be reaped as gone', async () => {
    // The shell becomes a program that never asks for its child's end; only then may the child end.
    const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 >&2 & echo $!; exec sleep 60']);
    children.push(parent);
    const pid = Number(String((await once(parent.stdout, 'data'))[0]));
    while ((await readFile(`/proc/${parent.pid}/comm`, 'utf8')).trim() !== 'sleep') await new Promise(setImmediate);
    parent.stdin.end();
    const state = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.[0];
    while ((await state()) !== 'Z') await new Promise(setImmediate);
    won(await acquireLock(folder.path, info('old', { ...here, pid, startTime: null })));
    expect(won(await acquireLock(folder.path, info('new'))).takenFrom?.pid).toBe(pid);
  });

  it('of another host is refused, with the way out', async () => {
    won(await acquireLock(folder.path, info('far', { ...here, host: 'far\u001b[2Jaway', pid: 999_999 })));
    const result = await acquireLock(folder.path, info('new'));
    const fault = result.ok ? null : result.diagnostics[0];
    expect(fault?.code).toBe('locked');
    expect(fault?.message).toContain('on faraway');
    expect(fault?.hint).toContain(folder.in('lock'));
    expect(await lockOwner(folder.path)).toMatchObject({ liveness: 'elsewhere' });
  });

  it.each([
    '',
    'garbage',
    '{"pid":-1}',
    '[]',
    'null',
    '{"pid":1',
  ])('without an owner (%j) is taken over, and said', async (text) => {
    await writeFile(folder.in('lock'), text);
    const result = await acquireLock(folder.path, info('new'));
    expect(won(result).takenFrom).toBeNull();
    expect(result.ok && result.warnings[0]?.message).toContain('named no owner');
    expect(await readdir(folder.path)).toEqual(['lock']);
  });

  it('is won by exactly one of many that race for it, free or dead', async () => {
    const dead: ProcessIdentity = { ...here, pid: 2 ** 22 + 1 };
    for (let round = 0; round < 30; round++) {
      if (round % 3 === 1) won(await acquireLock(folder.path, info('dead', dead)));
      if (round % 3 === 2) await writeFile(folder.in('lock'), '');
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) => acquireLock(folder.path, info(`r${index}`))),
      );
      const winners = results.filter((result) => result.ok);
      expect(winners.length).toBe(1);
      expect(results.every((result) => result.ok || result.diagnostics[0]?.code === 'locked')).toBe(true);
      const lock = won(winners[0]!);
      expect(lock.takenFrom?.run).toBe(round % 3 === 1 ? 'dead' : undefined);
      expect(await readdir(folder.path)).toEqual(['lock']);
      await lock.release();
    }
  }, 60_000);

  it('is never held twice while holders come and go', async () => {
    let holders = 0;
    let times = 0;
    const dead: ProcessIdentity = { ...here, pid: 2 ** 22 + 1 };
    const contend = async (index: number) => {
      while (times < 60) {
        const result = await acquireLock(folder.path, info(`r${index}`, index === 0 ? dead : here));
        if (!result.ok) continue;
        times += 1;
        // One of them dies with the lock, again and again.
        if (index === 0) continue;
        holders += 1;
        expect(holders).toBe(1);
        await new Promise(setImmediate);
        holders -= 1;
        await result.value.release();
      }
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(contend));
  }, 60_000);

  it('is taken over even if an earlier taker died on the way', async () => {
    const dead: ProcessIdentity = { ...here, pid: 2 ** 22 + 1 };
    won(await acquireLock(folder.path, info('dead', dead)));
    const text = await readFile(folder.in('lock'), 'utf8');
    const guard = `lock.${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
    await writeFile(folder.in(guard), JSON.stringify({ ...dead, run: 'taker', since, token: 'x' }));
    expect(won(await acquireLock(folder.path, info('new'))).takenFrom?.run).toBe('dead');
    expect(await readdir(folder.path)).toEqual(['lock']);
  });

  it('says what is wrong where it cannot be written', async () => {
    const result = await acquireLock(folder.in('absent'), info('new'));
    expect(result.ok ? null : result.diagnostics[0]?.message).toContain('ENOENT');
  });
});
