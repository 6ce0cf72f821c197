import { type Config, storeLocation } from '../config.ts';
import { appoint, dismiss, findAdministrator } from '../organisations/duties.ts';
import { openStore, type Trx } from '../store/open.ts';
import { type Command, operandAt } from './command.ts';

async function inStore<T>(config: Config, work: (trx: Trx) => Promise<T>): Promise<T> {
  const store = await openStore(storeLocation(config));
  try {
    return await store.transaction(work);
  } finally {
    await store.close();
  }
}

export const adminGrant: Command = {
  words: ['admin', 'grant'],
  operands: ['EMAIL'],
  help: [
    'makes the account with this email an administrator, who says who acts for organisations and',
    'internet providers, and sees no household; nothing else makes one',
  ],
  async run(config, operands) {
    const email = operandAt(operands, 0);
    const appointing = { by: null, now: Date.now() };
    const duty = await inStore(config, (trx) => appoint(trx, { kind: 'administrator', email }, appointing));
    process.stdout.write(`${duty.name} is an administrator\n`);
  },
};

export const adminRevoke: Command = {
  words: ['admin', 'revoke'],
  operands: ['EMAIL'],
  help: ['takes that back, at once'],
  async run(config, operands) {
    const email = operandAt(operands, 0);
    await inStore(config, async (trx) =>
      dismiss(trx, await findAdministrator(trx, email), { by: null, now: Date.now() }),
    );
    process.stdout.write(`${email} is no administrator any more\n`);
  },
};
