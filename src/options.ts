/** The command line as commander knows it: commands, flags, their values. Reads no argv itself and runs nothing. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { argumentsIn } from './core/argument-list.ts';
import { parseDuration } from './core/duration.ts';
import type { RunOptions } from './core/event.ts';
import { CLEAN_EXAMPLES, EXAMPLES, HISTORY_EXAMPLES, UNDO_EXAMPLES, VERIFY_EXAMPLES } from './help.ts';

/** Everything that can be said, typed; a missing key was not said. */
export interface Flags {
  readonly parallel?: boolean;
  readonly jobs?: number;
  readonly overlap?: RunOptions['overlap'];
  readonly filter?: readonly string[];
  readonly only?: boolean;
  readonly continue?: boolean;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly failFast?: boolean;
  readonly maxFailures?: number;
  readonly retries?: number;
  readonly timeout?: number;
  readonly grace?: number;
  readonly deps?: RunOptions['deps'];
  readonly scripts?: boolean;
  readonly exec?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly agentArgs?: string;
  readonly silence?: number;
  readonly yolo?: boolean;
  readonly yoloInPlace?: boolean;
  readonly verify?: string;
  readonly verifyPhase?: string;
  readonly verifyEnd?: string;
  readonly worktree?: boolean;
  readonly commit?: boolean;
  readonly branch?: string;
  readonly allowDirty?: boolean;
  readonly conflictRetries?: number;
  readonly commitStyle?: RunOptions['commitStyle'];
  readonly stateDir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly cwd?: string;
  readonly color?: 'auto' | 'always' | 'never';
  readonly format?: string;
  readonly output?: string;
  readonly reporter?: string;
  readonly config?: string;
  readonly showOrigin?: boolean;
  readonly cascade?: boolean;
  readonly discard?: boolean;
  readonly fix?: boolean;
  readonly force?: boolean;
  readonly evidenceHook?: string;
}

/** Commands round what runs committed and left behind. */
const UPKEEP = ['history', 'worktrees', 'clean', 'undo', 'verify'] as const;
type Upkeep = (typeof UPKEEP)[number];

export function isUpkeep(command: Call['command']): command is Upkeep {
  return (UPKEEP as readonly string[]).includes(command);
}

export type Call = {
  readonly command: 'run' | 'plan' | 'explain' | 'prompt' | 'graph' | 'status' | 'config' | 'doctor' | 'init' | Upkeep;
  readonly file: string | null;
  readonly id: string | null;
  readonly flags: Flags;
};

/** Commands that look at one task. */
const OF_A_TASK = [
  ['explain', 'show why a task waits, what waits for it, what may run beside it'],
  ['prompt', 'print what whoever does a task gets on standard input'],
] as const;

interface Writers {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Parses arguments (without node and script). Gives the call, or the exit code where help was shown or the usage was
 * wrong; what has to be said then went to `writers`.
 */
export function parseArguments(
  argv: readonly string[],
  version: string,
  writers: Writers,
): Call | { readonly exit: number; readonly message: string | null } {
  let call: Call | null = null;
  const program = new Command('implement');
  const remember =
    (command: Call['command']) =>
    (...args: unknown[]): void => {
      const self = args.at(-1) as Command;
      const [first, second] = self.processedArgs as (string | undefined)[];
      const flags = self.optsWithGlobals() as Flags;
      call = ['explain', 'prompt', 'history', 'undo'].includes(command)
        ? { command, id: first ?? null, file: second ?? null, flags }
        : { command, id: null, file: first ?? null, flags };
    };
  program
    .description('Run a tasks.md as the dependency graph it is.')
    .argument('[file]', 'task file; without it ./tasks.md, or the feature that spec-kit names')
    .version(version, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)
    .action(remember('run'));
  addSelection(program);
  addRun(program);
  addCommon(program);
  addCommon(
    addSelection(
      program
        .command('plan')
        .argument('[file]', 'task file')
        .description('show what would run, wave by wave, and all that was noticed'),
    ),
  ).action(remember('plan'));
  for (const [name, does] of OF_A_TASK) {
    const command = program.command(name).argument('<id>', 'task id').argument('[file]', 'task file');
    addCommon(command.description(does).addOption(deps())).action(remember(name));
  }
  addCommon(
    program
      .command('graph')
      .argument('[file]', 'task file')
      .description('draw the graph')
      .option('--format <format>', 'mermaid (default), dot, svg or json')
      .option('-o, --output <file>', 'write to a file instead of standard output')
      .addOption(deps()),
  ).action(remember('graph'));
  addCommon(
    program.command('status').argument('[file]', 'task file').description('show where the last run stands'),
  ).action(remember('status'));
  addCommon(
    addRun(
      addSelection(
        program
          .command('config')
          .argument('[file]', 'task file')
          .description('show what is set, after flags, variables, front matter and files')
          .option('--show-origin', 'and where each value comes from'),
      ),
    ),
  ).action(remember('config'));
  addUpkeep(program, remember);
  addCommon(
    program
      .command('doctor')
      .argument('[file]', 'task file')
      .description('look at what runs need: git, node, disk, configuration, what earlier runs left, coding agents'),
  ).action(remember('doctor'));
  addCommon(
    program
      .command('init')
      .description('look at the project and write a commented implement.config.yaml')
      .option('-n, --dry-run', 'print it, and write nothing')
      .option('--force', 'write it also where there is a configuration, and keep that as a backup'),
  ).action(remember('init'));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .configureOutput({ writeOut: writers.out, writeErr: () => {}, outputError: () => {} });
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    if (cause.exitCode === 0) return { exit: 0, message: null };
    return { exit: 2, message: cause.message.replace(/^error: /, '') };
  }
  return call ?? { exit: 2, message: 'nothing to do' };
}

