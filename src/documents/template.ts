/** The project's own layout of prompts: `implement.prompt.md`. Finds and reads it; what may stand in it is core's word. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { error } from '../core/diagnostic.ts';
import { parseTemplate, type Template } from '../core/prompt/template.ts';
import { type SourceFile, sourceFile } from '../core/source.ts';
import { realInside } from './inside.ts';

const NAME = 'implement.prompt.md';

export type TemplateRead =
  | { readonly ok: true; readonly template: Template | null }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly source: SourceFile | null };

/**
 * Reads the template of the first of `folders` (absolute) that has one; `null`: none does, and the usual layout holds.
 * Errors: `prompt-template` for a placeholder that there is not, and for a file that cannot be read or lies outside.
 *
 * @param show a path as the user would write it.
 */
export function readTemplate(
  root: string,
  folders: readonly string[],
  show: (path: string) => string,
  clean: (text: string) => string,
): TemplateRead {
  for (const folder of folders) {
    const path = join(folder, NAME);
    if (relative(root, path).startsWith('..')) continue;
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
      if (realInside(root, path) === null) return refused(show(path), 'it is a link that leads out of the project');
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      return refused(show(path), code);
    }
    const source = sourceFile(show(path), clean(text));
    const parsed = parseTemplate(source);
    return parsed.ok ? { ok: true, template: parsed.value } : { ok: false, diagnostics: parsed.diagnostics, source };
  }
  return { ok: true, template: null };
}

function refused(name: string, why: string): TemplateRead {
  const diagnostic = error('prompt-template', `${name} cannot be read: ${why}.`, null, {
    hint: 'Mend it, or take it away: without it prompts have the usual layout.',
  });
  return { ok: false, diagnostics: [diagnostic], source: null };
}
