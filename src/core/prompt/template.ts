/**
 * The layout of a prompt: text with placeholders. Knows their names and how a value takes the place of one; not what
 * the values are.
 */
import { type Diagnostic, error, fail, ok, type Result } from '../diagnostic.ts';
import { at, type SourceFile, sourceFile } from '../source.ts';
import { nearest } from '../suggest.ts';

/** Blocks of a prompt, each with its own title where it has one. */
export const PLACEHOLDERS = [
  ...(['task', 'body', 'place', 'phase', 'files', 'story', 'feedback', 'conflict'] as const),
  ...(['handover', 'siblings', 'documents', 'standards', 'rules'] as const),
];

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** One more literal than names: `literals[0]`, then the value of `names[0]`, then `literals[1]`, … */
export interface Template {
  readonly literals: readonly string[];
  readonly names: readonly Placeholder[];
}

/** Reads a template. Errors: `prompt-template` at each placeholder that there is not. */
export function parseTemplate(source: SourceFile): Result<Template> {
  const text = source.text.replace(/^\uFEFF/, '');
  const shift = source.text.length - text.length;
  const literals: string[] = [];
  const names: Placeholder[] = [];
  const faults: Diagnostic[] = [];
  let end = 0;
  for (const match of text.matchAll(/\{\{([^{}\n]{0,200})\}\}/g)) {
    const name = (match[1] as string).trim();
    const from = match.index + shift;
    if (!isPlaceholder(name)) {
      const near = nearest(name, PLACEHOLDERS);
      const all = `There are: ${PLACEHOLDERS.map((one) => `{{${one}}}`).join(', ')}.`;
      faults.push(
        error('prompt-template', `There is no placeholder {{${name}}}.`, at(source, from, from + match[0].length), {
          hint: near === null ? all : `Did you mean {{${near}}}? ${all}`,
        }),
      );
      continue;
    }
    literals.push(text.slice(end, match.index));
    names.push(name);
    end = match.index + match[0].length;
  }
  literals.push(text.slice(end));
  return faults.length > 0 ? fail(...faults) : ok({ literals, names });
}

function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

const DEFAULT_TEXT = `{{task}}

{{body}}

{{place}}
{{phase}}
{{files}}

{{story}}

{{feedback}}

{{conflict}}

{{handover}}

{{siblings}}

{{documents}}

{{standards}}

{{rules}}
`;

const parsed = parseTemplate(sourceFile('default', DEFAULT_TEXT));
if (!parsed.ok) throw new Error('the layout of prompts has a placeholder that there is not');
export const DEFAULT_TEMPLATE: Template = parsed.value;

/**
 * The text with values in the places of their names. An empty value that has a line of its own takes the line with
 * it, and the empty line behind that.
 */
export function render({ literals, names }: Template, values: Readonly<Record<Placeholder, string>>): string {
  let text = literals[0] as string;
  names.forEach((name, i) => {
    const value = values[name];
    const next = literals[i + 1] as string;
    const startsLine = text === '' || text.endsWith('\n');
    if (value !== '' || !startsLine || !/^\r?\n/.test(next)) text += value + next;
    else {
      const rest = next.replace(/^\r?\n/, '');
      text += text === '' || /\n\r?\n$/.test(text) ? rest.replace(/^\r?\n/, '') : rest;
    }
  });
  return text;
}
