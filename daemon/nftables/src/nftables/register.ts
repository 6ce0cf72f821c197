import { NetlinkError } from '../netlink/error.ts';

const NFT_REG32_00 = 8;
const REGISTERS = 16;

/** The register that receives verdicts. */
export const verdictRegister = 0;

/**
 * One of the sixteen 4-byte registers, 0 to 15 (NFT_REG32_00 on). A longer value takes the following ones too: a
 * 16-byte key loaded to `register(4)` ends in `register(7)`. Throws EINVAL for a number that is no register.
 */
export function register(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= REGISTERS) {
    throw new NetlinkError('EINVAL', `there is no register ${index}`);
  }
  return NFT_REG32_00 + index;
}
