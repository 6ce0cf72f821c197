import { NetlinkError } from '../netlink/error.ts';

// NFT_NAME_MAXLEN of linux/netfilter/nf_tables.h, with the NUL.
const NAME_MAXIMUM = 256;
// What the grammar of nft takes as an identifier, so that it can print and read back the ruleset.
const IDENTIFIER = /^[a-zA-Z_][a-zA-Z0-9_.\\/-]*$/;

/** Returns the name of a table, chain, set or map, or throws EINVAL when nft could not print it. */
export function checkName(name: string): string {
  if (name.length >= NAME_MAXIMUM || !IDENTIFIER.test(name)) {
    throw new NetlinkError(
      'EINVAL',
      `not a name of an nf_tables object: ${JSON.stringify(name.slice(0, 64))}`,
    );
  }
  return name;
}
