import { createHash, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isLongClaimCode, normaliseClaimCode } from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import { z } from 'zod';
import { claimHash } from './claim-hash.ts';
import { entrySchema, headSchema, parseLine, signatureLine } from './manifest.ts';
import { parseRouterKey } from './public-key.ts';

const madeSchema = entrySchema.omit({ claim: true }).extend({ code: z.string() });

/**
 * The lines of a provider's manifest, of the routers that it made: in `file`, a JSON text a line, with the code that is
 * printed on each instead of its hash.
 *
 * @throws KhienError `MANIFEST_INVALID`, with the line
 */
export async function* signManifest(isp: string, key: KeyObject, file: string): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const counted = (line: string): string => {
    hash.update(`${line}\n`);
    return line;
  };
  yield counted(JSON.stringify(headSchema.parse({ khien: 'manifest-v1', isp })));
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    number += 1;
    const made = madeSchema.safeParse(parseLine(text));
    const code = made.success ? normaliseClaimCode(made.data.code) : undefined;
    if (!made.success || code === undefined || !isLongClaimCode(code) || !parseRouterKey(made.data.key)) {
      throw new KhienError(
        'MANIFEST_INVALID',
        `line ${number} is no router with a P-256 key and a long code`,
      );
    }
    const { serial, model, key: router } = made.data;
    yield counted(JSON.stringify({ serial, model, key: router, claim: await claimHash(code, isp) }));
  }
  yield signatureLine(hash.digest(), key);
}
