/** Globs as people write them in configuration. Knows the syntax alone: nothing is looked up on a disk. */
import picomatch from 'picomatch';

/**
 * Compiles a glob to a test of paths with `/` as separator: `*` stays inside a folder, `**` does not, braces and
 * classes work, and names that begin with a dot are matched like others.
 */
export function globTest(pattern: string): (path: string) => boolean {
  const matches = picomatch(pattern, { dot: true });
  return (path) => matches(path);
}
