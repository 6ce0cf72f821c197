import { Attributes } from '../netlink/attributes.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';

export interface Generation {
  readonly id: number;
  /** Who made the commit: the thread's number and name (in the initial pid namespace). */
  readonly processId: number;
  readonly processName: string;
}

// enum nft_gen_attributes
const attribute = { id: 1, processId: 2, processName: 3 } as const;

export function parseGeneration(payload: Buffer): Generation {
  const attributes = new Attributes(readGenericHeader(payload).attributes);
  return {
    id: attributes.required(attributes.u32(attribute.id), 'the generation id'),
    processId: attributes.u32(attribute.processId) ?? 0,
    processName: attributes.string(attribute.processName) ?? '',
  };
}
