/** How long the command takes to say something small, against the start of Node itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, middle, ratio, runProcess } from './support/measure.mjs';
import { command, workFolder } from './support/paths.mjs';
import { digits, times } from './support/table.mjs';
import { featureFile } from './support/task-files.mjs';

export default async function startup({ rounds = 21 }) {
  const cwd = workFolder();
  writeFileSync(join(cwd, 'tasks.md'), featureFile(50));
  const implement =
    (...args) =>
    () =>
      runProcess([process.execPath, command, ...args], { cwd });
  const results = await interleave(
    {
      'node -e 0': () => runProcess([process.execPath, '-e', '0'], { cwd }),
      'implement --version': implement('--version'),
      'implement --help': implement('--help'),
      'implement plan, 50 tasks': implement('plan'),
      'implement plan --json, 50 tasks': implement('plan', '--json'),
      'implement status, 50 tasks, no run': implement('status'),
    },
    rounds,
  );
  const node = results['node -e 0'];
  const targets = {
    'implement --version': '1.15 x',
    'implement --help': '1.15 x',
    'implement plan, 50 tasks': '1.80 x',
  };
  return [
    {
      title: 'Start-up',
      note: `${rounds} rounds, whole processes.`,
      header: ['command', 'ms', 'ratio', 'CPU ms', 'CPU ratio', 'target'],
      rows: Object.entries(results).map(([name, one]) => [
        name,
        digits(middle(one, 'ms')),
        times(ratio(one, node, 'ms')),
        digits(middle(one, 'cpuMs')),
        times(ratio(one, node, 'cpuMs')),
        targets[name] ?? '',
      ]),
    },
  ];
}
