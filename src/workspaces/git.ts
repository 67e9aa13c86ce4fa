/** Questions to git, through its command line. Knows no tasks. */

/** Paths below `dir` (absolute) that git tracks; empty where there is no repository or no git. */
export async function trackedFiles(dir: string): Promise<string[]> {
  const { execa } = await import('execa');
  const result = await execa('git', ['-C', dir, 'ls-files', '-z', '--', '.'], {
    reject: false,
    stdin: 'ignore',
    env: { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
  });
  return result.exitCode === 0 ? result.stdout.split('\0').filter((path) => path !== '') : [];
}
