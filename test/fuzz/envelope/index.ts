import type { EnvelopeClass } from './envelope-class.ts';
import { fragmentClasses } from './fragment-classes.ts';
import { ipClasses } from './ip-classes.ts';
import { udpClasses } from './udp-classes.ts';

export type { EnvelopeClass, Sent } from './envelope-class.ts';

export const envelopeClasses: readonly EnvelopeClass[] = [...udpClasses, ...ipClasses, ...fragmentClasses];
