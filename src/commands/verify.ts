/** `implement verify`: which ticked tasks are not done, what is missing, and why it is thought so. */
import { counted } from '../core/duration.ts';
import type { Phantom, Proof } from '../core/phantom.ts';
import { oneLine } from '../core/redact.ts';
import { placeOf, type SourceFile } from '../core/source.ts';
import { type CommandIo, OK, printable } from './command.ts';

export interface VerifyView {
  readonly proof: Proof;
  readonly source: SourceFile;
  /** Boxes were to be opened. */
  readonly fix: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  /** The command that opens their boxes, as the user says it. */
  readonly fixCommand: string;
}

/** Exit code of a look that found something. */
const FOUND = 1;

export function verifyCommand(view: VerifyView, io: CommandIo): number {
  const { proof, source, fix } = view;
  const { phantoms, held, unchecked, ticked } = proof;
  const code = phantoms.length > 0 ? FOUND : OK;
  if (view.json) {
    io.output.out(asJson(view, io));
    return code;
  }
  const { out } = io.output;
  const word = (text: string): string => oneLine(io.clean(text));
  const place = (at: Phantom['at']): string => {
    const { line, column } = placeOf(source, at.span.start);
    return `${word(source.name)}:${line}:${column}`;
  };
  for (const phantom of phantoms) {
    const opened = phantom.opened ? io.paint.dim(' (box opened)') : '';
    out(
      `${io.paint.bold(place(phantom.at))}: ${io.paint.error('not done')}: ${word(phantom.task)} ${word(phantom.title)}${opened}`,
    );
    for (const { what, why, at } of phantom.missing) {
      const where = at.span.start === phantom.at.span.start ? '' : ` (${place(at)})`;
      out(`  ${io.paint.error('✗')} ${word(what)}: ${word(why)}${where}`);
    }
  }
  const parts = [
    `${held.length} held`,
    ...(phantoms.length > 0 ? [`${phantoms.length} not done`] : []),
    ...(unchecked.length > 0 ? [`${unchecked.length} with nothing to check`] : []),
  ];
  out(`${word(source.name)}: ${counted(ticked, 'ticked task')}${ticked === 0 ? '' : `: ${parts.join(', ')}`}`);
  if (view.verbose && unchecked.length > 0) out(`  Nothing to check: ${unchecked.map(word).join(', ')}`);
  if (phantoms.length > 0 && !fix) out(`To open their boxes: ${word(view.fixCommand)}`);
  return code;
}

function asJson({ proof, source, fix }: VerifyView, io: CommandIo): string {
  const word = (text: string): string => oneLine(io.clean(text));
  return printable({
    schemaVersion: 1,
    file: source.name,
    ticked: proof.ticked,
    held: proof.held,
    unchecked: proof.unchecked,
    fix,
    phantoms: proof.phantoms.map(({ task, title, at, missing, opened }) => ({
      task,
      title: word(title),
      line: placeOf(source, at.span.start).line,
      opened,
      missing: missing.map((one) => ({
        kind: one.kind,
        what: word(one.what),
        why: word(one.why),
        line: placeOf(source, one.at.span.start).line,
      })),
    })),
  });
}
