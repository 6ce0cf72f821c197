import type { Attributes } from '../netlink/attributes.ts';
import { expressionAttribute } from './expressions/named.ts';

export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

// enum nft_counter_attributes
const attribute = { bytes: 1, packets: 2 } as const;

/** The counts of a dumped expression; undefined when it is not a counter. */
export function parseCounter(expression: Attributes): Counters | undefined {
  if (expression.string(expressionAttribute.name) !== 'counter') return undefined;
  const data = expression.nested(expressionAttribute.data);
  return { packets: data?.u64(attribute.packets) ?? 0, bytes: data?.u64(attribute.bytes) ?? 0 };
}
