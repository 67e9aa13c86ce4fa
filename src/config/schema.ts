/**
 * What a configuration must look like, and a sentence about each of its keys. The one place that both checks a
 * configuration and describes it: the JSON Schema of the package is made from it. Knows no files.
 */
import * as z from 'zod';
import { argumentsIn } from '../core/argument-list.ts';
import { parseDuration } from '../core/duration.ts';

/** What stands behind `error` is what the key takes, to be read behind "… takes". */
const toggle = (): z.ZodBoolean => z.boolean({ error: 'true or false' });

const whole = (least: number, most = 10_000) => {
  const error = `a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};

const text = (what: string) => {
  const error = `${what}, as text`;
  return z.string({ error }).regex(/\S/, { error });
};

const choice = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  z.enum(names, { error: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` });

const DURATION = /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|min|s|m|h|d)\s*)+$/;

const duration = () => {
  const error = 'a duration as text, such as "90s", "30m" or "1h30m"';
  return z
    .string({ error })
    .regex(DURATION, { error, abort: true })
    .refine((value) => parseDuration(value) !== null, { error });
};

const list = (what: string) => {
  const error = `a list of ${what}`;
  return z.array(text('each of them'), { error });
};

const command = (what: string) => text('a command').nullable().describe(`${what}; null: none.`);

/** Names that can be said on a command line and in a file without quoting. */
const NAME = /^[A-Za-z0-9][\w.-]*$/;

const resource = z
  .strictObject(
    {
      slots: whole(1).describe('How many may use it at the same time (default 1).'),
      labels: list('labels').describe(
        'Tasks with one of these labels use it, in any case; default: its own name. An empty list: none.',
      ),
      phases: list('phases').describe('Tasks of these phases use it: "Phase 4", or the whole heading.'),
      paths: list('globs').describe('Tasks that name a file matching one of these globs use it.'),
      verify: toggle().describe('Verifications use it.'),
    },
    { error: 'a number of slots, or an object' },
  )
  .partial();

const ports = z
  .strictObject(
    {
      base: whole(1, 65_535).describe('First port of slot 1 (default 20000).'),
      count: whole(1, 1_000).describe('Ports per slot (default 20).'),
    },
    { error: 'an object with base and count' },
  )
  .partial();

const worktree = z
  .strictObject({
    enabled: toggle().describe('Each attempt in a git worktree of its own.'),
    dir: text('a directory')
      .nullable()
      .describe(
        'Directory that holds the worktrees: absolute, or relative to the project root; null: in the state directory.',
      ),
    copy: list('globs').describe('Globs of ignored or untracked files that are copied into each worktree.'),
    setup: command('Command for sh -c in a fresh worktree, and again when a lock file has changed'),
    setupTimeout: duration().describe('Limit for setup (default "10m").'),
    ports: ports.describe('A block of ports per slot: slot N gets count ports from base + (N - 1) * count.'),
  })
  .partial();

const commit = z
  .strictObject({
    enabled: toggle().describe('One commit per done task.'),
    style: choice('plain', 'conventional').describe(
      'Messages: "T012: Title" (plain), or "feat(us1): title (T012)" (conventional).',
    ),
  })
  .partial();

export const configurationSchema = z
  .strictObject(
    {
      $schema: z.string({ error: 'the address of a JSON Schema' }).describe('Address of the JSON Schema, for editors.'),
      parallel: toggle().describe('Run what may overlap side by side.'),
      jobs: whole(1).describe('Number of slots; above 1 it implies parallel.'),
      overlap: choice('marked', 'stories').describe('What may overlap: tasks marked [P], or whole stories.'),
      deps: choice('all', 'explicit').describe('explicit: leave out the order that is only inferred from the list.'),
      failFast: toggle().describe('Start nothing new after the first failure.'),
      maxFailures: whole(1).nullable().describe('Start nothing new after so many failures; null: no limit.'),
      retries: whole(0).describe('Further attempts of a failed task (default 2).'),
      conflictRetries: whole(0).describe('Further attempts after a merge conflict (default 2).'),
      timeout: duration().nullable().describe('Limit for one attempt, verification included; null: none.'),
      grace: duration().describe('Time between TERM and KILL (default "5s").'),
      exec: command('What every task without an allowed script runs, through sh -c'),
      agent: text('the name of an agent')
        .nullable()
        .describe('The coding agent that does every task without an allowed script, or "auto"; null: none.'),
      model: text('the name of a model')
        .nullable()
        .describe('The model that the agent is to use; null: its own choice.'),
      agentArgs: text('arguments')
        .refine((value) => argumentsIn(value) !== null, { error: 'arguments as on a command line, quotes closed' })
        .nullable()
        .describe('Further arguments for the agent, as on a command line; null: none.'),
      silence: duration()
        .nullable()
        .describe(
          'An attempt without output for so long is ended; "0s": never; null: the usual (agents: 15m, commands: never).',
        ),
      verify: command('Command that verifies after each task'),
      verifyPhase: command('Command that verifies behind each phase'),
      verifyEnd: command('Command that verifies at the end'),
      stateDir: text('a directory').describe(
        'Where runs are kept: absolute, or relative to the project root (default ".implement").',
      ),
      reporter: choice('plain', 'live', 'json').describe('How a run is shown; without it the one that fits.'),
      color: choice('auto', 'always', 'never').describe('Colours on the terminal (default "auto").'),
      commit: z
        .union([toggle(), commit], { error: 'true, false or an object' })
        .describe('One commit per done task; worktree implies it.'),
      branch: text('the name of a branch')
        .nullable()
        .describe('Commit to this branch; null: the one that is checked out.'),
      allowDirty: toggle().describe('Accept uncommitted changes: they stay where they are, and tasks do not see them.'),
      worktree: z
        .union([toggle(), worktree], { error: 'true, false or an object' })
        .describe('Each attempt in a git worktree of its own; what is done is committed and merged, one by one.'),
      promptBudget: whole(500, 1_000_000).describe(
        'The most tokens that the prompt of a task may have, at four characters a token (default 8000).',
      ),
      resources: z
        .record(
          z.string().regex(NAME, { error: 'a name of letters, digits, "-", "_" and "."' }),
          z.union([whole(1), resource], { error: 'a number of slots from 1, or an object' }),
          { error: 'an object from names to numbers of slots' },
        )
        .describe(
          'What only so many tasks may use at the same time, by name: a number of slots (used by the tasks with the label of that name), or who uses it.',
        ),
    },
    { error: 'an object' },
  )
  .partial()
  .meta({ title: 'Configuration of implement' });

/** The JSON Schema of a configuration file, for editors. */
export function jsonSchema(): object {
  return z.toJSONSchema(configurationSchema, { target: 'draft-7', io: 'input' });
}
