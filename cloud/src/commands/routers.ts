import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KhienError } from '@khien/shared/error';
import { storeLocation } from '../config.ts';
import { importManifest, type Outcome } from '../enrolment/import.ts';
import { signManifest } from '../enrolment/sign-manifest.ts';
import { openStore } from '../store/open.ts';
import { type Command, operandAt } from './command.ts';

const GOOD: ReadonlySet<Outcome> = new Set(['IMPORTED', 'UNCHANGED']);

export const routersSign: Command = {
  words: ['routers', 'sign'],
  operands: ['NAME', 'KEY', 'ROUTERS'],
  help: [
    'for a provider: prints the manifest of the routers in a file, each a line of JSON with serial,',
    'model, key (SubjectPublicKeyInfo of its P-256 key, base64url) and code (the claim code that is',
    'printed on it), signed with the private key of KEY (PEM). No code is in the manifest',
  ],
  async run(_config, operands) {
    const key = createPrivateKey(readFileSync(operandAt(operands, 1)));
    for await (const line of signManifest(operandAt(operands, 0), key, operandAt(operands, 2))) {
      process.stdout.write(`${line}\n`);
    }
  },
};

export const routersImport: Command = {
  words: ['routers', 'import'],
  operands: ['MANIFEST'],
  switches: ['dry-run'],
  help: [
    'makes the routers of a signed manifest known: each has its certificate as soon as it is',
    'plugged in, and waits for the family that enters the code printed on it. May be repeated',
  ],
  async run(config, operands, switches) {
    const counts = new Map<Outcome, number>();
    const store = await openStore(storeLocation(config));
    try {
      await importManifest(store, operandAt(operands, 0), {
        dry: switches.has('dry-run'),
        now: Date.now(),
        report: ({ line, serial, outcome }) => {
          counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
          if (outcome !== 'UNCHANGED') process.stdout.write(`${line} ${serial ?? '-'} ${outcome}\n`);
        },
      });
    } finally {
      await store.close();
    }
    const bad = [...counts].filter(([outcome]) => !GOOD.has(outcome));
    process.stderr.write(`${[...counts].map(([outcome, count]) => `${outcome}: ${count}`).join(', ')}\n`);
    if (bad.length > 0) throw new KhienError('MANIFEST_INVALID', 'some lines are not as they should be');
  },
};
