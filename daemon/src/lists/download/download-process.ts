// Entry of the short-lived process that downloads a list: `node list-download.cjs JOB`, JOB in JSON. Says on standard
// output how it went. What it took of memory goes with it.
import { codeOf } from '@khien/shared/error';
import { fetchTable } from './fetch-table.ts';
import { type DownloadOutcome, downloadJobSchema } from './job.ts';

async function run(): Promise<DownloadOutcome> {
  try {
    await fetchTable(downloadJobSchema.parse(JSON.parse(process.argv[2] ?? '')));
    return { done: true };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { done: false, code: codeOf(error), message: message.slice(0, 300) };
  }
}

// Who started us is gone: whoever comes next starts another.
process.stdin.resume().once('end', () => process.exit(1));
run().then((outcome) => {
  console.log(JSON.stringify(outcome));
  process.stdin.destroy();
});
