/** Fenced blocks of a Markdown page, the commands in them, and the page with other text in their place. */

export interface Block {
  /** First word of the info string: `console`, `sh`, `markdown`. */
  readonly language: string;
  /** The rest of the info string. */
  readonly info: string;
  readonly body: string;
  /** Offsets of the body in the page. */
  readonly start: number;
  readonly end: number;
  /** Line of the fence, from 1. */
  readonly line: number;
}

export interface Command {
  /** What stands behind `$ `. */
  readonly text: string;
  readonly output: readonly string[];
}

const FENCE = /^(`{3,})([\w-]*)[ \t]*([^\n]*)\n([\s\S]*?)^\1[ \t]*$/gm;

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCE)].map((match) => {
    const [whole, , language, info, body] = match as unknown as [string, string, string, string, string];
    const start = match.index + whole.indexOf('\n') + 1;
    return {
      language,
      info,
      body,
      start,
      end: start + body.length,
      line: page.slice(0, match.index).split('\n').length,
    };
  });
}

/** Commands and outputs of a `console` block. Empty lines at the end of an output do not count. */
export function commandsOf(block: Block): Command[] {
  const commands: { text: string; output: string[] }[] = [];
  for (const line of block.body.split('\n')) {
    if (line.startsWith('$ ')) commands.push({ text: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands.map(({ text, output }) => ({ text, output: trimEnd(output) }));
}

/** The body of a `console` block; an empty line stands between an output and the next command. */
export function bodyOf(commands: readonly Command[]): string {
  const parts = commands.map(({ text, output }) => [`$ ${text}`, ...trimEnd(output)].join('\n'));
  const joined = parts.reduce((body, part, i) => {
    const before = commands[i - 1];
    const gap = before === undefined ? '' : before.output.length > 0 ? '\n\n' : '\n';
    return `${body}${gap}${part}`;
  }, '');
  return `${joined}\n`;
}

/** The page with new bodies in the place of those of some of its blocks. */
export function replaceBodies(page: string, bodies: ReadonlyMap<Block, string>): string {
  const sorted = [...bodies].sort(([a], [b]) => b.start - a.start);
  return sorted.reduce((text, [block, body]) => text.slice(0, block.start) + body + text.slice(block.end), page);
}

export function trimEnd(lines: readonly string[]): string[] {
  const end = lines.findLastIndex((line) => line.trim() !== '');
  return lines.slice(0, end + 1);
}
