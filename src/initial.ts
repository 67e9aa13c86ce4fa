/**
 * `implement init`: looks at the project and writes a first configuration. What is chosen is decided in
 * `core/proposal.ts`; nothing that is there is overwritten.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initCommand } from './commands/init.ts';
import { CONFIGURATIONS, PACKAGE_KEY } from './config/names.ts';
import { error, fail, ok, type Result } from './core/diagnostic.ts';
import { type Choice, choicesFor, configurationText, type Facts } from './core/proposal.ts';
import type { Call } from './options.ts';
import { show } from './project.ts';
import { gitIn, rootAt, type UpkeepAround } from './surroundings.ts';
import { records, shown } from './workspaces/git.ts';
import { locate } from './workspaces/locate.ts';

const NAME = 'implement.config.yaml';

/** Errors (nothing was written): `config-file` (there is one already, or it cannot be written). */
export async function init({ flags }: Call, around: Pick<UpkeepAround, 'cwd' | 'env' | 'io'>): Promise<Result<number>> {
  const { cwd, io } = around;
  const root = rootAt(cwd);
  const facts = await factsOf(root, around);
  const choices: readonly Choice[] = choicesFor(facts);
  const text = configurationText(choices, facts.hasRepository);
  const there = CONFIGURATIONS.filter((name) => lstatSync(join(root, name), { throwIfNoEntry: false }) !== undefined);
  const dryRun = flags.dryRun === true;
  const path = join(root, NAME);
  const backups: string[] = [];
  if (!dryRun) {
    if (holdsKey(packageOf(root))) {
      const hint = `Take it out first: two configurations in one folder are refused. implement init --dry-run shows what would be written.`;
      return fail(
        error('config-file', `package.json holds a configuration already, under ${PACKAGE_KEY}.`, null, { hint }),
      );
    }
    if (there.length > 0 && flags.force !== true) {
      const names = there.map((name) => show(join(root, name), cwd)).join(' and ');
      const hint = 'implement init --force writes a new one and keeps the old as a backup; --dry-run only prints.';
      return fail(error('config-file', `There is a configuration already: ${names}.`, null, { hint }));
    }
    try {
      for (const name of there) backups.push(backUp(root, name));
      writeFileSync(path, text, { flag: 'wx' });
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
      return fail(error('config-file', `${show(path, cwd)} cannot be written: ${why}.`, null));
    }
  }
  return ok(
    initCommand(
      {
        file: show(path, cwd),
        text,
        choices,
        dryRun,
        backups: backups.map((name) => show(join(root, name), cwd)),
        json: flags.json === true,
      },
      io,
    ),
  );
}

/** Moves a configuration aside, under a name that is free. */
function backUp(root: string, name: string): string {
  for (let i = 0; ; i++) {
    const backup = `${name}.bak${i === 0 ? '' : `.${i}`}`;
    if (lstatSync(join(root, backup), { throwIfNoEntry: false }) !== undefined) continue;
    renameSync(join(root, name), join(root, backup));
    return backup;
  }
}

async function factsOf(root: string, around: Pick<UpkeepAround, 'env'>): Promise<Facts> {
  const names = readdirSync(root);
  const content = packageOf(root);
  const scripts = (content?.['scripts'] ?? {}) as Readonly<Record<string, unknown>>;
  const isScript = ([, command]: [string, unknown]): boolean =>
    typeof command === 'string' && !command.includes('no test specified');
  const makefile = textOf(join(root, 'Makefile'));
  const python = ['pyproject.toml', 'pytest.ini', 'setup.cfg', 'tox.ini', 'requirements-dev.txt', 'requirements.txt'];
  const located = await locate(gitIn(around.env), root);
  const repository = located.ok ? located.value : null;
  let ignored: string[] = [];
  const envs = names.filter((name) => /^\.env(?:\.|$)/.test(name) && !/\.(?:example|sample|template|dist)$/.test(name));
  if (repository !== null && envs.length > 0) {
    const asked = await repository.git.ask(
      { ...repository.main, dir: root },
      ['check-ignore', '-z', '--stdin'],
      `${envs.join('\0')}\0`,
    );
    ignored = asked.code === 0 ? records(asked.stdout).map(shown).sort() : [];
  }
  return {
    names: new Set(names),
    scripts: new Set(
      typeof scripts === 'object' && scripts !== null
        ? Object.entries(scripts)
            .filter(isScript)
            .map(([name]) => name)
        : [],
    ),
    targets: new Set([...makefile.matchAll(/^([\w-]+)[ \t]*:(?!=)/gm)].map((match) => match[1] as string)),
    ignored,
    hasRepository: repository !== null,
    usesPytest: names.includes('pytest.ini') || python.some((name) => /\bpytest\b/.test(textOf(join(root, name)))),
  };
}

function packageOf(root: string): Readonly<Record<string, unknown>> | null {
  try {
    const content: unknown = JSON.parse(textOf(join(root, 'package.json')).replace(/^\uFEFF/, ''));
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function holdsKey(content: Readonly<Record<string, unknown>> | null): boolean {
  return content !== null && Object.hasOwn(content, PACKAGE_KEY);
}

/** Text of a file, empty where there is none that can be read. */
function textOf(path: string): string {
  try {
    return existsSync(path) && lstatSync(path).size < 1 << 20 ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
