import { Attributes } from '../netlink/attributes.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';

export interface Generation {
  readonly id: number;
}

const NFTA_GEN_ID = 1;

/** Of an NFT_MSG_NEWGEN. (The process it names too is, in a reply, the one that asks.) */
export function parseGeneration(payload: Buffer): Generation {
  const attributes = new Attributes(readGenericHeader(payload).attributes);
  return { id: attributes.required(attributes.u32(NFTA_GEN_ID), 'the generation id') };
}
