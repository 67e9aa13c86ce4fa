/** Arguments as a person writes them in one line. Pure; no shell reads it, and nothing in it is expanded. */

/**
 * The arguments in a line: words between blanks, where quotes keep blanks and a backslash keeps the next character
 * (not between single quotes). `null`: a quote is not closed.
 */
export function argumentsIn(line: string): readonly string[] | null {
  const found: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] as string;
    if (char === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      word = (word ?? '') + line[at];
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== '') return null;
  return word === null ? found : [...found, word];
}
