import { chmod, chown, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/diagnostic.ts';
import { isRunId, newRunId } from '../../src/journal/run-id.ts';
import { findStateDir, latestRun, openStateDir, type StateDir } from '../../src/journal/state-dir.ts';
import { STARTED } from './events.ts';
import { temporary } from './temp.ts';

const folder = temporary();
const untracked = { tracked: async () => [] };
const asRoot = process.getuid?.() === 0;

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.value;
}
const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.diagnostics[0]?.code);

describe('the state directory', () => {
  it('is made for its owner alone and ignores itself in git', async () => {
    const state = value(await openStateDir(folder.path, untracked));
    expect(state.dir).toBe(folder.in('.implement'));
    expect((await stat(state.dir)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(state.dir, '.gitignore'), 'utf8')).toBe('*\n');
    expect(state.lockPath).toBe(folder.in('.implement/lock'));
    expect(state.sessionPaths).toEqual([folder.in('.implement/current-session.md')]);
    expect(state.journalPath('20260101-000000-0000')).toBe(
      folder.in('.implement/runs/20260101-000000-0000/journal.ndjson'),
    );
    expect(value(await openStateDir(folder.path, untracked)).dir).toBe(state.dir);
  });

  it('is only looked for by those who read', async () => {
    expect(value(await findStateDir(folder.path, untracked))).toBeNull();
    await openStateDir(folder.path, untracked);
    expect(value(await findStateDir(folder.path, untracked))?.dir).toBe(folder.in('.implement'));
  });

  it('lies where --state-dir says, but never around the project', async () => {
    const project = folder.in('project');
    await mkdir(project);
    const state = value(await openStateDir(project, { ...untracked, stateDir: folder.in('else/where') }));
    expect(state.dir).toBe(folder.in('else/where'));
    for (const stateDir of ['.', '..', project]) {
      expect(codeOf(await openStateDir(project, { ...untracked, stateDir }))).toBe('usage');
    }
  });

  it('is refused when git tracks something in it', async () => {
    const asked: string[] = [];
    const tracked = async (dir: string) => {
      asked.push(dir);
      return ['.implement/runs/x/journal.ndjson'];
    };
    expect(codeOf(await openStateDir(folder.path, { tracked }))).toBe('state-tracked');
    expect(codeOf(await findStateDir(folder.path, { tracked }))).toBe('state-tracked');
    expect(asked).toEqual([folder.in('.implement'), folder.in('.implement')]);
  });

  it('is refused when everybody can write to it', async () => {
    await mkdir(folder.in('.implement'));
    await chmod(folder.in('.implement'), 0o777);
    expect(codeOf(await openStateDir(folder.path, untracked))).toBe('state-foreign');
    await chmod(folder.in('.implement'), 0o775);
    expect(codeOf(await openStateDir(folder.path, untracked))).toBe('ok');
  });

  it.runIf(asRoot)('is refused when it, or what lies in it, belongs to another user', async () => {
    const state = value(await openStateDir(folder.path, untracked));
    for (const path of [state.dir, state.runsDir, state.sessionPath, state.lockPath]) {
      if (path !== state.dir && path !== state.runsDir) await writeFile(path, '');
      await chown(path, 12345, 12345);
      expect(codeOf(await openStateDir(folder.path, untracked))).toBe('state-foreign');
      await chown(path, 0, 0);
    }
    expect(codeOf(await openStateDir(folder.path, untracked))).toBe('ok');
  });

  it('is refused as a link out of the project, or to nowhere; a link inside is followed', async () => {
    const project = folder.in('project');
    await mkdir(join(project, 'real'), { recursive: true });
    await mkdir(folder.in('outside'));
    await symlink(folder.in('outside'), join(project, '.implement'));
    expect(codeOf(await openStateDir(project, untracked))).toBe('state-foreign');
    expect(codeOf(await openStateDir(project, { ...untracked, stateDir: '.implement' }))).toBe('ok');
    await mkdir(folder.in('other/deep'), { recursive: true });
    await symlink('deep', folder.in('other/.implement'));
    expect(codeOf(await openStateDir(folder.in('other'), untracked))).toBe('ok');
    await mkdir(folder.in('third'));
    await symlink('absent', folder.in('third/.implement'));
    expect(codeOf(await openStateDir(folder.in('third'), untracked))).toBe('state-foreign');
  });

  it('is refused when one of its files is a link out of it', async () => {
    await mkdir(folder.in('project/.implement'), { recursive: true });
    await writeFile(folder.in('secret.md'), '');
    await symlink(folder.in('secret.md'), folder.in('project/.implement/current-session.md'));
    expect(codeOf(await openStateDir(folder.in('project'), untracked))).toBe('state-foreign');
  });

  it('is refused when it is a file', async () => {
    await writeFile(folder.in('.implement'), '');
    expect(codeOf(await openStateDir(folder.path, untracked))).toBe('state-broken');
  });

  it('writes to .spec-state too where that exists, unless it leads out of the project', async () => {
    const project = folder.in('project');
    await mkdir(join(project, '.spec-state'), { recursive: true });
    expect(value(await openStateDir(project, untracked)).sessionPaths).toEqual([
      join(project, '.implement/current-session.md'),
      join(project, '.spec-state/current-session.md'),
    ]);
    await mkdir(folder.in('two'));
    await symlink(project, folder.in('two/.spec-state'));
    const result = await openStateDir(folder.in('two'), untracked);
    expect(value(result).specState).toBeNull();
    expect(result.ok && result.warnings[0]?.code).toBe('state-foreign');
  });
});

