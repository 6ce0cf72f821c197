// The daemon's documents and enforcer in this namespace: takes policies as they come from the cloud, and says how long each
// took until the kernel had it.
import { createPublicKey } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { idSchema } from '@khien/shared/id';
import { DocumentFiles } from '../../../daemon/src/documents/document-files.ts';
import { Documents } from '../../../daemon/src/documents/documents.ts';
import { TableFile } from '../../../daemon/src/lists/table-file.ts';
import { stderrLog as log } from '../../../daemon/src/log.ts';
import { OwnRouter } from '../../kernel/enforce/own-router.ts';
import { type Commit, commandSchema, type Settled } from './commit.ts';

const [list = '', folder = '', cloudKey = '', routerId] = process.argv.slice(2);
/** Between a document's coming here and its arrival at the daemon, in milliseconds: a parent who taps fast. */
const PAUSE = 25;

const router = new OwnRouter();
router.lists = await TableFile.open(list);
await router.enforcer.start();
let isLoading = false;
let [openedAt, committedAt] = [0, 0];
const documents = new Documents({
  files: new DocumentFiles(folder, log),
  log,
  apply: async (inForce) => {
    openedAt = performance.now();
    await router.enforcer.apply(inForce);
    committedAt = performance.now();
  },
  report: () => Promise.resolve(),
  clock: router.clock,
  issued: () => undefined,
});
const key = createPublicKey({ key: Buffer.from(cloudKey, 'base64'), format: 'der', type: 'spki' });
await documents.restore({ keys: [{ id: 'k1', key }], router: idSchema.parse(routerId) });

/** Takes a policy as it arrives; the first makes all names be loaded. */
async function commit(signed: string): Promise<Commit> {
  const bytes = Buffer.from(signed);
  const { policy: version } = documents.versions;
  await delay(PAUSE);
  const at = performance.now();
  await documents.receive(bytes);
  if (documents.versions.policy === version) throw new Error('the policy was refused');
  const answer = { opened: openedAt - at, committed: committedAt - at, isLoading };
  if (version === 0) {
    isLoading = true;
    void router.enforcer.loaded().then(() => {
      isLoading = false;
    });
  }
  return answer;
}

async function settle(): Promise<Settled> {
  await router.enforcer.loaded();
  return { names: (await router.enforcer.status()).names };
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = commandSchema.parse(JSON.parse(line));
  const answer = 'policy' in command ? await commit(command.policy) : await settle();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await router.enforcer.stop();
if (router.reports.length > 0) log.error(`the enforcer reports ${JSON.stringify(router.reports)}`);
