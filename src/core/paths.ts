/**
 * The files, directories and globs that a text names, and which of them the text is taken to change. Knows text
 * only: nothing is looked up on a disk.
 */

/** Endings that make a bare word without a folder a file name. */
const EXTENSIONS = new Set(
  (
    'ts tsx mts cts js jsx mjs cjs d.ts vue svelte astro json jsonc json5 yaml yml toml ini cfg conf env lock md mdx txt rst adoc ' +
    'py pyi ipynb rb rs go java kt kts scala groovy gradle swift m mm c h cc cpp cxx hh hpp hxx cs fs fsx vb php pl pm lua r jl dart ex exs erl hrl ' +
    'hs elm clj cljs edn ml mli nim zig sol vy asm s f90 pas sql prisma graphql gql proto thrift avsc xml xsd xsl html htm css scss sass less styl ' +
    'sh bash zsh fish ps1 psm1 bat cmd mk cmake bzl bazel nix tf tfvars hcl dockerfile rego csv tsv parquet svg png jpg jpeg gif webp ico woff woff2 ttf ' +
    'pdf docx xlsx csproj fsproj vbproj sln slnx props targets xaml resx razor cshtml plist pbxproj storyboard xib xcconfig entitlements aab apk ' +
    'twig blade.php erb haml slim ejs hbs pug jinja j2 tmpl tpl http rest snap feature puml mmd dot drawio bicep service timer properties po pot arb strings hook'
  ).split(' '),
);
/** File names without an ending, or with one that says nothing. */
const NAMES =
  /^(?:Dockerfile|Containerfile|Makefile|Rakefile|Gemfile|Procfile|Jenkinsfile|Vagrantfile|Caddyfile|Justfile|Brewfile|Podfile|Fastfile|CMakeLists\.txt|LICENSE|CODEOWNERS|CHANGELOG|README|\.(?:env|gitignore|gitattributes|dockerignore|editorconfig|npmrc|nvmrc|prettierrc|eslintrc|eslintignore|prettierignore|babelrc|tool-versions|python-version|node-version|pylintrc|flake8|rspec|rubocop|htaccess|browserslistrc|lintstagedrc|stylelintrc|swcrc|mailmap)(?:[.\w-]*)?)$/;
/** Products that are written like files. */
const PRODUCTS =
  /^(?:(?:node|next|nuxt|vue|react|express|nest|three|chart|d3|ember|backbone|angular|socket|discord|passport|moment|day|alpine|p5|solid|preact|svelte|electron|deno|require|underscore|knockout|meteor|sails|koa|hapi|fastify|babylon|tone|plotly|leaflet|mapbox|pdf|video|ag-grid|tensorflow|brain|ml5|highlight|prism|marked|quill|lit|stimulus|turbo|htmx|full|matter|pixi|phaser|anime|gsap|velocity|swiper|ethers|web3|viem|bull|agenda|bree|sharp|jimp|date-fns|luxon|crypto|zone|rx)\.js|asp\.net|\.net|vb\.net|ado\.net|[\d.]+)$/i;

/** Documents of the specification: named as references, never what a task changes. */
const SPEC_DOCUMENT =
  /^(?:\.specify|specs?|contracts|checklists|\.kiro|openspec|memory)\/|^(?:[^/]+\/)*(?:spec|plan|tasks|quickstart|research|data-model|constitution|requirements|design)\.md$/i;

