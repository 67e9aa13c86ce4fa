/**
 * Random edits of files by tasks, twice: as a shell script for a task, and as a change of a model. Whatever order tasks
 * are merged in, the model replays it. Knows no runs.
 */
import { createHash } from 'node:crypto';

/** One thing that a task does. Each can be done on any state of the files, and two either commute or conflict. */
type Edit =
  | { readonly kind: 'create'; readonly path: string; readonly text: string }
  | { readonly kind: 'append'; readonly path: string; readonly text: string }
  | { readonly kind: 'replace'; readonly path: string; readonly line: number; readonly text: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'executable'; readonly path: string };

export interface Entry {
  readonly text: string;
  readonly executable: boolean;
}

/** Files by path. */
export type Model = ReadonlyMap<string, Entry>;

const LINES = 60;
const BIG = ['big-1.txt', 'src/big-2.txt', 'src/deep/er/big 3.txt'];
const LOGS = ['log.txt', 'src/log.txt'];
const SCRIPTS = ['run.sh', 'bin/do.sh'];

/** What is there before any task; each task of `ids` has a file of its own that it may remove. */
export function filesBefore(ids: readonly string[]): Model {
  const plain = (text: string): Entry => ({ text, executable: false });
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i + 1}\n`).join('');
  return new Map([
    ...BIG.map((path) => [path, plain(lines)] as const),
    ...LOGS.map((path) => [path, plain('begin\n')] as const),
    ...SCRIPTS.map((path) => [path, plain('true\n')] as const),
    ...ids.map((id) => [`old/${id}.txt`, plain(`old ${id}\n`)] as const),
  ]);
}

export function randomEdits(random: () => number, id: string): Edit[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const count = Math.floor(random() * 5);
  return Array.from({ length: count }, (_, i): Edit => {
    const chance = random();
    if (chance < 0.3)
      return {
        kind: 'create',
        path: `${pick(['', 'src/', `own/${id}/`])}new-${id}-${i}`,
        text: `${id}\n`.repeat(1 + Math.floor(random() * 2000)),
      };
    if (chance < 0.4) return { kind: 'append', path: pick(LOGS), text: `${id} ${i}` };
    if (chance < 0.85)
      return { kind: 'replace', path: pick(BIG), line: 1 + Math.floor(random() * LINES), text: `${id} ${i}` };
    return chance < 0.93 ? { kind: 'remove', path: `old/${id}.txt` } : { kind: 'executable', path: pick(SCRIPTS) };
  });
}

/** The edits as lines for `sh`; each of them with a pause of `pause` seconds behind it. */
export function scriptOf(edits: readonly Edit[], pause: number): string {
  const lineOf = (edit: Edit): string => {
    const path = `'${edit.path}'`;
    switch (edit.kind) {
      case 'create': {
        const count = edit.text.split('\n').length - 1;
        return `mkdir -p "$(dirname ${path})"; yes '${edit.text.split('\n')[0]}' | head -n ${count} > ${path}`;
      }
      case 'append':
        return `echo '${edit.text}' >> ${path}`;
      case 'replace':
        return `sed '${edit.line}s/.*/${edit.text}/' ${path} > "$PLAY/tmp-$IMPLEMENT_TASK_ID"; cat "$PLAY/tmp-$IMPLEMENT_TASK_ID" > ${path}`;
      case 'remove':
        return `rm -f ${path}`;
      case 'executable':
        return `chmod +x ${path}`;
    }
  };
  return edits.map((edit) => `${lineOf(edit)}\nsleep ${pause}\n`).join('');
}

/** The files after the edits, and which of them differ (`A path`, `M path`, `D path`). */
export function replay(
  model: Model,
  edits: readonly Edit[],
): { readonly model: Model; readonly changed: readonly string[] } {
  const next = new Map(model);
  for (const edit of edits) {
    const now = next.get(edit.path) ?? { text: '', executable: false };
    if (edit.kind === 'remove') next.delete(edit.path);
    else if (edit.kind === 'create') next.set(edit.path, { text: edit.text, executable: false });
    else if (edit.kind === 'append') next.set(edit.path, { ...now, text: `${now.text}${edit.text}\n` });
    else if (edit.kind === 'executable') next.set(edit.path, { ...now, executable: true });
    else
      next.set(edit.path, {
        ...now,
        text: now.text
          .split('\n')
          .with(edit.line - 1, edit.text)
          .join('\n'),
      });
  }
  const changed: string[] = [];
  for (const path of new Set([...model.keys(), ...next.keys()])) {
    const [before, after] = [model.get(path), next.get(path)];
    if (before === undefined) changed.push(`A ${path}`);
    else if (after === undefined) changed.push(`D ${path}`);
    else if (before.text !== after.text || before.executable !== after.executable) changed.push(`M ${path}`);
  }
  return { model: next, changed: changed.sort() };
}

/** The model as `git ls-tree -r` prints it. */
export function treeOf(model: Model): string[] {
  return [...model]
    .map(([path, { text, executable }]) => {
      const blob = createHash('sha1')
        .update(`blob ${Buffer.byteLength(text)}\0${text}`)
        .digest('hex');
      return `${executable ? '100755' : '100644'} blob ${blob}\t${path}`;
    })
    .sort();
}
