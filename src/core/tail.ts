/** The end of an output, for people and for the next attempt. Knows lines and lengths; not where the text comes from. */

/** At most `most` last lines and `length` UTF-16 code units of a text; spaces at the end of a line are gone. */
export function lastLines(text: string, most: number, length: number): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  const tail = lines.slice(-most).join('\n').slice(-length);
  return tail.replace(/^[\udc00-\udfff]/, '');
}