const BARE = /[A-Za-z0-9_@.~$\\/[\](){}*#%+-]+/g;

/** Longer words are data, no names. */
const LONGEST = 500;

interface Named {
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

export interface Paths {
  /** Files, directories and globs, in order, each once. */
  readonly paths: readonly string[];
  /** The file that the text is taken to change, or `null`. */
  readonly target: string | null;
}

/**
 * Everything that a task names, its title first, then the text below. The target is the first file with a folder in
 * its path, else the first bare file name; the text below is asked only where the title names none. Linear.
 */
export function readPaths(title: string, below: string): Paths {
  const inTitle = named(title);
  const inBody = below.trim() === '' ? [] : named(below);
  return {
    paths: [...new Set([...inTitle, ...inBody].map((one) => one.path))],
    target: targetOf(inTitle) ?? targetOf(inBody),
  };
}

/** Directories, globs and documents of the specification are references only. */
function targetOf(all: readonly Named[]): string | null {
  let bare: string | null = null;
  for (const { path, kind } of all) {
    if (kind !== 'file' || SPEC_DOCUMENT.test(path) || /[*?{}]/.test(path)) continue;
    if (path.includes('/')) return path;
    bare ??= path;
  }
  return bare;
}

function named(text: string): Named[] {
  const found: Named[] = [];
  const bare = (part: string): void => {
    for (const [word] of part.matchAll(BARE)) {
      if (word.length > LONGEST || word.length < 2) continue;
      const one = classify(trim(word), false);
      if (one !== null) found.push(one);
    }
  };
  let from = 0;
  // A code span: the same number of ticks on both sides; only single ones matter here.
  for (const match of text.matchAll(/`([^`\n]+)`/g)) {
    bare(withoutLinks(text.slice(from, match.index)));
    from = match.index + match[0].length;
    const inner = (match[1] as string).trim();
    const one = /\s/.test(inner) ? null : classify(inner.replace(/[,;:.]+$/, ''), true);
    if (one !== null) found.push(one);
    else if (/\s/.test(inner)) bare(inner);
  }
  bare(withoutLinks(text.slice(from)));
  return found;
}

/** Addresses are no paths; a relative link is named by its address. */
function withoutLinks(text: string): string {
  return text
    .replace(/(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>)\]]+/gi, ' ')
    .replace(/\[[^\][\n]{0,300}\]\(\s{0,3}<?([^()\s<>]{1,500})>?[^()\n]{0,200}\)/g, ' $1 ')
    .replace(/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}/g, ' ');
}

/** Punctuation of the sentence round a bare word, brackets included that only close or only open. */
function trim(word: string): string {
  let text = word;
  for (;;) {
    const before = text;
    text = text.replace(/^[+*#%~-]+(?=[A-Za-z0-9_./\\[({@])/, (marks) =>
      marks.includes('*') && text[marks.length] === '/' ? marks : '',
    );
    text = text.replace(/[.+#%~\\-]+$/, '').replace(/^[)\]}]+/, '');
    for (const [open, close] of ['()', '[]', '{}'] as const) {
      const balance = count(text, open as string) - count(text, close as string);
      if (balance > 0 && text.startsWith(open as string)) text = text.slice(1);
      else if (balance > 0 && text.endsWith(open as string)) text = text.slice(0, -1);
      else if (balance < 0 && text.endsWith(close as string)) text = text.slice(0, -1);
      else if (balance === 0 && text.startsWith(open as string) && text.endsWith(close as string) && text.length > 1) {
        text = text.slice(1, -1);
      }
    }
    if (text === before) return text;
  }
}

function count(text: string, symbol: string): number {
  let n = 0;
  for (const one of text) if (one === symbol) n++;
  return n;
}

function classify(raw: string, ticked: boolean): Named | null {
  if (raw.length < 2 || raw.length > 500 || /[<>|"'`!,;=]|^[a-z][a-z0-9+.-]+:\/\//i.test(raw)) return null;
  let path = raw
    .replaceAll('\\', '/')
    .replace(/(?:#L?\d+(?:-L?\d+)?|:\d+(?:[:-]\d+)*)$/, '')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/{2,}/g, '/');
  if (/\(\)|:/.test(path) || !/[A-Za-z0-9\p{L}]/u.test(path)) return null;
  const isFolder = path.endsWith('/');
  if (isFolder) path = path.replace(/\/+$/, '/');
  const last = path.replace(/\/$/, '').split('/').at(-1) as string;
  const isGlob = /\*/.test(path);
  const ending = endingOf(last);
  const hasFolder = path.replace(/\/$/, '').includes('/');
  if (isGlob) return hasFolder || ending !== null ? { path, kind: 'folder' } : null;
  if (isFolder) {
    // `/api/users/` and `and/or/` are no folders of the project, `src/` is.
    return path.startsWith('/') && !ticked ? null : { path, kind: 'folder' };
  }
  if (NAMES.test(last) && (hasFolder || ticked || /[.A-Z]/.test(last[0] as string))) return { path, kind: 'file' };
  if (hasFolder) {
    if (ending !== null && /^[A-Za-z][A-Za-z0-9]{0,11}$/.test(ending)) {
      // `/speckit.clarify` is a command, `@scope/name.js` a package.
      return /^[@/]/.test(path) && !EXTENSIONS.has(ending.toLowerCase()) ? null : { path, kind: 'file' };
    }
    const isRoute = path.startsWith('/') || path.startsWith('@');
    return ticked && !isRoute ? { path, kind: 'folder' } : null;
  }
  if (ending === null || PRODUCTS.test(last) || !EXTENSIONS.has(ending.toLowerCase())) return null;
  return /^[\p{L}\p{N}_.[\]()@$+-]+$/u.test(last) ? { path, kind: 'file' } : null;
}

/** What stands behind the last dot of a name, or `null`. */
function endingOf(name: string): string | null {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || dot === name.length - 1 ? null : name.slice(dot + 1);
}
