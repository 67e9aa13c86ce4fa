/** How text and numbers are written in XML. Knows nothing of what they mean. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Clean text (see `clean`) as XML character data or as the value of an attribute. */
export function xml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}

/** A length, to a tenth of a px. */
export function num(value: number): string {
  return String(Math.round(value * 10) / 10);
}
