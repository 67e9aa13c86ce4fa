// A build plugin: the licences of all packages that are inside a bundle, in a file beside it. Knows packages as
// npm lays them out; knows nothing of what the bundle does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const TEXTS = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** @param fileName of the list, in the output directory. */
export function thirdParty(fileName) {
  return {
    name: 'third-party',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
      const folders = new Set(modules.flatMap((id) => PACKAGE.exec(id)?.[1] ?? []));
      const packages = [...folders].map(describe).sort((a, b) => (a.name < b.name ? -1 : 1));
      const head = 'The files beside this one contain the following packages, each under its own licence.\n';
      const parts = packages.map(
        ({ name, version, license, text }) => `${'-'.repeat(72)}\n${name} ${version} (${license})\n\n${text}\n`,
      );
      this.emitFile({ type: 'asset', fileName, source: [head, ...parts].join('\n') });
    },
  };
}

function describe(folder) {
  const { name, version, license, author, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder)
    .filter((file) => TEXTS.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  // Some packages name their licence and ship no text of it.
  const writer = typeof author === 'string' ? author : (author?.name ?? '');
  const text =
    texts.length > 0 ? texts.join('\n\n') : [`License: ${license}`, writer, homepage].filter(Boolean).join('\n');
  return { name, version, license, text };
}
