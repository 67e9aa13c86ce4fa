/** Figures as Markdown tables, so that they can be kept as they are printed. */

/** A number with so many digits behind the point, thousands parted. */
export const digits = (value, behind = 1) =>
  value.toLocaleString('en', { minimumFractionDigits: behind, maximumFractionDigits: behind });
export const times = (value) => `${value.toFixed(2)} x`;

export function table(header, rows) {
  const all = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, i) => Math.max(3, ...all.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? `${'-'.repeat(width + 2)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(all[0]), rule, ...all.slice(1).map(line)].join('\n');
}
