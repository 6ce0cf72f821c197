import type { AttributeWriter } from '../../netlink/attribute-writer.ts';

// enum nft_data_attributes
export const dataAttribute = { value: 1, verdict: 2 } as const;

/** A constant as nf_tables nests it: attribute `type` { NFTA_DATA_VALUE }. */
export function writeData(writer: AttributeWriter, type: number, value: Uint8Array): void {
  writer.nest(type, () => writer.bytes(dataAttribute.value, value));
}
