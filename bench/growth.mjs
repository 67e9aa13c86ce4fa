/** `implement plan` on files of 100 to 100,000 tasks: time and memory of the whole process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, middle, ratio, runProcess } from './support/measure.mjs';
import { command, workFolder } from './support/paths.mjs';
import { digits, times } from './support/table.mjs';
import { featureFile, flatFile } from './support/task-files.mjs';

const SIZES = [100, 1000, 10_000, 100_000];

export default async function growth({ rounds = 5, quick = false }) {
  const sections = [];
  for (const [title, make] of [
    ['plan of a file in phases', featureFile],
    ['plan of one flat list', flatFile],
  ]) {
    const usage = workFolder();
    const cases = {};
    for (const size of quick ? SIZES.slice(0, 3) : SIZES) {
      const file = join(usage, `tasks-${size}.md`);
      writeFileSync(file, make(size));
      cases[size] = () => runProcess([process.execPath, command, 'plan', file], { cwd: usage, usage });
    }
    const results = await interleave(cases, rounds, { warm: false });
    sections.push({
      title: `Growth: ${title}`,
      note: `${rounds} rounds, whole processes. Target: 100,000 tasks in at most 12 x the time of 10,000, and 500 MiB.`,
      header: ['tasks', 'ms', 'CPU ms', 'peak MiB', 'time / 10,000 tasks', 'CPU / 10,000 tasks'],
      rows: Object.entries(results).map(([size, one]) => [
        digits(Number(size), 0),
        digits(middle(one, 'ms'), 0),
        digits(middle(one, 'ownMs'), 0),
        digits(middle(one, 'peakMiB'), 0),
        times(ratio(one, results[10_000], 'ms')),
        times(ratio(one, results[10_000], 'ownMs')),
      ]),
    });
  }
  return sections;
}
