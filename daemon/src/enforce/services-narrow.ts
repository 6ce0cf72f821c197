import { concatenatedKey, ipAddress, ipAddressText, networkU16 } from 'node-nftables';
import { narrowText } from '../services/narrow-names.ts';

/** Keys of the sets of what is open for one thing, as `narrowText` writes them. */

const PROTOCOL = { tcp: 6, udp: 17 } as const;

export function narrowKey(text: string): Buffer {
  const [address = '', protocol, port] = text.split(' ');
  const number = protocol === 'udp' ? PROTOCOL.udp : PROTOCOL.tcp;
  return concatenatedKey(ipAddress(address), Buffer.from([number]), networkU16(Number(port)));
}

/** The text of a key, whose last two fields take a register each. */
export function narrowUseOf(key: Buffer): string {
  const address = ipAddressText(key.subarray(0, -8));
  const protocol = key[key.length - 8] === PROTOCOL.udp ? 'udp' : 'tcp';
  return narrowText(address, { protocol, port: key.readUInt16BE(key.length - 4) });
}
