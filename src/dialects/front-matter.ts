/**
 * The YAML front matter of a task file: where it ends, and the settings of the feature in it. Knows the shape of
 * the block; commands in it count only when the user allows the file's own commands, which is decided elsewhere.
 */
import { parseDocument } from 'yaml';
import { type Diagnostic, warning } from '../core/diagnostic.ts';
import { at, type SourceFile } from '../core/source.ts';
import type { FrontMatter } from '../core/task.ts';

interface Found {
  /** Offset of the first character behind the block; behind a byte order mark where there is no block. */
  readonly end: number;
  readonly value: FrontMatter;
  readonly diagnostics: readonly Diagnostic[];
}

const BLOCK = /^---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;
/** Keys of the feature; what they hold is checked where configurations are. */
const SETTINGS = ['resources', 'overlap'];
const KEYS = { verify: 'verify', 'verify-phase': 'verifyPhase', 'verify-end': 'verifyEnd' } as const;

/** Reads the block at the head of a file. A block that is not YAML is skipped with a warning. */
export function readFrontMatter(source: SourceFile): Found {
  const begin = source.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const none: Found = { end: begin, value: {}, diagnostics: [] };
  if (!source.text.startsWith('---', begin)) return none;
  // A block ends within its first 64 KiB, or the dashes are a rule of the text.
  const match = BLOCK.exec(source.text.slice(begin, begin + 65_536));
  if (match === null) return none;
  const end = begin + match[0].length;
  const place = at(source, begin, begin + 3);
  const document = parseDocument(match[1] as string, { logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault !== undefined) {
    return {
      ...none,
      end,
      diagnostics: [
        warning(
          'front-matter',
          `The front matter is not valid YAML: ${(fault.message.split('\n')[0] as string).replace(/ at line \d+.*$/, '')}.`,
          place,
          { hint: 'It is skipped. Mend it, or take the block between the --- lines away.' },
        ),
      ],
    };
  }
  const settings: unknown = document.toJS();
  const value: Record<string, string> = {};
  let block: Pick<FrontMatter, 'settings'> = {};
  const diagnostics: Diagnostic[] = [];
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
    for (const [key, name] of Object.entries(KEYS)) {
      const setting = (settings as Record<string, unknown>)[key];
      if (setting === undefined || setting === null) continue;
      if (typeof setting === 'string' && setting.trim() !== '') value[name] = setting;
      else
        diagnostics.push(
          warning('front-matter', `\`${key}\` in the front matter is not a command in words; it is skipped.`, place),
        );
    }
    if (SETTINGS.some((key) => Object.hasOwn(settings, key))) {
      const start = begin + match[0].indexOf('\n') + 1;
      block = { settings: { start, end: start + (match[1] as string).length } };
    }
  }
  return { end, value: { ...value, ...block }, diagnostics };
}
