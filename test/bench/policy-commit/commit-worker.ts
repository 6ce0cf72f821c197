// The daemon's documents and enforcer in this namespace: takes policies as they come from the cloud, and says how long each
// took until the kernel had it.
import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type KhienDocument, signDocument } from '@khien/shared/document';
import { newId } from '@khien/shared/id';
import type { Policy } from '@khien/shared/policy';
import { z } from 'zod';
import { DocumentFiles } from '../../../daemon/src/documents/document-files.ts';
import { Documents } from '../../../daemon/src/documents/documents.ts';
import { TableFile } from '../../../daemon/src/lists/table-file.ts';
import { stderrLog as log } from '../../../daemon/src/log.ts';
import { OwnRouter } from '../../kernel/enforce/own-router.ts';
import { BigFamily } from './big-family.ts';

const [list = '', folder = ''] = process.argv.slice(2);
/** Between two documents, in milliseconds: a parent who taps fast. */
const PAUSE = 25;

const commandSchema = z.object({
  change: z.enum(['paused', 'blocked']),
  /** So many documents; or one that makes all names be loaded, not counted, and as many as come until they are. */
  documents: z.union([z.int(), z.literal('while loading')]),
});

const router = new OwnRouter();
router.lists = await TableFile.open(list);
await router.enforcer.start();
const pair = generateKeyPairSync('ed25519');
const trust = { keys: [{ id: 'k1', key: pair.publicKey }], router: newId() };
const family = new BigFamily();
let version = 0;
let committedAt = 0;
const documents = new Documents({
  files: new DocumentFiles(folder, log),
  log,
  apply: async (inForce) => {
    await router.enforcer.apply(inForce);
    committedAt = performance.now();
  },
  report: () => Promise.resolve(),
  clock: router.clock,
  issued: () => undefined,
});
await documents.restore(trust);

/** Milliseconds from a policy's arrival to its being in the kernel. */
async function commit(policy: Policy): Promise<number> {
  const issuedAt = router.clock.now();
  const document: KhienDocument = {
    kind: 'policy',
    router: trust.router,
    version: ++version,
    issuedAt,
    body: policy,
  };
  const bytes = Buffer.from(JSON.stringify(signDocument(document, { id: 'k1', key: pair.privateKey })));
  await delay(PAUSE);
  const at = performance.now();
  await documents.receive(bytes);
  if (documents.versions.policy !== version) throw new Error('the policy was refused');
  return committedAt - at;
}

async function answer(line: string): Promise<{ milliseconds: number[]; names: number }> {
  const { change, documents: count } = commandSchema.parse(JSON.parse(line));
  const milliseconds: number[] = [];
  if (count === 'while loading') {
    await commit(family[change](version));
    let isLoading = true;
    const loaded = router.enforcer.loaded().then(() => {
      isLoading = false;
    });
    while (isLoading) milliseconds.push(await commit(family[change](version)));
    await loaded;
  } else {
    while (milliseconds.length < count) milliseconds.push(await commit(family[change](version)));
    await router.enforcer.loaded();
  }
  return { milliseconds, names: (await router.enforcer.status()).names };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
await router.enforcer.stop();
if (router.reports.length > 0) log.error(`the enforcer reports ${JSON.stringify(router.reports)}`);
