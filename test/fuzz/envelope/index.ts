import type { Random } from '../random.ts';
import type { EnvelopeClass } from './envelope-class.ts';
import { fragmentClasses } from './fragment-classes.ts';
import { ipClasses } from './ip-classes.ts';
import { udpClasses } from './udp-classes.ts';

export type { EnvelopeClass, Sent } from './envelope-class.ts';

export const envelopeClasses: readonly EnvelopeClass[] = [...udpClasses, ...ipClasses, ...fragmentClasses];

const weighted = envelopeClasses.flatMap((each) => Array<EnvelopeClass>(each.weight ?? 1).fill(each));

export function anyEnvelope(random: Random): EnvelopeClass {
  return random.pick(weighted);
}