describe('names of logs', () => {
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ maxLength: 400 }),
    fc.constantFrom(
      'T001',
      't001',
      '#3',
      'T046#2',
      'T046@2',
      '../../x',
      '.',
      '..',
      'verify:phase:Phase 2',
      'verify-phase-Phase-2',
      '',
    ),
    fc.stringMatching(/^[A-Z#@.]{1,6}$/),
  );

  it('differ for different steps, also where case does not count, and stay in the run', async () => {
    const state = value(await openStateDir(folder.path, untracked));
    fc.assert(
      fc.property(any, any, fc.integer({ min: 1, max: 99 }), (one, other, attempt) => {
        const [a, b] = [one, other].map((step) => state.logPath('20260101-000000-0000', step, attempt));
        expect(dirname(a!)).toBe(state.runDir('20260101-000000-0000'));
        const name = basename(a!);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(150);
        expect(name).toMatch(/^[A-Za-z0-9@~][A-Za-z0-9@~._-]*\.\d+\.log$/);
        if (one !== other) expect(a!.toLowerCase()).not.toBe(b!.toLowerCase());
      }),
      { numRuns: 2000 },
    );
    expect(basename(state.logPath('r', 'T052.1', 2))).toBe('T052.1.2.log');
    expect(basename(state.logPath('r', 'T046#2', 1))).toBe('T046@2.1.log');
    expect(basename(state.logPath('r', 'verify:end', 1))).toMatch(/^verify-end~[0-9a-f]{24}\.1\.log$/);
  });
});

describe('runs', () => {
  async function record(state: StateDir, run: string, text: string) {
    await mkdir(state.runDir(run), { recursive: true });
    await writeFile(state.journalPath(run), text);
  }
  const first = (file: string) => `${JSON.stringify({ ...STARTED, file, seq: 1, time: 1 })}\n`;

  it('are found newest first, by task file, past those that never began', async () => {
    const state = value(await openStateDir(folder.path, untracked));
    expect(value(await latestRun(state))).toBeNull();
    await record(state, '20260101-000000-aaaa', first('a.md'));
    await record(state, '20260102-000000-aaaa', `${first('b.md')}garbage\n`);
    await record(state, '20260103-000000-aaaa', first('a.md').slice(0, -1));
    await record(state, '20260104-000000-aaaa', '');
    await mkdir(state.runDir('20260105-000000-aaaa'));
    await record(state, 'zzz', first('a.md'));
    expect(value(await latestRun(state))?.run).toBe('20260102-000000-aaaa');
    expect(value(await latestRun(state, 'a.md'))).toMatchObject({
      run: '20260101-000000-aaaa',
      started: { file: 'a.md' },
    });
    expect(value(await latestRun(state, 'c.md'))).toBeNull();
  });

  it('have a first line of any length up to a MiB', async () => {
    const state = value(await openStateDir(folder.path, untracked));
    await record(state, '20260101-000000-aaaa', first('x'.repeat(200_000)));
    expect(value(await latestRun(state))?.started.file.length).toBe(200_000);
  });

  it.runIf(asRoot)('of another user are not believed', async () => {
    const state = value(await openStateDir(folder.path, untracked));
    await record(state, '20260101-000000-aaaa', first('a.md'));
    await chown(state.journalPath('20260101-000000-aaaa'), 12345, 12345);
    expect(codeOf(await latestRun(state))).toBe('state-foreign');
  });

  it('have names that sort by time', () => {
    expect(newRunId(Date.UTC(2026, 0, 31, 23, 59, 58, 0), () => 0)).toBe('20260131-235958-0000');
    const ms = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(ms, fc.integer({ min: 1, max: 5000 }), fraction, fraction, (now, later, a, b) => {
        const [one, two] = [newRunId(now, () => a), newRunId(now + later, () => b)];
        expect(isRunId(one) && isRunId(two)).toBe(true);
        expect(one < two).toBe(true);
      }),
    );
    expect(isRunId('../../etc')).toBe(false);
    expect(isRunId('20260131-235958-0000\n')).toBe(false);
  });
});
