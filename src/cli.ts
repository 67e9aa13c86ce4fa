/** The command: alone reads argv and the environment, hears signals, and sets the exit code. */
import type { Engine } from './engine.ts';
import type { Output, Screen } from './reporters/reporter.ts';
import { VERSION } from './version.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) process.stdout.write(`${VERSION}\n`);
else void start();

async function start(): Promise<void> {
  // A reader that went away (`implement plan | head`) is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const output: Output = {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
  };
  const { parseArguments } = await import('./options.ts');
  const call = parseArguments(argv, VERSION, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
  if ('exit' in call) {
    process.exitCode = call.exit;
    if (call.message === null) return;
    const { usageError } = await import('./commands/usage.ts');
    usageError(call.message, argv, output);
    return;
  }
  const { main } = await import('./main.ts');
  process.exitCode = await main(call, {
    cwd: process.cwd(),
    env: process.env,
    version: VERSION,
    output,
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    // A terminal may have no size (a pipe's pseudo-terminal): nothing can be drawn on it.
    screen: process.stderr.columns > 0 && process.stderr.rows > 0 ? screen : null,
    onEngine: hearSignals,
  });
}

/** Ctrl-C: start nothing new, then end what runs, then kill it. TERM and HUP begin with the second. */
function hearSignals(engine: Pick<Engine, 'interrupt'>): void {
  let stage = 0;
  const raise = (signal: NodeJS.Signals, least: number) => (): void => {
    stage = Math.min(3, Math.max(stage + 1, least));
    engine.interrupt(signal, stage as 1 | 2 | 3);
  };
  process.on('SIGINT', raise('SIGINT', 1));
  process.on('SIGTERM', raise('SIGTERM', 2));
  process.on('SIGHUP', raise('SIGHUP', 2));
}

async function screen(): Promise<Screen> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(process.stderr);
  return {
    draw: (text) => update(text),
    clear: () => update.clear(),
    get columns() {
      return process.stderr.columns ?? 80;
    },
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
