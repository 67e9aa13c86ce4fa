/**
 * The coding agents that are installed: names to executables, found on the path and asked for their version. The one
 * list of them; how an agent is given work is not known here.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { oneLine } from './core/redact.ts';
import type { Clock } from './util/clock.ts';

/** Name to executable. */
const AGENTS = {
  claude: 'claude',
  codex: 'codex',
  gemini: 'gemini',
  copilot: 'copilot',
  opencode: 'opencode',
  qwen: 'qwen',
  cursor: 'cursor-agent',
  aider: 'aider',
  goose: 'goose',
  amp: 'amp',
} as const;

export interface FoundAgent {
  readonly name: string;
  /** Absolute path of its executable; `null`: it is not on the path. */
  readonly path: string | null;
  /** First line of what `--version` printed, cleaned; `null`: it told none. */
  readonly version: string | null;
  /** Why it told none, or `null`. */
  readonly fault: string | null;
}

/** Limit for one `--version`, in ms. */
const LIMIT = 10_000;
/** What is read of its output, in characters. */
const READ = 10_000;

/** Looks for all of them, side by side. Never rejects. */
export function findAgents(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  clean: (text: string) => string,
): Promise<FoundAgent[]> {
  return Promise.all(
    Object.entries(AGENTS).map(async ([name, executable]) => {
      const path = onPath(executable, env['PATH'] ?? '');
      if (path === null) return { name, path, version: null, fault: null };
      const { text, fault } = await versionOf(path, env, clock);
      const first =
        clean(text)
          .split('\n')
          .map(oneLine)
          .find((line) => line !== '') ?? null;
      return {
        name,
        path,
        version: fault === null && first !== null ? first.slice(0, 80) : null,
        fault: fault ?? (first === null ? 'it printed no version' : null),
      };
    }),
  );
}

/** Relative folders of the path would make the answer depend on where one stands. */
function onPath(executable: string, path: string): string | null {
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, executable);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

function versionOf(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<{ readonly text: string; readonly fault: string | null }> {
  return new Promise((resolve) => {
    let text = '';
    // In a group of its own, so that all of it can be ended; not in the project, whose settings it could obey.
    const child = spawn(path, ['--version'], {
      cwd: tmpdir(),
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = (fault: string | null): void => {
      cancel();
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // Nothing of it is left.
        }
      }
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve({ text, fault });
    };
    const cancel = clock.after(LIMIT, () => end(`it did not answer within ${LIMIT / 1000} s`));
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(0, READ);
    });
    child.stderr.resume();
    child.on('error', (cause: NodeJS.ErrnoException) => end(`it cannot be started: ${cause.code ?? cause.message}`));
    child.on('close', (code, signal) =>
      end(code === 0 ? null : signal === null ? `exit code ${code}` : `ended by ${signal}`),
    );
  });
}
