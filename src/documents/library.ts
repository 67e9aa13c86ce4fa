/**
 * The documents round a task file: those of its feature, the standards of the project. Finds and reads them, each once
 * as long as it stays the same; decides nothing about what they say.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type DocumentKind, documentOf, type PromptDocument } from '../core/prompt/relevance.ts';
import { realInside, stampOf } from './inside.ts';

export interface Library {
  readonly documents: readonly PromptDocument[];
  /** Names of files that configure linters and formatters, relative to the root. */
  readonly lint: readonly string[];
}

const FEATURE = ['spec.md', 'plan.md', 'data-model.md', 'research.md', 'quickstart.md'];
const CONTRACTS = 'contracts';
const STANDARDS = ['AGENTS.md', 'CLAUDE.md'];
const CONSTITUTION = join('.specify', 'memory');

const CONTRACT = /\.(?:md|ya?ml|json|graphql|gql|proto|txt|http|ts|d\.ts|sql|xsd|avsc|raml|wsdl)$/i;
const LINT =
  /^(?:\.eslintrc(?:\.\w+)?|eslint\.config\.\w+|biome\.jsonc?|\.prettierrc(?:\.\w+)?|prettier\.config\.\w+|\.editorconfig|tsconfig\.json|deno\.jsonc?|\.stylelintrc(?:\.\w+)?|stylelint\.config\.\w+|\.markdownlint\S*|\.?ruff\.toml|pyproject\.toml|\.flake8|\.pylintrc|mypy\.ini|\.golangci\.(?:ya?ml|toml|json)|\.?rustfmt\.toml|\.?clippy\.toml|\.clang-(?:format|tidy)|\.rubocop\.yml|\.swiftlint\.yml|phpcs\.xml|phpstan\.neon|checkstyle\.xml|detekt\.yml|oxlint\.json|\.oxlintrc\.json)$/;

/** More contracts than these are not looked at; a longer document is named, and not read. */
const MOST_CONTRACTS = 60;
const LONGEST_BYTES = 512 * 1024;

interface Listing {
  readonly stamp: string;
  readonly names: readonly string[];
}

/**
 * Makes a function that gives the documents as they are now. A folder is listed again when it has changed, a file read
 * again when it is another one or has been written; so where there is nothing, a call costs four questions to the disk.
 *
 * @param clean takes control codes and secrets out.
 */
export function createLibrary(root: string, tasksFile: string, clean: (text: string) => string): () => Library {
  const folder = dirname(tasksFile);
  const listings = new Map<string, Listing>();
  const read = new Map<string, { readonly stamp: string; readonly document: PromptDocument }>();

  /** Names in a folder of the project, sorted; none if it is not there or lies outside. */
  const list = (dir: string): readonly string[] => {
    try {
      const found = statSync(dir, { bigint: true, throwIfNoEntry: false });
      if (found === undefined || !found.isDirectory()) return [];
      const stamp = `${found.dev}:${found.ino}:${found.mtimeNs}`;
      const known = listings.get(dir);
      if (known?.stamp === stamp) return known.names;
      const names = realInside(root, dir) === null ? [] : readdirSync(dir).sort();
      listings.set(dir, { stamp, names });
      return names;
    } catch {
      return [];
    }
  };

  const documentAt = (path: string, kind: DocumentKind, seen: Set<string>): PromptDocument[] => {
    try {
      const found = statSync(path, { bigint: true, throwIfNoEntry: false });
      const stamp = found === undefined ? null : stampOf(found);
      if (stamp === null || seen.has(stamp)) return [];
      const known = read.get(path);
      let document = known?.stamp === stamp ? known.document : null;
      if (document === null) {
        const real = realInside(root, path);
        if (real === null) return [];
        const name = clean(relative(root, path).split(sep).join('/'));
        const text =
          Number(found?.size) > LONGEST_BYTES ? '' : clean(readFileSync(real, 'utf8').replace(/^\uFEFF/, ''));
        document = documentOf(name, kind, text);
        read.set(path, { stamp, document });
      }
      // One file under two names, such as CLAUDE.md linked to AGENTS.md, counts once.
      seen.add(stamp);
      return [document];
    } catch {
      return [];
    }
  };

  return () => {
    const seen = new Set<string>();
    const here = list(folder);
    const top = folder === root ? here : list(root);
    const feature = FEATURE.filter((name) => here.includes(name) && name !== basename(tasksFile));
    const contracts = here.includes(CONTRACTS)
      ? list(join(folder, CONTRACTS))
          .filter((name) => CONTRACT.test(name))
          .slice(0, MOST_CONTRACTS)
      : [];
    const memory = top.includes('.specify')
      ? list(join(root, CONSTITUTION)).filter((name) => name === 'constitution.md')
      : [];
    const places: (readonly [string, DocumentKind])[] = [
      ...feature.map((name) => [join(folder, name), 'feature'] as const),
      ...contracts.map((name) => [join(folder, CONTRACTS, name), 'feature'] as const),
      ...memory.map((name) => [join(root, CONSTITUTION, name), 'standard'] as const),
      ...STANDARDS.filter((name) => top.includes(name)).map((name) => [join(root, name), 'standard'] as const),
    ];
    return {
      documents: places.flatMap(([path, kind]) => documentAt(path, kind, seen)),
      lint: top.filter((name) => LINT.test(name)),
    };
  };
}
