/**
 * Task lists in Markdown: list items with checkboxes, markers behind an id, headings above, a body below. Shared
 * by the dialects that write tasks this way; which item is a task is the dialect's choice. Builds no graph.
 */
import { warning } from '../core/diagnostic.ts';
import { at, type SourceFile } from '../core/source.ts';
import type { Parsed } from '../core/task.ts';
import { ANY_ID_LINE } from './boxes.ts';
import { Reader } from './reader.ts';

export interface ListDialect {
  readonly name: string;
  /** `written`: only items with a task id are tasks. `generated`: every checkbox is one. */
  readonly ids: 'written' | 'generated';
  /** Length of the parts that the text is parsed in; only tests choose it. */
  readonly partSize?: number;
}

const ANY_BOX_LINE = /^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[^\]\r\n]{0,4}\]/m;
const FENCE = /^[ \t>]*(?:`{3,}|~{3,})[^\r\n]*/gm;

/** Reads a source as a task list. `null` where ids are asked for and there is none, not even in a fence. */
export function readTaskList(source: SourceFile, dialect: ListDialect): Parsed | null {
  const first = new Reader(source, source.text, dialect).read();
  const parsed = first.drafts.length > 0 ? first : (readFences(source, dialect) ?? first);
  if (parsed.drafts.length === 0 && dialect.ids === 'written') return null;
  const nul = source.text.indexOf('\0');
  if (nul < 0) return parsed;
  const note = warning(
    'nul-character',
    'The file holds NUL characters; titles show them as \uFFFD.',
    at(source, nul, nul + 1),
    {
      hint: 'Take them out: other tools may end the file there.',
    },
  );
  return { ...parsed, diagnostics: [note, ...parsed.diagnostics] };
}

/** All tasks stand in fences: somebody's tool wrapped the file. The fences are blanked, all offsets stay. */
function readFences(source: SourceFile, dialect: ListDialect): Parsed | null {
  const text = source.text.replace(FENCE, (line) => ' '.repeat(line.length));
  const sign = dialect.ids === 'written' ? ANY_ID_LINE : ANY_BOX_LINE;
  if (text === source.text || !sign.test(text)) return null;
  const parsed = new Reader(source, text, dialect).read();
  const [draft] = parsed.drafts;
  if (draft === undefined) return null;
  const message = 'All tasks of this file stand in fenced code; they were read as tasks.';
  const hint = 'Take the fences (```) away, so that other tools see the list too.';
  const note = warning('tasks-in-fences', message, draft.at, { hint });
  return { ...parsed, diagnostics: [note, ...parsed.diagnostics] };
}
