/**
 * Ticks boxes in the user's task file: one character in place, everything else byte for byte as it was, whatever
 * others change meanwhile. Knows when to look at the file again; which box belongs to which task is asked of `locate`.
 *
 * The file is looked at and changed with synchronous calls on a few bytes: they cost less than handing the work to
 * another thread, and no other call of this process can come between the look and the write.
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { type Diagnostic, type DiagnosticCode, error, fail, ok, type Result } from '../core/diagnostic.ts';
import type { BoxState, TaskId } from '../core/task.ts';
import {
  applyFlips,
  type Boxes,
  type Content,
  contentOf,
  rewritten,
  type Slot,
  tickStyle,
  windowOf,
} from './content.ts';
import { type FileState, readAt, replaceAt, stateOf } from './in-place.ts';

export interface TickerOptions {
  /** Absolute path; a link is followed. */
  readonly path: string;
  /** The file's text, a byte order mark included, and the boxes in it, as they were when the run began. */
  readonly text: string;
  readonly boxes: Boxes;
  /**
   * Finds the boxes in a text that somebody changed, under the ids of this run (tasks without an id by title and
   * occurrence), or gives `null` if it cannot be read as tasks any more.
   */
  locate(text: string): Boxes | null;
}

/**
 * Calls take effect in the order in which they are made. A call costs a few system calls, whatever the size of the
 * file, as long as nobody else changes it. Errors: `file-missing`, `file-unreadable`, `file-not-utf8`, `no-tasks`.
 */
export interface Ticker {
  /** Ticks all open boxes of the task; skipped ones stay. `gone`: the file no longer has the task. */
  tick(id: TaskId): Promise<Result<'ticked' | 'already' | 'gone'>>;
  /** Puts ticked boxes of the task back to what stood in them when the run began: to a space if they were ticked then. */
  restore(id: TaskId): Promise<Result<'restored' | 'untouched' | 'gone'>>;
  /** Whether a box of the task is ticked on disk now; `null`: the file no longer has the task. */
  isTicked(id: TaskId): Promise<Result<boolean | null>>;
}

/** Touches nothing until the first call. */
export function createTicker(options: TickerOptions): Ticker {
  const file = taskFile(options);
  return {
    async tick(id) {
      const state = 'done';
      return file.visit(id, 'write to', (slots, whole) => {
        const open = slots.filter((slot) => slot.state === 'open');
        return {
          edits: open.map((slot) => ({ slot, inner: whole.style, state })),
          result: open.length > 0 ? 'ticked' : slots.length > 0 ? 'already' : 'gone',
        };
      });
    },
    async restore(id) {
      return file.visit(id, 'write to', (slots, whole) => {
        const edits = slots.flatMap((slot, index) =>
          slot.state === 'done' ? [{ slot, ...whole.before(id, index) }] : [],
        );
        return { edits, result: edits.length > 0 ? 'restored' : slots.length > 0 ? 'untouched' : 'gone' };
      });
    },
    async isTicked(id) {
      return file.visit(id, 'read', (slots) => ({
        edits: [],
        result: slots.length === 0 ? null : slots.some((slot) => slot.state === 'done'),
      }));
    },
  };
}

/** What stands in a box, and what that means. */
interface Inside {
  readonly inner: string;
  readonly state: BoxState;
}

/** What is to be done with the boxes of a task, as they are on disk, and what the call then gives. */
interface Plan<T> {
  readonly edits: readonly (Inside & { readonly slot: Slot })[];
  readonly result: T;
}

/** What the file was like when the run began. */
interface Beginning {
  /** The character that ticks. */
  readonly style: string;
  /** What stood in the box number `index` of the task if it was not ticked, else a space. */
  before(id: TaskId, index: number): Inside;
}

/** A fault that the caller of the ticker is told as a value; thrown inside this file only. */
class Fault extends Error {
  readonly diagnostic: Diagnostic;
  constructor(code: DiagnosticCode, message: string) {
    super(message);
    this.diagnostic = error(code, message, null, {
      hint: 'What is done is in the journal; `--continue` ticks it later.',
    });
  }
}

const OPEN: Inside = { inner: ' ', state: 'open' };
const TRIES = 5;

