// Runs on the router: when the kernel took changes of its ruleset, as `nft monitor` tells.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { answerQuestions, monotonic } from '../../system/worker.ts';

const commits: number[] = [];
const monitor = spawn('nft', ['monitor'], { stdio: ['ignore', 'pipe', 'inherit'] });
createInterface({ input: monitor.stdout }).on('line', (line) => {
  if (line.startsWith('# new generation')) commits.push(monotonic());
});

answerQuestions({ commits: () => commits });
