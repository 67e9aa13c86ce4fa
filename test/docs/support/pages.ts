/** The pages that people read, relative to the repository. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './sandbox.ts';

/** Figures of one machine on one day: its commands take minutes and are not run here. */
const NOT_RUN = ['performance.md'];

const DOCS: readonly string[] = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md') && !NOT_RUN.includes(name))
  .sort();

export const PAGES: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...DOCS.map((name) => `docs/${name}`),
];
