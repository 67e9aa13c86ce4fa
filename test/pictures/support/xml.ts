/**
 * A strict reader of the part of XML 1.0 that pictures use: no DTD, no processing instructions, no CDATA.
 * It throws on anything that is not well formed.
 */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const NAME = /[A-Za-z_:][\w:.-]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function isChar(code: number): boolean {
  return (
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

/** Reads a document and gives its root. */
export function parseXml(text: string): Element {
  for (const character of text)
    if (!isChar(character.codePointAt(0)!))
      throw new Error(`no XML character: ${character.codePointAt(0)!.toString(16)}`);
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 40))}`);
  };
  const name = (): string => {
    NAME.lastIndex = at;
    const found = NAME.exec(text)?.[0] ?? fail('a name is missing');
    at += found.length;
    return found;
  };
  const space = (): boolean => {
    const start = at;
    while (' \t\r\n'.includes(text[at] ?? 'x')) at++;
    return at > start;
  };
  const decode = (raw: string): string => {
    if (raw.includes('<')) fail('a bare <');
    return raw.replace(/&([^;&]*;?)/g, (_, entity: string) => {
      if (!entity.endsWith(';')) fail('a bare &');
      const numeric = /^#(?:(\d+)|x([0-9a-fA-F]+));$/.exec(entity);
      if (numeric === null) return ENTITIES[entity.slice(0, -1)] ?? fail(`unknown entity ${entity}`);
      const code = numeric[1] === undefined ? Number.parseInt(numeric[2]!, 16) : Number(numeric[1]);
      if (!isChar(code)) fail('a reference to no character');
      return String.fromCodePoint(code);
    });
  };
  const element = (): Element => {
    at++;
    const result: Element = { name: name(), attributes: {}, children: [] };
    const attributes = result.attributes as Record<string, string>;
    for (;;) {
      const gap = space();
      if (text.startsWith('/>', at)) {
        at += 2;
        return result;
      }
      if (text[at] === '>') break;
      if (!gap) fail('no space in front of an attribute');
      const key = name();
      if (key in attributes) fail(`a second ${key}`);
      if (text[at] !== '=') fail('= is missing');
      const quote = text[at + 1]!;
      if (quote !== '"' && quote !== "'") fail('a quote is missing');
      const end = text.indexOf(quote, at + 2);
      if (end < 0) fail('an open attribute');
      attributes[key] = decode(text.slice(at + 2, end));
      at = end + 1;
    }
    at++;
    for (;;) {
      const next = text.indexOf('<', at);
      if (next < 0) fail('an open element');
      const raw = text.slice(at, next);
      if (raw.includes(']]>')) fail(']]> in text');
      if (raw !== '') result.children.push(decode(raw));
      at = next;
      if (text.startsWith('<!--', at)) {
        const end = text.indexOf('--', at + 4);
        if (end < 0 || text[end + 2] !== '>') fail('a bad comment');
        at = end + 3;
      } else if (text[at + 1] === '/') {
        at += 2;
        if (name() !== result.name) fail(`${result.name} is not closed`);
        space();
        if (text[at] !== '>') fail('> is missing');
        at++;
        return result;
      } else result.children.push(element());
    }
  };
  space();
  if (text[at] !== '<') fail('no root');
  const root = element();
  space();
  if (at !== text.length) fail('something behind the root');
  return root;
}

/** All elements below `root`, itself included, in document order. */
export function elements(root: Element): Element[] {
  return [root, ...root.children.flatMap((child) => (typeof child === 'string' ? [] : elements(child)))];
}

/** The text in an element and all below it. */
export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

export function classesOf(element: Element): readonly string[] {
  return (element.attributes['class'] ?? '').split(' ');
}
