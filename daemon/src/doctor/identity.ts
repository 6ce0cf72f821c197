import { type KeyObject, X509Certificate } from 'node:crypto';
import type { Identity } from '@khien/shared/enrolment';
import { codeOf } from '@khien/shared/error';
import type { Instant } from '@khien/shared/id';
import { type Finding, ok, problem } from './finding.ts';

const again = "claim it again: khiend status shows the code for the parents' app";
const renew = 'enrol it again: remove identity.json from the state folder, then: /etc/init.d/khien restart';

/**
 * Whether this router is somebody. `load` throws as `IdentityFile.load` does; `readKey` resolves with undefined where
 * there is no key, and rejects where it is damaged.
 */
export async function checkIdentity(
  load: () => Promise<Identity | undefined>,
  readKey: () => Promise<KeyObject | undefined>,
  now: Instant,
): Promise<Finding> {
  const check = 'identity';
  try {
    const identity = await load();
    if (identity === undefined) {
      const todo = "enter the claim code in the parents' app: khiend status shows it";
      return problem(check, 'not enrolled: no family has claimed this router', todo);
    }
    const certificate = new X509Certificate(identity.certificate);
    const key = await readKey();
    const who = `router ${identity.router}, certificate until ${day(certificate.validTo)}`;
    if (key === undefined || !certificate.checkPrivateKey(key)) {
      return problem(check, `${who}, which is not of this router's key`, again);
    }
    if (now > Date.parse(certificate.validTo)) return problem(check, `${who}: expired`, renew);
    if (now < Date.parse(certificate.validFrom)) {
      return problem(check, `${who}: not valid before ${day(certificate.validFrom)}`, 'set the clock');
    }
    return ok(check, who);
  } catch (error) {
    return problem(check, `damaged (${codeOf(error)})`, again);
  }
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
