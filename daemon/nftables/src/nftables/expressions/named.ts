import type { AttributeWriter } from '../../netlink/attribute-writer.ts';

// enum nft_expr_attributes
export const expressionAttribute = { name: 1, data: 2 } as const;

/** An expression as the kernel nests it: its name and, when it has any, its own attributes. */
export function writeNamed(writer: AttributeWriter, name: string, fill?: () => void): void {
  writer.string(expressionAttribute.name, name);
  if (fill !== undefined) writer.nest(expressionAttribute.data, fill);
}
