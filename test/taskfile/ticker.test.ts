import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import {
  chmod,
  link,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/diagnostic.ts';
import type { Box, BoxState } from '../../src/core/task.ts';
import { createTicker } from '../../src/taskfile/ticker.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'implement-ticker-'));
  path = join(folder, 'tasks.md');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Boxes = Map<string, Box[]>;

function stateOf(inner: string): BoxState {
  if (inner === 'x' || inner === 'X' || inner === '✅') return 'done';
  return inner === '-' ? 'skipped' : 'open';
}

/** A dialect as small as it can be. */
function locate(text: string): Boxes {
  const boxes: Boxes = new Map();
  for (const match of text.matchAll(/^[ \t>]*[-*] \[([^\]\r\n]{0,2})\] (T\d+)/gm)) {
    const [whole, inner = '', id = ''] = match;
    const start = match.index + whole.indexOf('[') + 1;
    const box = { inner: { start, end: start + inner.length }, state: stateOf(inner) };
    boxes.set(id, [...(boxes.get(id) ?? []), box]);
  }
  return boxes;
}

let located = 0;
async function tickerOf(text: string | Buffer, find: (text: string) => Boxes | null = locate) {
  await writeFile(path, text);
  const read = text.toString();
  located = 0;
  const counted = (changed: string) => {
    located += 1;
    return find(changed);
  };
  return createTicker({ path, text: read, boxes: locate(read), locate: counted });
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result.value;
}
const codeOf = (result: Result<unknown>) => (result.ok ? `ok ${result.value}` : result.diagnostics[0]?.code);
const content = () => readFile(path, 'utf8');

describe('ticking', () => {
  it('changes one character in place', async () => {
    await writeFile(path, '');
    await chmod(path, 0o640);
    await link(path, join(folder, 'hard'));
    const text = '\ufeff# Ü 🙈\r\n- [ ] T001 a\r\n\t* [ ] T002 🎉 b\r\n- [x] T003\r\n- [ ] T004 no newline';
    const before = await stat(path);
    const ticker = await tickerOf(text);
    expect(value(await ticker.tick('T002'))).toBe('ticked');
    expect(value(await ticker.tick('T002'))).toBe('already');
    expect(value(await ticker.tick('T003'))).toBe('already');
    expect(value(await ticker.tick('T004'))).toBe('ticked');
    expect(value(await ticker.tick('T099'))).toBe('gone');
    expect(await content()).toBe(text.replace('[ ] T002', '[x] T002').replace('[ ] T004', '[x] T004'));
    const after = await stat(path);
    expect([after.ino, after.mode, after.nlink]).toEqual([before.ino, before.mode, 2]);
    expect(located).toBe(0);
  });

  it("uses the author's x or X", async () => {
    const text = '- [X] T001\n- [X] A checklist\n- [x] T002\n- [ ] T003\n';
    await (await tickerOf(text)).tick('T003');
    expect(await content()).toBe(text.replace('[ ]', '[X]'));
    await (await tickerOf('- [x] T001\n- [X] T002\n- [ ] T003\n')).tick('T003');
    expect(await content()).toContain('[x] T003');
  });

  it('inserts the character where the box is empty, in a file of several pieces', async () => {
    const long = 'ä'.repeat(10_000);
    const text = `- [] T001 ${long}\n- [] T002\n- [ ] T003 ${long}\n- [] T001 again`;
    const ticker = await tickerOf(text);
    const { ino } = await stat(path);
    for (const id of ['T001', 'T002', 'T003']) expect(value(await ticker.tick(id))).toBe('ticked');
    expect(await content()).toBe(text.replaceAll('[]', '[x]').replace('[ ]', '[x]'));
    expect(value(await ticker.isTicked('T001'))).toBe(true);
    for (const id of ['T002', 'T001', 'T003']) expect(value(await ticker.restore(id))).toBe('restored');
    expect(await content()).toBe(text);
    expect((await stat(path)).ino).toBe(ino);
    expect(located).toBe(0);
  });

  it('ticks all boxes of a task that the file repeats, and leaves skipped ones', async () => {
    const ticker = await tickerOf('- [ ] T001\n- [x] T001\n- [-] T001\n- [~] T001\n- [-] T002\n');
    expect(value(await ticker.isTicked('T001'))).toBe(true);
    expect(value(await ticker.tick('T001'))).toBe('ticked');
    expect(value(await ticker.tick('T002'))).toBe('already');
    expect(await content()).toBe('- [x] T001\n- [x] T001\n- [-] T001\n- [x] T001\n- [-] T002\n');
    expect(value(await ticker.isTicked('T002'))).toBe(false);
    expect(value(await ticker.isTicked('T003'))).toBeNull();
  });

  it('follows a link to the task file', async () => {
    const ticker = await tickerOf('- [ ] T001\n');
    await rename(path, join(folder, 'real.md'));
    await symlink('real.md', path);
    expect(value(await ticker.tick('T001'))).toBe('ticked');
    expect(await readFile(join(folder, 'real.md'), 'utf8')).toBe('- [x] T001\n');
  });
});

