/**
 * Which sections of the documents go into a prompt: the most relevant ones that fit, verbatim, in the order of the
 * documents, and the paths of the rest. Knows lengths; what a section is worth is asked in `relevance.ts`.
 */
import { type Focus, type PromptDocument, RELEVANT, scoreOf } from './relevance.ts';
import { linesIn } from './sections.ts';

/** A piece of a document, as it stands in it. */
export interface Excerpt {
  readonly path: string;
  /** First and last line, from 1. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface Excerpts {
  /** At most as long as was asked for; empty where there is nothing to show. */
  readonly text: string;
  readonly included: readonly Excerpt[];
  /** Documents of which not everything is included. */
  readonly left: readonly string[];
}

interface Candidate {
  readonly document: number;
  readonly section: number;
  readonly score: number;
}

/** What is shorter than this, in characters, is not worth cutting a section for. */
const SHORTEST_CUT = 400;

/**
 * @param title stands above the excerpts.
 * @param room the most characters that the text may have.
 */
export function excerptsOf(documents: readonly PromptDocument[], focus: Focus, title: string, room: number): Excerpts {
  const names = documents.map((one) => one.name);
  const reserved = Math.min(restLine(names, room).length + 4, Math.floor(room / 4));
  let free = room - title.length - 2 - reserved;
  const longest = Math.max(SHORTEST_CUT, Math.floor(free / 3));
  const taken: {
    readonly document: number;
    readonly section: number;
    readonly excerpt: Excerpt;
    readonly whole: boolean;
  }[] = [];
  for (const { document: at, section: index } of candidates(documents, focus)) {
    const document = documents[at] as PromptDocument;
    const section = document.sections[index] as PromptDocument['sections'][number];
    const frame = framed({ path: document.name, from: 1e7, to: 1e7, text: '' }, section.above).length + 2;
    const length = section.end - section.start;
    const most = Math.min(free - frame, longest);
    const end = length <= most ? section.end : cutAt(document.text, section.start, most);
    if (end === null) continue;
    const text = document.text.slice(section.start, end);
    const to = section.line + linesIn(text, 0, text.length);
    const excerpt = { path: document.name, from: section.line, to, text };
    taken.push({ document: at, section: index, excerpt, whole: end === section.end });
    free -= frame + text.length;
  }
  taken.sort((a, b) => a.document - b.document || a.section - b.section);
  const left = names.filter((_name, at) => {
    const all = (documents[at] as PromptDocument).sections;
    return all.length === 0 || taken.filter((one) => one.document === at && one.whole).length < all.length;
  });
  const shown = taken.map(({ document, section, excerpt }) =>
    framed(excerpt, documents[document]?.sections[section]?.above ?? []),
  );
  const rest = restLine(left, reserved - 2);
  const parts = [...shown, ...(rest === '' ? [] : [rest])];
  const text = parts.length === 0 ? '' : [title, ...parts].join('\n\n');
  // Where there is hardly any room, even title and paths are too much.
  if (text.length > room) return { text: '', included: [], left: names };
  return { text, included: taken.map((one) => one.excerpt), left };
}

/** The best first; of equals the one that stands first. */
function candidates(documents: readonly PromptDocument[], focus: Focus): Candidate[] {
  return documents
    .flatMap((one, document) =>
      one.sections.map((section, at): Candidate => ({ document, section: at, score: scoreOf(section, focus) })),
    )
    .filter((one) => one.score >= RELEVANT)
    .sort((a, b) => b.score - a.score || a.document - b.document || a.section - b.section);
}

/** The end of the last whole line that fits; `null`: too little would be left. */
function cutAt(text: string, start: number, most: number): number | null {
  if (most < SHORTEST_CUT) return null;
  const end = text.lastIndexOf('\n', start + most);
  return end - start < SHORTEST_CUT / 2 ? null : end;
}

function framed({ path, from, to, text }: Excerpt, above: readonly string[]): string {
  const under = above.length === 0 ? '' : ` under="${quotable(above.join(' > ').slice(0, 120))}"`;
  return `<excerpt path="${quotable(path)}" lines="${from}-${to}"${under}>\n${text}\n</excerpt>`;
}

/** Nothing in a name may end the line or the quotes round it. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replace(/\s+/g, ' ');
}

function restLine(names: readonly string[], room: number): string {
  const head = 'More is in: ';
  const fits: string[] = [];
  let length = head.length;
  for (const name of names.map(quotable)) {
    if (length + name.length + 2 > room) break;
    fits.push(name);
    length += name.length + 2;
  }
  return fits.length === 0 ? '' : `${head}${fits.join(', ')}`;
}
