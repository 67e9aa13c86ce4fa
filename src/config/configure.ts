/**
 * All layers between the flags and the defaults, for one task file. Only looks whether there is anything to read:
 * without a file, a variable or front matter the rooms that read and check are not loaded.
 */
import type { Diagnostic, Result } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import type { FrontMatter } from '../core/task.ts';
import { type Found, findProject, findUser } from './find.ts';
import type { Layer } from './layer.ts';
import { PREFIX } from './names.ts';

export interface ConfigureInput {
  /** Folder of the task file, absolute: a configuration is looked for from here upward. */
  readonly folder: string;
  /** The project root, absolute: no further. */
  readonly root: string;
  /** `--config`, absolute: this file instead of the one that would be found. */
  readonly named: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The task file and its front matter; `commands`: those in it may run. */
  readonly front: {
    readonly source: SourceFile;
    readonly value: FrontMatter;
    readonly commands: boolean;
  } | null;
  /** A path as the user would write it. */
  show(path: string): string;
  /** Takes control codes and secrets out. */
  clean(text: string): string;
}

/** Layers, the strongest first; or what is wrong, with the file that its places belong to. */
export type Configured =
  | { readonly ok: true; readonly layers: readonly Layer[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly source: SourceFile | null };

export interface Sources {
  readonly project: Found | null;
  readonly user: Found | null;
}

/** Reads what there is. Errors: `config-file`, `config-syntax`, `config-key`, `config-value`. */
export async function configure(input: ConfigureInput): Promise<Configured> {
  const project: Result<Found | null> =
    input.named === null ? findProject(input.folder, input.root) : { ok: true, value: null, warnings: [] };
  if (!project.ok) return { ok: false, diagnostics: project.diagnostics, source: null };
  const user = findUser(input.env);
  if (!user.ok) return { ok: false, diagnostics: user.diagnostics, source: null };
  const isThere =
    input.named !== null ||
    project.value !== null ||
    user.value !== null ||
    input.front?.value.settings !== undefined ||
    (input.front?.commands === true && Object.keys(input.front.value).length > 0) ||
    Object.keys(input.env).some((name) => name.startsWith(PREFIX));
  if (!isThere) return { ok: true, layers: [] };
  const { load } = await import('./load.ts');
  return load(input, { project: project.value, user: user.value });
}
