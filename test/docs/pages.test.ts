/**
 * README and the pages of docs/: their `console` blocks are run, in order, in a temporary copy of an example, and
 * show what really comes out. `UPDATE=1 npx vitest run test/docs` writes anew what has changed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/options.ts';
import { type Block, blocksOf, bodyOf, type Command, commandsOf, replaceBodies, trimEnd } from './support/blocks.ts';
import { cutLike, isSame, isUnordered, normalised } from './support/compare.ts';
import { PAGES } from './support/pages.ts';
import { createSandbox, ROOT } from './support/sandbox.ts';

const isUpdate = (process.env['UPDATE'] ?? '') !== '';

/** A page that brings its own task file gets an empty place, any other one the example. */
function exampleOf(blocks: readonly Block[]): string | null {
  const first = blocks.find((block) => block.language === 'console' || fileOf(block) !== null);
  return first === undefined || fileOf(first) !== null ? null : 'thirsty';
}

/** A block with a file name behind its language is put there before the commands below it run. */
function fileOf(block: Block): string | null {
  return /^[\w.-]+\.\w+$/.test(block.info) ? block.info : null;
}

describe.each(PAGES)('%s', (name) => {
  const path = join(ROOT, name);
  const page = readFileSync(path, 'utf8');
  const blocks = blocksOf(page);

  // A page without such blocks has no such test.
  const has = (language: string): boolean => blocks.some((block) => block.language === language);
  const itIf = (holds: boolean) => (holds ? it : () => {});

  itIf(has('console'))('shows what its commands really print', async () => {
    const sandbox = await createSandbox(exampleOf(blocks));
    const bodies = new Map<Block, string>();
    const shown: string[] = [];
    const real: string[] = [];
    try {
      for (const block of blocks) {
        const file = fileOf(block);
        if (file !== null) sandbox.write(file, block.body);
        if (block.language !== 'console') continue;
        const fresh = commandsOf(block).map((command): Command => {
          const output = trimEnd(sandbox.run(command.text));
          const unordered = isUnordered(output);
          if (isSame(command.output, output, unordered)) return command;
          const wanted = cutLike(command.output, output);
          const place = `${name}:${block.line} $ ${command.text}`;
          shown.push(place, ...normalised(command.output, unordered));
          real.push(place, ...normalised(wanted, unordered));
          return { text: command.text, output: wanted };
        });
        bodies.set(block, bodyOf(fresh));
      }
    } finally {
      sandbox.remove();
    }
    if (isUpdate) writeFileSync(path, replaceBodies(page, bodies));
    else expect(shown, 'UPDATE=1 npx vitest run test/docs writes the page anew').toEqual(real);
  });

  itIf(has('sh'))('names only commands and flags that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const lines = blocks.flatMap((block) =>
      block.language === 'sh' && block.info === '' ? block.body.split('\n') : [],
    );
    for (const line of lines.map((text) => text.replace(/\s+#.*$/, '').trim()).filter((text) => text !== '')) {
      for (const part of line.split('&&').map((text) => text.trim())) {
        const script = /^(?:[A-Z]+=\S+ )?npm run (\S+)$/.exec(part)?.[1];
        if (script !== undefined) expect(Object.keys(scripts), line).toContain(script);
        else if (part.startsWith('implement')) expect(fault(part), line).toBeNull();
        else
          expect(part, line).toMatch(
            /^(?:npm (?:ci|test|link)|npm install -g \.|git clone \S+.*|cd \S+|(?:UPDATE=1 )?npx (?:vitest run|biome check)\b.*)$/,
          );
      }
    }
  });

  it('never sends anyone to a stranger’s package', () => {
    expect(page).not.toMatch(/npx\s+(?:-\S+\s+)*implement(?!-dag)/);
    expect(page).not.toMatch(/npm (?:i|install)(?:\s+-\S+)* implement(?!-dag)\b/);
  });

  it('links to what is there', () => {
    const text = page.replace(/^(`{3,})[\s\S]*?^\1[ \t]*$/gm, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|<(?:img|a)\s[^>]*?(?:src|href)="([^"]+)"/g)].map(
      (match) => (match[1] ?? match[2]) as string,
    );
    for (const link of links.filter((one) => !/^(?:https?|mailto):/.test(one))) {
      const [file, anchor] = link.split('#') as [string, string | undefined];
      const target = file === '' ? path : join(path, '..', file);
      expect(existsSync(target), `${name} links to ${link}`).toBe(true);
      if (anchor !== undefined)
        expect(anchorsOf(readFileSync(target, 'utf8')), `${name} links to ${link}`).toContain(anchor);
    }
  });
});

/** What is wrong with a command line, or `null`. */
function fault(line: string): string | null {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? (match[3] as string),
  );
  // `--filter='P1'` is one word for a shell.
  const joined = words.reduce<string[]>((all, word) => {
    if (all.at(-1)?.endsWith('=') === true) all.push((all.pop() as string) + word);
    else all.push(word);
    return all;
  }, []);
  const call = parseArguments(joined.slice(1), '0.0.0', { out: () => {}, err: () => {} });
  return 'exit' in call && call.exit !== 0 ? call.message : null;
}

/** Anchors of the headings as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const text = page.replace(/^(`{3,})[\s\S]*?^\1[ \t]*$/gm, '');
  return [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}
