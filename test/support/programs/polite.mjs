// On TERM takes a moment, says how many TERMs came, and exits with 0. First argument: file for its pid.
import { writeFileSync } from 'node:fs';

let terms = 0;
process.on('SIGTERM', () => {
  terms += 1;
  if (terms > 1) return;
  setTimeout(() => {
    console.log(`goodbye after ${terms}`);
    process.exit(0);
  }, 60);
});
setInterval(() => undefined, 1000);
writeFileSync(process.argv[2], `${process.pid}\n`);
