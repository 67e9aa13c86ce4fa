/** The names of configuration files. Knows no folder and reads nothing. */

/** Files of a project; at most one of them may lie in a folder. */
export const CONFIGURATIONS: readonly string[] = ['json', 'yaml', 'yml', 'ts', 'mts', 'js', 'mjs', 'cjs'].map(
  (ending) => `implement.config.${ending}`,
);

/** Files in the user's own folder of configurations. */
export const USER_CONFIGURATIONS: readonly string[] = ['config.json', 'config.yaml', 'config.yml'];

/** The key of package.json that may hold a configuration. */
export const PACKAGE_KEY = 'implement';

/** What the variables that set options begin with. */
export const PREFIX = 'IMPLEMENT_OPT_';
