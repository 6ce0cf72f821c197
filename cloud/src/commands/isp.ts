import { readFileSync } from 'node:fs';
import { storeLocation } from '../config.ts';
import { addIsp } from '../enrolment/import.ts';
import { openStore } from '../store/open.ts';
import { type Command, operandAt } from './command.ts';

export const ispAdd: Command = {
  words: ['isp', 'add'],
  operands: ['NAME', 'KEY'],
  help: [
    'registers an internet provider by the public key (Ed25519 or P-256, PEM) of its manifests,',
    'or gives it another one',
  ],
  async run(config, operands) {
    const name = operandAt(operands, 0);
    const pem = readFileSync(operandAt(operands, 1), 'utf8');
    const store = await openStore(storeLocation(config));
    try {
      await addIsp(store, name, pem, Date.now());
    } finally {
      await store.close();
    }
    process.stdout.write(`${name} is known\n`);
  },
};