function deps(): Option {
  return new Option('--deps <which>', 'explicit: leave out the order that is only inferred from the list').choices([
    'all',
    'explicit',
  ]);
}

function addSelection(command: Command): Command {
  return command
    .option('-p, --parallel', 'run what may overlap side by side (4 slots unless -j says otherwise)')
    .addOption(new Option('-j, --jobs <n>', 'number of slots; above 1 it implies --parallel').argParser(count('-j', 1)))
    .addOption(
      new Option('--overlap <which>', 'what may overlap: tasks marked [P], or whole stories').choices([
        'marked',
        'stories',
      ]),
    )
    .addOption(
      new Option(
        '--filter <filter>',
        'only some tasks, and what they need: P1, US3, T005, T005..T010, "Phase 2", label:TEST, failed; "," or, "&" and, "!" not',
      ).argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]),
    )
    .option('--worktree', 'each attempt in a git worktree of its own; what is done is committed and merged, one by one')
    .addOption(new Option('--no-worktree', 'work in the tree as it is').hideHelp())
    .option('--only', 'with --filter: leave out what the selected tasks need')
    .addOption(deps());
}

/** The commands round what runs committed and left behind. */
function addUpkeep(program: Command, remember: (command: Call['command']) => (...args: unknown[]) => void): void {
  addCommon(
    program
      .command('history')
      .argument('[id]', 'task id: everything about that task')
      .argument('[file]', 'task file: only its tasks')
      .description('show which commits hold which task')
      .option('--branch <name>', 'look at this branch; without it at the one that is checked out')
      .addHelpText('after', HISTORY_EXAMPLES),
  ).action(remember('history'));
  addCommon(
    program.command('worktrees').description('show the worktrees of runs, whose they are, what lies in them'),
  ).action(remember('worktrees'));
  addCommon(
    program
      .command('clean')
      .description('remove the worktrees and branches that ended runs left, but no work that is not merged')
      .option('-n, --dry-run', 'print what would go and what would stay, and change nothing')
      .option('--discard', 'remove work that is not merged as well')
      .addHelpText('after', CLEAN_EXAMPLES),
  ).action(remember('clean'));
  addCommon(
    program
      .command('verify')
      .argument('[file]', 'task file')
      .description('hold every ticked task against the project: files, evidence lines, commits')
      .option('--fix', 'open the boxes of tasks that are not done')
      .option(
        '--evidence-hook <command>',
        'asked about each ticked task, through sh -c; the task comes as IMPLEMENT_TASK_*, exit code 0: it holds',
      )
      .addHelpText('after', VERIFY_EXAMPLES),
  ).action(remember('verify'));
  addCommon(
    program
      .command('undo')
      .argument('<id>', 'task id')
      .argument('[file]', 'task file')
      .description('take the commit of a task back, and open its box')
      .option('--cascade', 'undo later tasks that build on it as well, the newest first')
      .option('-n, --dry-run', 'print what would be undone, and change nothing')
      .option('--branch <name>', 'on this branch; without it on the one that is checked out')
      .addHelpText('after', UNDO_EXAMPLES),
  ).action(remember('undo'));
}

