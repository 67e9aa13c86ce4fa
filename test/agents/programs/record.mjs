// Makes the recordings in test/agents/streams: runs the real clients, in a network namespace that has only loopback,
// with a fresh home and a key that is none, against model.mjs. Needs root for `unshare`, and the clients:
//   CLIENTS=DIR node test/agents/programs/record.mjs [AGENT…]
// where DIR/AGENT is a folder into which the client was installed with npm. Never part of a test run.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

const { agents } = await createJiti(import.meta.url).import('../../../src/runners/agents/all.ts');
const here = fileURLToPath(new URL('.', import.meta.url));
const streams = fileURLToPath(new URL('../streams', import.meta.url));
const clients = process.env.CLIENTS ?? '';
const KEY = 'no-key-at-all';
const CONFIG = { auth: 'gemini-api-key', folder: '.gemini' };

/** How each client is led to the fake model, and kept from everything else. */
const LED = {
  claude: (port, home) => ({
    model: 'claude-sonnet-4-5',
    env: {
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
      ANTHROPIC_API_KEY: KEY,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
      IS_SANDBOX: '1',
    },
  }),
  gemini(port, home) {
    settings(home, CONFIG.folder, CONFIG.auth);
    return {
      model: 'gemini-2.5-flash',
      env: { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}` },
    };
  },
  qwen(port, home) {
    settings(home, '.qwen', 'openai');
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'fake-model' };
    return { model: 'fake-model', env, args: ['--auth-type', 'openai'] };
  },
};

function settings(home, folder, selectedType) {
  mkdirSync(join(home, folder), { recursive: true });
  const quiet = { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false } };
  const general = { enableAutoUpdate: false, disableAutoUpdate: true };
  writeFileSync(
    join(home, folder, 'settings.json'),
    JSON.stringify({ security: { auth: { selectedType } }, general, ...quiet }),
  );
}

/** `after`: ended by us, with this signal, so many seconds after the first event; `limit`: by KILL, and so recorded. */
const CASES = [
  { name: 'success', prompt: 'T001 {write made.txt}' },
  { name: 'yolo', prompt: 'T001 {write made.txt} {shell echo made > shell.txt}', yolo: true },
  { name: 'denied', prompt: 'T001 {shell curl http://127.0.0.1:1}' },
  { name: 'blocked', prompt: 'T001 {say BLOCKED: there is no such table}' },
  { name: 'status-400', prompt: 'T001 {status 400}' },
  { name: 'status-401', prompt: 'T001 {status 401}' },
  { name: 'status-429', prompt: 'T001 {status 429}', only: ['claude'] },
  { name: 'silent-429', prompt: 'T001 {status 429}', limit: 15, only: ['gemini', 'qwen'] },
  { name: 'status-500', prompt: 'T001 {status 500}', only: ['claude'] },
  { name: 'status-529', prompt: 'T001 {status 529}', only: ['claude'] },
  { name: 'cut', prompt: 'T001 {cut}', limit: 30 },
  { name: 'sigterm', prompt: 'T001 {hang}', signal: 'SIGTERM' },
  { name: 'sigint', prompt: 'T001 {hang}', signal: 'SIGINT' },
  { name: 'no-session', prompt: 'T001', session: { id: '00000000-0000-4000-8000-000000000000', isNew: false } },
  { name: 'budget', prompt: 'T001 {write made.txt}', args: ['--max-budget-usd', '0.0001'], only: ['claude'] },
  { name: 'resumed-1', prompt: 'T001', session: { id: '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01', isNew: true } },
  {
    name: 'resumed-2',
    prompt: 'T001',
    session: { id: '6f1e0a52-3b8e-4d6d-9d53-0d2f6d1f7a01', isNew: false },
    goesOn: true,
  },
];

async function record(agent, one, place) {
  const { home, work, port } = place;
  const led = LED[agent.name](port, home);
  const call = {
    prompt: one.prompt,
    model: led.model,
    args: [...(led.args ?? []), ...(one.args ?? [])],
    yolo: one.yolo === true,
    dir: work,
    session: one.session ?? null,
    scratch: join(home, 'scratch'),
  };
  const invocation = agent.invoke(call);
  const bin = join(clients, agent.name, 'node_modules', '.bin', agent.programs[0]);
  const [out, err] = [join(home, 'out.jsonl'), join(home, 'err.txt')];
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    TERM: 'dumb',
    NO_COLOR: '1',
    PWD: work,
    LANG: 'C.UTF-8',
    TMPDIR: home,
  };
  const child = spawn(bin, invocation.args, {
    cwd: work,
    env: { ...env, ...led.env, ...invocation.env },
    detached: true,
    stdio: ['pipe', openSync(out, 'w'), openSync(err, 'w')],
  });
  child.stdin.end(invocation.input);
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const strike = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Gone already.
    }
  };
  if (one.signal !== undefined) {
    while (readFileSync(out, 'utf8') === '') await pause(100);
    await pause(3000);
    strike(one.signal);
  }
  const limit = setTimeout(() => strike('SIGKILL'), (one.limit ?? 90) * 1000);
  const { code, signal } = await ended;
  clearTimeout(limit);
  strike('SIGKILL');
  const clean = (text) => text.replaceAll(work, '/project').replaceAll(home, '/home').replaceAll(clients, '/clients');
  return {
    meta: {
      agent: agent.name,
      version: place.version,
      case: one.name,
      date: new Date().toISOString().slice(0, 10),
      args: invocation.args.map(clean),
      ended: one.limit !== undefined && signal === 'SIGKILL' ? 'by us, after it had been silent' : null,
      code,
      signal,
    },
    stdout: clean(readFileSync(out, 'utf8')),
    stderr: clean(readFileSync(err, 'utf8')).slice(-16 * 1024),
  };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Long texts that say nothing about the form of a stream: lists of tools, answers of tools. */
function shorter(stdout) {
  return stdout
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{')) return line.slice(0, 400);
      try {
        return JSON.stringify(JSON.parse(line), (key, value) =>
          ['tools', 'slash_commands', 'skills', 'agents', 'plugins', 'mcp_servers'].includes(key) &&
          Array.isArray(value)
            ? value.slice(0, 2)
            : typeof value === 'string' && value.length > 400
              ? `${value.slice(0, 400)}…`
              : value,
        );
      } catch {
        return line;
      }
    })
    .join('\n');
}

async function recordAll(agent, only) {
  const bin = join(clients, agent.name, 'node_modules', '.bin', agent.programs[0]);
  if (!existsSync(bin)) return console.log(`${agent.name}: not installed in ${clients}`);
  const base = mkdtempSync(join(tmpdir(), 'implement-record-'));
  const work = join(base, 'work');
  let home = join(base, 'home-0');
  const version = spawnSync(bin, ['--version'], { env: { PATH: process.env.PATH, HOME: base } })
    .stdout.toString()
    .match(/\d[\w.-]*/)?.[0];
  mkdirSync(work);
  spawnSync('git', ['init', '-q'], { cwd: work });
  const portFile = join(base, 'port');
  const model = spawn(process.execPath, [join(here, 'model.mjs'), portFile, work], { stdio: 'inherit' });
  while (!existsSync(portFile) || readFileSync(portFile, 'utf8') === '') await pause(20);
  const port = readFileSync(portFile, 'utf8').trim();
  const cases = CASES.filter((one) => one.only?.includes(agent.name) !== false);
  for (const [index, one] of cases.entries()) {
    if (only !== undefined && one.name !== only) continue;
    if (one.goesOn !== true) home = join(base, `home-${index + 1}`);
    mkdirSync(home, { recursive: true });
    for (const made of ['made.txt', 'shell.txt']) rmSync(join(work, made), { force: true });
    const { meta, stdout, stderr } = await record(agent, one, { home, work, port, version });
    const path = join(streams, `${agent.name}.${one.name}`);
    writeFileSync(`${path}.jsonl`, shorter(stdout));
    const files = ['made.txt', 'shell.txt'].filter((made) => existsSync(join(work, made)));
    writeFileSync(`${path}.json`, `${JSON.stringify({ ...meta, files, stderr }, null, 2)}\n`);
    console.log(`${agent.name} ${one.name}: code ${meta.code} signal ${meta.signal}, ${stdout.length} characters`);
  }
  model.kill();
  rmSync(base, { recursive: true, force: true });
}

if (process.env.IMPLEMENT_RECORD_INSIDE !== '1') {
  const inner = `ip link set lo up; exec ${process.execPath} "$@"`;
  const { status } = spawnSync('unshare', ['-n', 'sh', '-c', inner, 'sh', ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, IMPLEMENT_RECORD_INSIDE: '1' },
  });
  process.exitCode = status ?? 1;
} else {
  mkdirSync(streams, { recursive: true });
  const [name, only] = process.argv.slice(2);
  for (const agent of agents)
    if (agent.name in LED && (name === undefined || agent.name === name)) await recordAll(agent, only);
}
