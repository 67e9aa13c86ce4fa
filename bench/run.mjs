/**
 * Measures what the design promises: `node bench/run.mjs [name…]`, after `npm run build`. Prints tables; asserts nothing.
 *
 *   --quick       small sizes, few rounds
 *   --rounds=N    so many rounds
 */
import { cpus, release, totalmem, type } from 'node:os';
import { checkBuilt } from './support/paths.mjs';
import { table } from './support/table.mjs';

const BENCHES = ['startup', 'growth', 'parts', 'journal', 'overhead', 'worktrees', 'makespan'];

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const said = args.find((arg) => arg.startsWith('--rounds='));
const rounds = said !== undefined ? Number(said.slice('--rounds='.length)) : quick ? 3 : undefined;
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}; there are: ${BENCHES.join(', ')}`);
  process.exit(2);
}

checkBuilt();
console.log(`# bench ${(named.length > 0 ? named : BENCHES).join(' ')}\n`);
console.log(
  [
    `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}`,
    `${new Date().toISOString().slice(0, 10)}, \`node bench/run.mjs ${args.join(' ')}\``.replace(' `', '`'),
  ].join('\n'),
);
for (const name of named.length > 0 ? named : BENCHES) {
  const { default: bench } = await import(`./${name}.mjs`);
  const sections = await bench({ quick, ...(rounds === undefined ? {} : { rounds }) });
  for (const { title, note, header, rows } of sections) {
    console.log(`\n## ${title}\n\n${note}\n\n${table(header, rows)}`);
  }
}