function addRun(command: Command): Command {
  return command
    .option('--continue', 'go on with the last run: what is done stays done, what failed is tried again')
    .addOption(new Option('--resume', 'the same as --continue'))
    .option('-n, --dry-run', 'print the plan and run nothing')
    .option('--scripts', 'allow the commands of the task file: blocks marked "sh run", "bash run" or "js run"')
    .option(
      '--exec <command>',
      'what every task without an allowed script runs, through sh -c; the task comes as IMPLEMENT_TASK_* and on stdin',
    )
    .addOption(
      new Option(
        '--agent <name>',
        'the coding agent that does every task without an allowed script: claude, codex, gemini, …; auto: the first that is installed',
      ).conflicts('exec'),
    )
    .option('--model <name>', 'the model that the agent is to use')
    .addOption(
      new Option('--agent-args <arguments>', 'further arguments for the agent, in one word').argParser(argumentLine),
    )
    .addOption(
      new Option(
        '--silence <duration>',
        'end an attempt after so long without output (agents: 15m, commands: never); 0s: never',
      ).argParser(time),
    )
    .option('--yolo', 'the agent need not ask for anything; only in worktrees')
    .option('--yolo-in-place', 'with --yolo: also where it works in your own tree')
    .option('--commit', 'one commit per done task (--worktree implies it)')
    .option('--branch <name>', 'commit to this branch; made from the present commit if there is none')
    .option('--allow-dirty', 'accept uncommitted changes: they stay where they are, tasks do not see them')
    .addOption(
      new Option('--conflict-retries <n>', 'further attempts after a merge conflict (default 2)').argParser(
        count('--conflict-retries', 0),
      ),
    )
    .addOption(
      new Option('--commit-style <style>', 'messages: "T012: Title", or "feat(us1): title (T012)"').choices([
        'plain',
        'conventional',
      ]),
    )
    .option('--verify <command>', 'verify after each task; a failure counts as a failed attempt')
    .option('--verify-phase <command>', 'verify behind each phase')
    .option('--verify-end <command>', 'verify at the end')
    .addOption(
      new Option('--retries <n>', 'further attempts of a failed task (default 2)').argParser(count('--retries', 0)),
    )
    .addOption(new Option('--timeout <duration>', 'limit for one attempt: 90s, 30m, 1h').argParser(time))
    .addOption(new Option('--grace <duration>', 'time between TERM and KILL (default 5s)').argParser(time))
    .option('--reporter <name>', 'how the run is shown: plain, live (on a terminal) or json')
    .option('--fail-fast', 'start nothing new after the first failure')
    .addOption(
      new Option('--max-failures <n>', 'start nothing new after so many failures').argParser(
        count('--max-failures', 1),
      ),
    );
}

function addCommon(command: Command): Command {
  return command
    .option('--json', 'one JSON object on standard output, and nothing else there')
    .option('-q, --quiet', 'only failures and the summary')
    .option('-v, --verbose', 'more: starts, longer excerpts')
    .option('-C, --cwd <dir>', 'work as if started in this directory')
    .option('--config <file>', 'this configuration instead of the one that is found upward from the task file')
    .option('--state-dir <dir>', 'where runs are kept (default .implement in the project root)')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']))
    .addOption(new Option('--no-color', 'the same as --color=never').hideHelp());
}

function count(name: string, least: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > 10_000) {
      throw new InvalidArgumentError(`${name} takes a whole number, ${least} or more.`);
    }
    return number;
  };
}

function argumentLine(value: string): string {
  if (argumentsIn(value) === null) throw new InvalidArgumentError('A quote in it is not closed.');
  return value;
}

function time(value: string): number {
  const ms = parseDuration(value);
  if (ms === null) throw new InvalidArgumentError('Write a duration such as 90s, 30m or 1h.');
  return ms;
}

/** Flags that a run has as options of the same name. */
const SAME = [
  ...(['overlap', 'deps', 'filter', 'only', 'failFast', 'maxFailures'] as const),
  ...(['retries', 'scripts', 'exec', 'agent', 'model', 'agentArgs'] as const),
  ...(['verify', 'verifyPhase', 'verifyEnd', 'worktree', 'commit', 'branch'] as const),
  ...(['allowDirty', 'conflictRetries', 'commitStyle'] as const),
];

/**
 * The run options that were said; what was not said stays open, so that a session or a default can fill it in.
 * `slots`: what `--parallel` means without `-j`.
 */
export function givenOptions(flags: Flags, slots: number): Partial<RunOptions> {
  const parallel = flags.parallel === true || (flags.jobs ?? 1) > 1;
  const same = SAME.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]] as const]));
  return {
    ...(Object.fromEntries(same) as Partial<RunOptions>),
    ...(parallel || flags.jobs !== undefined ? { parallel, jobs: flags.jobs ?? slots } : {}),
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
    ...(flags.silence === undefined ? {} : { silenceMs: flags.silence }),
    ...(flags.yolo === undefined ? {} : { yolo: flags.yoloInPlace === true ? 'anywhere' : 'worktree' }),
  };
}
