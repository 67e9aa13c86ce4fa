/**
 * Where configurations lie: that of the project, found upward, and that of the user. A few questions to the disk;
 * what is in a file is read elsewhere.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { error, fail, ok, type Result } from '../core/diagnostic.ts';
import { CONFIGURATIONS, PACKAGE_KEY, USER_CONFIGURATIONS } from './names.ts';

/** How a file is written, by its ending; `package`: the key of a package.json. */
export type Kind = 'json' | 'yaml' | 'javascript' | 'typescript' | 'package';

export interface Found {
  /** Absolute. */
  readonly path: string;
  readonly kind: Kind;
}

/** The kind that a file name means, or `null`. */
export function kindOf(path: string): Kind | null {
  if (/(?:^|[\\/])package\.json$/.test(path)) return 'package';
  const ending = /\.([cm]?[jt]s|json|ya?ml)$/.exec(path)?.[1];
  if (ending === undefined || ending === 'cts') return null;
  if (ending === 'json') return 'json';
  return /^ya?ml$/.test(ending) ? 'yaml' : ending.endsWith('ts') ? 'typescript' : 'javascript';
}

/**
 * The nearest configuration from `folder` up to `root`, both absolute; `null` if there is none. Two kinds in one
 * folder: error `config-file`, whatever lies further up.
 */
export function findProject(folder: string, root: string): Result<Found | null> {
  for (let here = folder; ; here = dirname(here)) {
    const found = CONFIGURATIONS.filter((name) => existsSync(join(here, name)));
    if (isInPackage(join(here, 'package.json'))) found.push('package.json');
    if (found.length > 0) return only(here, found);
    if (here === root || dirname(here) === here) return ok(null);
  }
}

/** The user's own configuration: `$XDG_CONFIG_HOME/implement/config.*`, else below `~/.config`. Errors: `config-file`. */
export function findUser(env: Readonly<Record<string, string | undefined>>): Result<Found | null> {
  const named = env['XDG_CONFIG_HOME'] ?? '';
  const home = env['HOME'] ?? '';
  // The XDG specification has relative paths ignored.
  const base = isAbsolute(named) ? named : isAbsolute(home) ? join(home, '.config') : null;
  if (base === null) return ok(null);
  const folder = join(base, 'implement');
  const found = USER_CONFIGURATIONS.filter((name) => existsSync(join(folder, name)));
  return found.length === 0 ? ok(null) : only(folder, found);
}

function only(folder: string, names: readonly string[]): Result<Found> {
  if (names.length > 1) {
    const shown = names.map((name) => (name === 'package.json' ? `the key ${PACKAGE_KEY} of package.json` : name));
    return fail(
      error('config-file', `There are ${shown.length} configurations in ${folder}: ${shown.join(' and ')}.`, null, {
        hint: 'Keep one of them: which one counts would be chance.',
      }),
    );
  }
  const path = join(folder, names[0] as string);
  return ok({ path, kind: kindOf(path) as Kind });
}

/** Whether a package.json holds a configuration. One that is broken does if it names the key. */
function isInPackage(path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return false;
  }
  if (!text.includes(`"${PACKAGE_KEY}"`)) return false;
  try {
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof content === 'object' && content !== null && Object.hasOwn(content, PACKAGE_KEY);
  } catch {
    return new RegExp(`"${PACKAGE_KEY}"\\s*:`).test(text);
  }
}
