/**
 * What a command works with: flags over variables, front matter, files and defaults. Turns flags into a layer and the
 * layers into options; how a layer is read is the business of `config/`.
 */
import { dirname, resolve } from 'node:path';
import { type ConfigureInput, configure } from './config/configure.ts';
import { type Effective, type Layer, layOver, runOptionsOf, settingsOf, type Values } from './config/layer.ts';
import type { Diagnostic } from './core/diagnostic.ts';
import type { RunOptions } from './core/event.ts';
import { MASK } from './core/redact.ts';
import type { Settings } from './core/settings.ts';
import { type SourceFile, sourceFile } from './core/source.ts';
import { type Flags, givenOptions } from './options.ts';
import { projectRoot, show, type TaskFile } from './project.ts';
import { frontMatterOf } from './read.ts';
import { optionsFrom } from './request.ts';

export interface Configured {
  /** With the flags on top. */
  readonly effective: Effective;
  /** Options of the flags alone, and of everything below them. */
  readonly given: Partial<RunOptions>;
  readonly configured: Partial<RunOptions>;
  /** Both over the defaults: what a fresh run would use. */
  readonly options: RunOptions;
  readonly settings: Settings;
  /** Absolute; `null`: the usual place. */
  readonly stateDir: string | null;
}

export type Configuring =
  | { readonly ok: true; readonly value: Configured }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly source: SourceFile | null };

interface Around extends Pick<ConfigureInput, 'env' | 'clean'> {
  readonly cwd: string;
}

/**
 * Everything that is set for a task file; without one, for the folder. Errors: those of `configure`, places in
 * `source`.
 */
export async function configuredFor(file: TaskFile | null, flags: Flags, around: Around): Promise<Configuring> {
  const { cwd, env, clean } = around;
  const folder = file === null ? cwd : dirname(file.path);
  const root = projectRoot(file?.path ?? resolve(cwd, 'tasks.md'));
  const source = file === null ? null : sourceFile(file.name, file.text);
  const found = await configure({
    folder,
    root,
    named: flags.config === undefined ? null : resolve(cwd, flags.config),
    env,
    front: source === null ? null : { source, value: frontMatterOf(source), commands: flags.scripts === true },
    show: (path) => show(path, cwd),
    clean,
  });
  if (!found.ok) return { ...found, source: found.source === null ? null : withoutSecrets(found.source, clean) };
  const { layers } = found;
  const below = layOver(layers);
  const given = givenOptions(flags, below.slots);
  const configured = runOptionsOf(layers);
  const effective = layOver([flagLayer(flags), ...layers]);
  const { stateDir } = effective.values;
  const from = effective.origins.get('stateDir')?.from;
  const base = from === 'flag' || from === 'environment' ? cwd : root;
  return {
    ok: true,
    value: {
      effective,
      given,
      configured,
      options: optionsFrom(configured, given),
      settings: settingsOf(below),
      stateDir: stateDir === null ? null : resolve(base, stateDir),
    },
  };
}

/** The key of each flag that is one, and how it is typed. */
const FLAGS = {
  parallel: '--parallel',
  jobs: '--jobs',
  overlap: '--overlap',
  deps: '--deps',
  failFast: '--fail-fast',
  maxFailures: '--max-failures',
  retries: '--retries',
  conflictRetries: '--conflict-retries',
  timeout: '--timeout',
  grace: '--grace',
  exec: '--exec',
  agent: '--agent',
  model: '--model',
  agentArgs: '--agent-args',
  silence: '--silence',
  verify: '--verify',
  verifyPhase: '--verify-phase',
  verifyEnd: '--verify-end',
  stateDir: '--state-dir',
  reporter: '--reporter',
  color: '--color',
  commit: '--commit',
  'commit.style': '--commit-style',
  branch: '--branch',
  allowDirty: '--allow-dirty',
  worktree: '--worktree',
} as const;

function flagLayer(flags: Flags): Layer {
  // Commander turns `--no-color` into `false`.
  const color = (flags.color as unknown) === false ? 'never' : flags.color;
  const all = { ...flags, color, 'commit.style': flags.commitStyle } as Readonly<Record<string, unknown>>;
  const values = Object.fromEntries(
    Object.keys(FLAGS).flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])),
  ) as Partial<Values>;
  return { from: 'flag', values, resources: [], place: (key) => FLAGS[key as keyof typeof FLAGS] ?? null };
}

/** Lines that hold a secret become stars: a line that is cut to length could show a part of it. */
function withoutSecrets(source: SourceFile, clean: (text: string) => string): SourceFile {
  const hide = (line: string): string =>
    clean(line).includes(MASK) && !line.includes(MASK) ? '*'.repeat(line.length) : line;
  const text = source.text.replace(/[^\r\n]+/g, hide);
  return { ...source, text };
}