describe('ticks by others', () => {
  it('are seen and put back to what stood there', async () => {
    const text = '- [ ] T001\n- [~] T002 wide\n- [] T003\n- [x] T004\n';
    const ticker = await tickerOf(text);
    expect(value(await ticker.isTicked('T001'))).toBe(false);
    await writeFile(path, '- [X] T001\n- [✅] T002 wide\n- [x] T003\n- [x] T004\n');
    for (const id of ['T001', 'T002', 'T003']) {
      expect(value(await ticker.isTicked(id))).toBe(true);
      expect(value(await ticker.restore(id))).toBe('restored');
      expect(value(await ticker.isTicked(id))).toBe(false);
      expect(value(await ticker.restore(id))).toBe('untouched');
    }
    expect(await content()).toBe(text);
    expect(value(await ticker.restore('T099'))).toBe('gone');
  });

  it('of boxes alone need no new reading of the tasks', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `- [ ] T${index + 100} Ü`);
    const ticker = await tickerOf(lines.join('\n'));
    await ticker.isTicked('T100');
    for (const [index, line] of lines.entries()) {
      lines[index] = line.replace('[ ]', '[x]');
      await writeFile(path, lines.join('\n'));
      expect(value(await ticker.isTicked(`T${index + 100}`))).toBe(true);
      expect(value(await ticker.tick(`T${index + 100}`))).toBe('already');
    }
    expect(located).toBe(0);
    expect(await content()).toBe(lines.join('\n'));
  });
});

