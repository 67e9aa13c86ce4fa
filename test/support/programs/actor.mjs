// Plays a task: reports over the socket, then does what it is told. Ends with its test.
import { spawn } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const { env } = process;
const socket = connect(env.STAGE_SOCKET);
const tell = (message) => socket.write(`${JSON.stringify(message)}\n`);
const done = () => tell({ kind: 'did' });

const orders = {
  print({ fd, text }) {
    writeSync(fd, text);
    done();
  },
  ignore({ signal }) {
    process.on(signal, () => tell({ kind: 'heard', signal }));
    done();
  },
  read() {
    tell({ kind: 'stdin', text: readFileSync(0, 'utf8') });
  },
  fork({ detached }) {
    spawn(process.execPath, [process.argv[1]], { detached, stdio: 'inherit', env: { ...env, STAGE_ROLE: 'child' } });
    done();
  },
  exit({ code }) {
    process.exit(code);
  },
};

socket.on('error', () => process.exit(99));
socket.on('close', () => process.exit(99));
createInterface({ input: socket }).on('line', (line) => {
  const order = JSON.parse(line);
  orders[order.kind](order);
});
tell({
  kind: 'started',
  id: env.STAGE_ROLE ?? env.IMPLEMENT_TASK_ID ?? 'verify',
  pid: process.pid,
  cwd: process.cwd(),
  env,
});
