// Runs on the router of a virtual home: takes Khiên's tables away, without looking at what they hold.
import { Nftables } from 'node-nftables';
import { BOOT_TABLE, DNS_TABLE, POLICY_TABLE, SERVICES_TABLE } from '../../../daemon/src/layout.ts';
import { answerQuestions } from '../../system/worker.ts';

const tables = [
  { family: 'inet', name: DNS_TABLE },
  { family: 'inet', name: POLICY_TABLE },
  { family: 'inet', name: SERVICES_TABLE },
  { family: 'inet', name: BOOT_TABLE },
  { family: 'netdev', name: POLICY_TABLE },
] as const;
const nft = new Nftables();

async function remove(): Promise<void> {
  const transaction = nft.transaction();
  for (const table of tables) transaction.destroyTable(table);
  await transaction.commit();
}

answerQuestions({ remove });