describe('changes by others', () => {
  it('move the box, and the tick goes where it is', async () => {
    const ticker = await tickerOf('- [ ] T001\n- [ ] T002\n');
    await ticker.tick('T001');
    await writeFile(path, '# New 🙈\n\n- [ ] T002 renamed\n- [ ] T003\n- [x] T001\n');
    expect(value(await ticker.tick('T002'))).toBe('ticked');
    expect(value(await ticker.tick('T003'))).toBe('ticked');
    expect(await content()).toBe('# New 🙈\n\n- [x] T002 renamed\n- [x] T003\n- [x] T001\n');
    expect(located).toBe(1);
  });

  it('may replace the file by another', async () => {
    const ticker = await tickerOf('- [ ] T001\n- [ ] T002\n');
    await ticker.tick('T001');
    await writeFile(join(folder, 'new'), '- [ ] T002\n- [x] T001\n');
    await rename(join(folder, 'new'), path);
    expect(value(await ticker.tick('T002'))).toBe('ticked');
    expect(await content()).toBe('- [x] T002\n- [x] T001\n');
  });

  it('before the first tick are seen as well', async () => {
    const ticker = await tickerOf('- [ ] T001\n- [ ] T002\n');
    await writeFile(path, '- [ ] T002\n- [ ] T001\n');
    expect(value(await ticker.tick('T001'))).toBe('ticked');
    expect(await content()).toBe('- [ ] T002\n- [x] T001\n');
  });

  it('of the same size cannot mislead a tick, even if they left the times alone', async () => {
    const text = '- [ ] T001 a\n- [ ] T002 b\n';
    const swapped = '- [ ] T002 b\n- [ ] T001 a\n';
    const ticker = await tickerOf(text);
    for (let round = 0; round < 200; round++) {
      // Often within one tick of the kernel's clock.
      const now = round % 2 === 0 ? swapped : text;
      await writeFile(path, now);
      expect(value(await ticker.tick('T001'))).toBe('ticked');
      expect(await content()).toBe(now.replace('[ ] T001', '[x] T001'));
      expect(value(await ticker.restore('T001'))).toBe('restored');
      expect(value(await ticker.isTicked('T002'))).toBe(false);
    }
  });

  it('may take the task away', async () => {
    const ticker = await tickerOf('- [ ] T001\n- [ ] T002\n');
    await ticker.tick('T001');
    await writeFile(path, '- [x] T001\nnothing else\n');
    expect(value(await ticker.tick('T002'))).toBe('gone');
    expect(value(await ticker.restore('T002'))).toBe('gone');
    expect(value(await ticker.isTicked('T002'))).toBeNull();
    expect(await content()).toBe('- [x] T001\nnothing else\n');
  });

  it('that leave no tasks, no text or no file are told as values', async () => {
    const ticker = await tickerOf('- [ ] T001\n', (text) => (text === '' ? null : locate(text)));
    await ticker.isTicked('T001');
    await truncate(path);
    expect(codeOf(await ticker.tick('T001'))).toBe('no-tasks');
    expect(codeOf(await ticker.tick('T001'))).toBe('no-tasks');
    expect(located).toBe(1);
    await writeFile(path, Buffer.from('- [ ] T001 \xff\n', 'latin1'));
    expect(codeOf(await ticker.tick('T001'))).toBe('file-not-utf8');
    await unlink(path);
    expect(codeOf(await ticker.tick('T001'))).toBe('file-missing');
    expect(codeOf(await ticker.isTicked('T001'))).toBe('file-missing');
    await writeFile(path, '- [ ] T001 back\n');
    expect(codeOf(await ticker.tick('T001'))).toBe('ok ticked');
    await unlink(path);
    execFileSync('mkfifo', [path]);
    expect(codeOf(await ticker.restore('T001'))).toBe('file-unreadable');
    await unlink(path);
    await symlink(folder, path);
    expect(codeOf(await ticker.restore('T001'))).toBe('file-unreadable');
  });

  it('of its rights are told as values; a box that is ticked needs no right to write', async () => {
    const ticker = await tickerOf('- [ ] T001\n- [x] T002\n');
    await chmod(folder, 0o755);
    await chmod(path, 0o444);
    // Root may write everything, so be somebody else for a moment.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    const [open, done] = [await ticker.tick('T001'), await ticker.tick('T002')];
    if (isRoot) process.seteuid?.(0);
    expect(codeOf(open)).toBe('file-unreadable');
    expect(open.ok ? '' : open.diagnostics[0]?.message).toContain(`cannot write to ${path}: EACCES`);
    expect(codeOf(done)).toBe('ok already');
    expect(await content()).toBe('- [ ] T001\n- [x] T002\n');
  });

  it('are never written over when the boxes given are wrong', async () => {
    const text = '- [ ] T001 a\n';
    await writeFile(path, text);
    const wrong: Boxes = new Map([['T001', [{ inner: { start: 7, end: 8 }, state: 'open' }]]]);
    const ticker = createTicker({ path, text, boxes: wrong, locate: () => wrong });
    expect(codeOf(await ticker.tick('T001'))).toBe('file-unreadable');
    expect(await content()).toBe(text);
  });
});