function taskFile({ path, locate, text, boxes }: TickerOptions) {
  const beginning = beginningOf(text, boxes);
  // Let go once it was compared with the disk: it may be large.
  let initial: Pick<TickerOptions, 'text' | 'boxes'> | null = { text, boxes };
  let seen: FileState | null = null;
  let content: Content | null = null;
  let broken: { readonly key: string; readonly fault: unknown } | null = null;

  /** The content as it is on disk now; read again only if the file is another one or has changed. */
  function current(fd: number): Content {
    const now = stateOf(fd);
    if (!now.isFile) throw new Fault('file-unreadable', `${path} is no file any more`);
    if (content !== null && seen?.key === now.key) return content;
    if (broken?.key === now.key) throw broken.fault;
    const bytes = readFileSync(fd);
    if (content === null || !applyFlips(content, bytes)) {
      content = null;
      try {
        content = read(bytes);
      } catch (fault) {
        broken = { key: now.key, fault };
        throw fault;
      }
    }
    broken = null;
    // The state from before reading, so that a change in between is seen the next time.
    seen = now;
    return content;
  }

  function read(bytes: Buffer): Content {
    let fresh: string;
    try {
      fresh = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Fault('file-not-utf8', `${path} was changed and is not UTF-8 any more`);
    }
    const found = fresh === initial?.text ? initial.boxes : locate(fresh);
    initial = null;
    if (found === null) throw new Fault('no-tasks', `${path} was changed and cannot be read as tasks any more`);
    return contentOf(bytes, fresh, found);
  }

  function visitFile<T>(id: TaskId, plan: (slots: readonly Slot[], whole: Beginning) => Plan<T>): T {
    const planned = () => plan(content?.slots.get(id) ?? [], beginning);
    let writes = content !== null && planned().edits.length > 0;
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      // Without waiting, should it have become a pipe.
      const fd = openSync(path, (writes ? constants.O_RDWR : constants.O_RDONLY) | (constants.O_NONBLOCK ?? 0));
      try {
        const known = current(fd);
        const { edits, result } = planned();
        const reopen = edits.length > 0 && !writes;
        writes = edits.length > 0;
        if (reopen) continue;
        if (!(known.slots.get(id) ?? []).every((slot) => stands(fd, known, slot))) {
          seen = null;
          content = null;
          continue;
        }
        for (const { slot, inner, state } of edits) {
          const bytes = Buffer.from(inner);
          replaceAt(fd, slot.start, slot.length, bytes);
          rewritten(known, slot, bytes, state);
        }
        if (edits.length > 0) {
          const now = stateOf(fd);
          seen = now.size === known.bytes.length ? now : null;
        }
        return result;
      } finally {
        closeSync(fd);
      }
    }
    throw new Fault('file-unreadable', `${path} changes all the time, or the box of ${id} is not where it should be`);
  }

  return {
    visit<T>(id: TaskId, doing: string, plan: (slots: readonly Slot[], whole: Beginning) => Plan<T>): Result<T> {
      try {
        return ok(visitFile(id, plan));
      } catch (fault) {
        seen = null;
        if (fault instanceof Fault) return fail(fault.diagnostic);
        const { code } = fault as NodeJS.ErrnoException;
        // Whatever is no answer of the system is a bug.
        if (code === undefined) throw fault;
        const missing = code === 'ENOENT' || code === 'ENOTDIR';
        const message = `cannot ${doing} ${path}: ${missing ? 'it is not there any more' : code}`;
        return fail(new Fault(missing ? 'file-missing' : 'file-unreadable', message).diagnostic);
      }
    },
  };
}

/** Whether the box and the rest of its line stand on disk where they are expected. */
function stands(fd: number, known: Content, slot: Slot): boolean {
  const window = windowOf(known, slot);
  return window !== null && readAt(fd, window.start, window.expected.length).equals(window.expected);
}

function beginningOf(text: string, boxes: Boxes): Beginning {
  // Nearly all boxes are open with a space, so only the others are kept.
  const unusual = new Map<TaskId, readonly Inside[]>();
  for (const [id, all] of boxes) {
    const inside = all.map(({ inner, state }) =>
      state === 'done' ? OPEN : { inner: text.slice(inner.start, inner.end), state },
    );
    if (inside.some((each) => each.inner !== ' ' || each.state !== 'open')) unusual.set(id, inside);
  }
  return {
    style: tickStyle(text),
    before: (id, index) => unusual.get(id)?.[index] ?? unusual.get(id)?.[0] ?? OPEN,
  };
}
