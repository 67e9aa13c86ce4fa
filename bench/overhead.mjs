/** 1,000 tasks that do nothing, whole processes: the product against a bare loop of execa, and against ninja. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, middle, peakOf, ratio, runProcess } from './support/measure.mjs';
import { command, reference, workFolder } from './support/paths.mjs';
import { digits, times } from './support/table.mjs';
import { flatFile } from './support/task-files.mjs';

const COUNT = 1000;
const WIDTH = 8;

export default async function overhead({ rounds = 7 }) {
  const folder = workFolder();
  const text = flatFile(COUNT);
  const cases = {
    'execa loop, defaults': () =>
      runProcess([process.execPath, reference('execa-loop.mjs'), COUNT, WIDTH, 'plain'].map(String), { usage: folder }),
    'execa loop, prompt and log files': () =>
      runProcess([process.execPath, reference('execa-loop.mjs'), COUNT, WIDTH, 'same'].map(String), { usage: folder }),
    'implement --exec true': () => {
      const cwd = mkdtempSync(join(folder, 'project-'));
      writeFileSync(join(cwd, 'tasks.md'), text);
      const measured = runProcess([process.execPath, command, '--exec', 'true', '-j', String(WIDTH)], {
        cwd,
        usage: folder,
      });
      rmSync(cwd, { recursive: true });
      return measured;
    },
    'implement plan (the same file)': () => {
      const cwd = mkdtempSync(join(folder, 'project-'));
      writeFileSync(join(cwd, 'tasks.md'), text);
      return runProcess([process.execPath, command, 'plan'], { cwd, usage: folder });
    },
  };
  const notes = [];
  const hasNinja = spawnSync('ninja', ['--version'], { stdio: 'ignore' }).status === 0;
  let ninjaPeak = null;
  if (hasNinja) {
    const ninja = (run) => () => {
      const cwd = mkdtempSync(join(folder, 'ninja-'));
      writeFileSync(join(cwd, 'build.ninja'), ninjaFile(COUNT));
      const measured = run(['ninja', `-j${WIDTH}`], { cwd });
      rmSync(cwd, { recursive: true });
      return measured;
    };
    cases['ninja'] = ninja(runProcess);
    ninjaPeak = ninja(peakOf)();
  } else notes.push('ninja is not installed: left out.');
  const results = await interleave(cases, rounds);
  const plain = results['execa loop, defaults'];
  const same = results['execa loop, prompt and log files'];
  return [
    {
      title: `Process overhead: ${digits(COUNT, 0)} tasks that do nothing, ${WIDTH} at a time`,
      note: [
        `${rounds} rounds, whole processes, \`sh -c true\` in its own process group. Defaults: output captured, no standard input. Prompt and log files: what every`,
        'task of the product gets as well. Own CPU: user and system time of the process itself, without its children.',
        'Target: at most 1.15 x the time of the loop and 1.3 x its memory; at most 0.15 ms own CPU a task on top of the loop.',
        ...notes,
      ].join('\n'),
      header: [
        'process',
        'ms',
        'time / defaults',
        'time / same job',
        'CPU ms a task',
        'own CPU ms a task',
        'peak MiB',
        'memory / defaults',
      ],
      rows: Object.entries(results).map(([name, one]) => [
        name,
        digits(middle(one, 'ms'), 0),
        times(ratio(one, plain, 'ms')),
        times(ratio(one, same, 'ms')),
        digits(middle(one, 'cpuMs') / COUNT, 2),
        one[0].ownMs === undefined ? '' : digits(middle(one, 'ownMs') / COUNT, 2),
        one[0].peakMiB === undefined
          ? ninjaPeak === null
            ? ''
            : digits(ninjaPeak, 0)
          : digits(middle(one, 'peakMiB'), 0),
        one[0].peakMiB === undefined ? '' : times(ratio(one, plain, 'peakMiB')),
      ]),
    },
  ];
}

function ninjaFile(count) {
  const lines = ['rule nothing', '  command = true', ''];
  for (let i = 1; i <= count; i++) lines.push(`build t${i}: nothing`);
  return `${lines.join('\n')}\n`;
}
