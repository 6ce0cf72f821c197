// Runs on the router: when the kernel took a change of its ruleset.
import { watchRuleset } from 'node-nftables';
import { answerQuestions, monotonic } from '../worker.ts';

const commits: number[] = [];
let lost = false;
watchRuleset({
  event: (event) => {
    if (event.kind === 'generation') commits.push(monotonic());
  },
  lost: () => {
    lost = true;
  },
});

answerQuestions({
  commits: () => {
    if (lost) throw new Error('the kernel told of more changes than could be taken');
    return commits;
  },
});
