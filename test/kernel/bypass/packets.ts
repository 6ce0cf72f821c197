/** First messages of tunnels, in hex, as their programs send them. */

const filler = (bytes: number): string => 'a5'.repeat(bytes);
const SESSION = filler(8);
const TIME = '6920f5c0';
const FIRST = '00000001';

/** Type 1, three reserved bytes, 144 bytes of keys. */
export const wireguardInitiation = `01000000${filler(144)}`;
/** A message of another protocol that is as long. */
export const notWireguard = `01000001${filler(144)}`;

export const openvpnResets: Readonly<Record<string, string>> = {
  plain: `38${SESSION}0000000000`,
  'tls-auth SHA1': `38${SESSION}${filler(20)}${FIRST}${TIME}0000000000`,
  'tls-auth SHA256': `38${SESSION}${filler(32)}${FIRST}${TIME}0000000000`,
  'tls-auth SHA512': `38${SESSION}${filler(64)}${FIRST}${TIME}0000000000`,
  'tls-crypt': `38${SESSION}${FIRST}${TIME}${filler(32)}${filler(5)}`,
  'tls-crypt, 2.6': `38${SESSION}0f000001${TIME}${filler(32)}${filler(5)}`,
};

/** An IKE_SA_INIT request's header (RFC 7296 §3.1). */
export const ikeInitiation = `${SESSION}0000000000000000212022080000000000000060${filler(68)}`;

/** A GRE header of PPTP (RFC 2637 §4.1), an ESP header (RFC 4303), and a small packet of IPv6. */
export const greHeader = `3001880b00000001${filler(40)}`;
export const espHeader = `0000100000000001${filler(40)}`;
export const ipv6Packet = `6000000000083b40${'20010db8'.padEnd(32, '0')}${'20010db8'.padEnd(32, '1')}${filler(8)}`;

/** What a browser asks a proxy for. */
export const connectRequest = Buffer.from(
  'CONNECT tiktok.com:443 HTTP/1.1\r\nHost: tiktok.com:443\r\n\r\n',
).toString('hex');
export const plainRequest = Buffer.from('GET / HTTP/1.1\r\nHost: hocmai.vn\r\n\r\n').toString('hex');
