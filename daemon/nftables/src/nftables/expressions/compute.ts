import type { AttributeWriter } from '../../netlink/attribute-writer.ts';
import { NetlinkError } from '../../netlink/error.ts';
import { verdictRegister } from '../register.ts';
import { type Verdict, writeVerdict } from '../verdict.ts';
import { dataAttribute, writeData } from './data.ts';

export interface Immediate {
  readonly kind: 'immediate';
  readonly register: number;
  readonly value: Uint8Array;
}

export interface VerdictExpression {
  readonly kind: 'verdict';
  readonly verdict: Verdict;
}

export interface Bitwise {
  readonly kind: 'bitwise';
  readonly source: number;
  readonly target: number;
  readonly mask: Uint8Array;
  readonly xor: Uint8Array;
}

export interface Shift {
  readonly kind: 'shift';
  readonly direction: 'left' | 'right';
  readonly source: number;
  readonly target: number;
  /** Bytes of the value; the shift works on its 32-bit words in host order. */
  readonly length: number;
  readonly bits: number;
}

const immediateAttribute = { target: 1, data: 2 } as const;
const bitwiseAttribute = { source: 1, target: 2, length: 3, mask: 4, xor: 5, operation: 6, data: 7 } as const;
const NFT_BITWISE_LSHIFT = 1;
const NFT_BITWISE_RSHIFT = 2;

/** Loads a constant into a register. */
export function immediate(register: number, value: Uint8Array): Immediate {
  return { kind: 'immediate', register, value };
}

/** Decides: the last expression of most rules. */
export function verdict(decision: Verdict): VerdictExpression {
  return { kind: 'verdict', verdict: decision };
}

/**
 * target = (source & mask) ^ xor. At most 16 bytes at once can be printed by nft, though the kernel takes 64.
 * Throws EINVAL when mask and xor differ in length.
 */
export function bitwise(
  source: number,
  target: number,
  mask: Uint8Array,
  xor: Uint8Array = new Uint8Array(mask.length),
): Bitwise {
  if (mask.length !== xor.length)
    throw new NetlinkError('EINVAL', 'mask and xor of a bitwise differ in length');
  return { kind: 'bitwise', source, target, mask, xor };
}

/** target = source shifted by `bits` (Linux 5.6). */
export function shift(
  direction: 'left' | 'right',
  source: number,
  target: number,
  length: number,
  bits: number,
): Shift {
  return { kind: 'shift', direction, source, target, length, bits };
}

export function writeImmediate(writer: AttributeWriter, { register, value }: Immediate): void {
  writer.u32(immediateAttribute.target, register);
  writeData(writer, immediateAttribute.data, value);
}

export function writeVerdictExpression(writer: AttributeWriter, expression: VerdictExpression): void {
  writer.u32(immediateAttribute.target, verdictRegister);
  writer.nest(immediateAttribute.data, () => writeVerdict(writer, dataAttribute.verdict, expression.verdict));
}

export function writeBitwise(writer: AttributeWriter, { source, target, mask, xor }: Bitwise): void {
  // Without an operation attribute, as kernels before 5.6 know only this one.
  writer.u32(bitwiseAttribute.source, source);
  writer.u32(bitwiseAttribute.target, target);
  writer.u32(bitwiseAttribute.length, mask.length);
  writeData(writer, bitwiseAttribute.mask, mask);
  writeData(writer, bitwiseAttribute.xor, xor);
}

export function writeShift(
  writer: AttributeWriter,
  { direction, source, target, length, bits }: Shift,
): void {
  const amount = Buffer.alloc(4);
  amount.writeUInt32LE(bits);
  writer.u32(bitwiseAttribute.source, source);
  writer.u32(bitwiseAttribute.target, target);
  writer.u32(bitwiseAttribute.length, length);
  writer.u32(bitwiseAttribute.operation, direction === 'left' ? NFT_BITWISE_LSHIFT : NFT_BITWISE_RSHIFT);
  writeData(writer, bitwiseAttribute.data, amount);
}