describe('any file and any changes', () => {
  const word = fc.oneof(
    fc.constantFrom('text', '🙈', 'Ü', '\t', '👩‍👩‍👧', '[ ]', '- [ ]', '日本', '`', '\u2028', '[x]', '\u0000', ' '),
    fc.string({ maxLength: 5 }).filter((each) => !/[\r\n]/.test(each)),
  );
  const prose = fc.array(word, { maxLength: 5 }).map((words) => words.join(''));
  const taskLine = fc
    .tuple(
      fc.constantFrom('', '\t', '  ', '> '),
      fc.constantFrom('-', '*'),
      fc.constantFrom(' ', ' ', ' ', '', 'x', 'X', '-', '~', '✅', '🔥'),
      fc.integer({ min: 0, max: 7 }),
      prose,
    )
    .map(([indent, bullet, box, number, rest]) => `${indent}${bullet} [${box}] T00${number} ${rest}`);
  const line = fc
    .tuple(fc.oneof(prose, taskLine, taskLine), fc.constantFrom('\n', '\n', '\r\n', '\r'))
    .map((parts) => parts.join(''));
  const lines = fc.array(line, { maxLength: 15 });
  const file = fc.tuple(fc.constantFrom('', '\ufeff'), lines, fc.oneof(fc.constant(''), taskLine));
  const id = fc.integer({ min: 0, max: 8 }).map((number) => `T00${number}`);
  const position = fc.nat(1000);
  const operation = fc.oneof(
    fc.record({ kind: fc.constantFrom('tick', 'tick', 'restore', 'isTicked'), id }),
    fc.record({ kind: fc.constantFrom('insert', 'replace'), position, line }),
    fc.record({ kind: fc.constantFrom('delete', 'flip', 'swap', 'rename'), position }),
  );
  type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

  /** What the file should be after a rewrite of the task's boxes; `null` if none is rewritten. */
  function rewrite(
    text: string,
    task: string,
    inner: (state: BoxState, index: number) => string | null,
  ): string | null {
    let next = text;
    let any = false;
    for (const [index, box] of [...(locate(text).get(task) ?? []).entries()].reverse()) {
      const now = inner(box.state, index);
      if (now === null) continue;
      any = true;
      next = next.slice(0, box.inner.start) + now + next.slice(box.inner.end);
    }
    return any ? next : null;
  }

  function edited(text: string, change: Extract<Operation, { position: number }>): string {
    const parts = text.split(/(?<=\n)/);
    const at = change.position % parts.length;
    const boxes = [...locate(text).values()].flat();
    switch (change.kind) {
      case 'insert':
        return parts.toSpliced(at, 0, 'line' in change ? change.line : '').join('');
      case 'replace':
        return parts.with(at, 'line' in change ? change.line : '').join('');
      case 'delete':
        return parts.toSpliced(at, 1).join('');
      case 'swap':
        return parts.with(at, parts[0]!).with(0, parts[at]!).join('');
      case 'flip': {
        const box = boxes[change.position % Math.max(1, boxes.length)];
        if (box === undefined) return text;
        return text.slice(0, box.inner.start) + (box.state === 'done' ? ' ' : 'x') + text.slice(box.inner.end);
      }
      default:
        return text;
    }
  }

  it('end with exactly the boxes changed that were meant', async () => {
    let clock = 1_000_000;
    await fc.assert(
      fc.asyncProperty(file, fc.array(operation, { maxLength: 25 }), async ([bom, body, last], operations) => {
        const original = bom + body.join('') + last;
        let text = original;
        const ticker = await tickerOf(original);
        const uppers = original.match(/^[ \t>]*[-*] +\[X\]/gm)?.length ?? 0;
        const lowers = original.match(/^[ \t>]*[-*] +\[x\]/gm)?.length ?? 0;
        const style = uppers > lowers ? 'X' : 'x';
        const beginning = (task: string, index: number) => {
          const all = locate(original).get(task) ?? [];
          const box = all[index] ?? all[0];
          return box === undefined || box.state === 'done' ? ' ' : original.slice(box.inner.start, box.inner.end);
        };
        for (const each of operations) {
          if ('id' in each) {
            const there = locate(text).get(each.id);
            if (each.kind === 'isTicked') {
              const ticked = there === undefined ? null : there.some((box) => box.state === 'done');
              expect(value(await ticker.isTicked(each.id))).toBe(ticked);
            } else if (each.kind === 'tick') {
              const next = rewrite(text, each.id, (state) => (state === 'open' ? style : null));
              expect(value(await ticker.tick(each.id))).toBe(
                there === undefined ? 'gone' : next === null ? 'already' : 'ticked',
              );
              text = next ?? text;
            } else {
              const back = (state: BoxState, index: number) => (state === 'done' ? beginning(each.id, index) : null);
              const next = rewrite(text, each.id, back);
              const result = there === undefined ? 'gone' : next === null ? 'untouched' : 'restored';
              expect(value(await ticker.restore(each.id))).toBe(result);
              text = next ?? text;
            }
          } else {
            text = edited(text, each);
            const target = each.kind === 'rename' ? `${path}.new` : path;
            await writeFile(target, text);
            clock += 1;
            await utimes(target, clock, clock);
            if (each.kind === 'rename') await rename(target, path);
          }
          expect((await readFile(path)).equals(Buffer.from(text))).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  }, 120_000);
});

describe('the cost of a tick', () => {
  it('is the same in a large file: the file is read once', async () => {
    const count = 20_000;
    const text = Array.from({ length: count }, (_, index) => `- [ ] T${index} Ü 🙈`).join('\n');
    const ticker = await tickerOf(text);
    await ticker.isTicked('T0');
    const handle = await open(path, constants.O_RDONLY);
    for (let index = 0; index < 2000; index++) expect(value(await ticker.tick(`T${index * 10}`))).toBe('ticked');
    await handle.close();
    expect(located).toBe(0);
    expect((await content()).match(/\[x\]/g)?.length).toBe(2000);
  });
});
