// Preloaded into the daemon: its clock is wrong by as many milliseconds as the file says that KHIEN_TEST_CLOCK names. Timers
// run on, as they do on a machine whose clock is set; and no other program on this machine is told a wrong time. The machine
// seems to have started a moment before the daemon.
const { readFileSync } = require('node:fs');
const os = require('node:os');

const now = Date.now;
let wrong = 0;
let readAt = Number.NEGATIVE_INFINITY;

os.uptime = () => 20 + performance.now() / 1000;

Date.now = () => {
  if (performance.now() - readAt > 50) {
    readAt = performance.now();
    wrong = Number(readFileSync(process.env.KHIEN_TEST_CLOCK, 'utf8'));
  }
  return now() + wrong;
};
