import { type Expression, expr, networkU16, register } from 'node-nftables';

/**
 * The first UDP datagram of a tunnel, by which it is recognised on any port. Lengths are as UDP's header says them, with
 * its own 8 bytes; offsets are from there, too.
 */

const r0 = register(0);
const UDP_HEADER = 8;

/** WireGuard: type 1, three reserved zeros, 148 bytes in all (wireguard.com/protocol). */
const WIREGUARD = UDP_HEADER + 148;
const WIREGUARD_START = Buffer.of(1, 0, 0, 0);

/** OpenVPN: opcode 7 with key 0, a session id of 8 bytes, no acknowledgement, message 0 (openvpn.net, "OpenVPN protocol"). */
const OPENVPN_START = Buffer.of(7 << 3);
const AFTER_SESSION = UDP_HEADER + 9;
const NOTHING_YET = Buffer.alloc(5);
const OPENVPN_PLAIN = AFTER_SESSION + NOTHING_YET.length;
/** With `tls-auth`: an HMAC of SHA-1, SHA-256 or SHA-512, a packet id and the time behind the session id. */
const HMACS = [20, 32, 64];
const signed = (hmac: number): number => OPENVPN_PLAIN + hmac + 8;
/** With `tls-crypt`: packet id, time and a tag of 32 bytes; the rest is encrypted. */
const OPENVPN_CRYPT = OPENVPN_PLAIN + 8 + 32;
const FIRST_PACKET = Buffer.of(0, 0, 0, 1);
/** From OpenVPN 2.6 on the packet id tells that the client can do more. */
const FIRST_PACKET_2_6 = Buffer.of(0x0f, 0, 0, 1);

/** The lengths that `firstMessagesOfTunnels` looks at, each once. */
export const firstMessageLengths: readonly number[] = [
  ...new Set([WIREGUARD, OPENVPN_PLAIN, OPENVPN_CRYPT, ...HMACS.map(signed)]),
];

/** For each form of a first message: expressions that hold for it alone. */
export function* firstMessagesOfTunnels(): Generator<Expression[]> {
  yield [...lengthIs(WIREGUARD), ...bytesAre(UDP_HEADER, WIREGUARD_START)];
  const openvpn = (length: number): Expression[] => [
    ...lengthIs(length),
    ...bytesAre(UDP_HEADER, OPENVPN_START),
  ];
  yield [...openvpn(OPENVPN_PLAIN), ...bytesAre(AFTER_SESSION, NOTHING_YET)];
  for (const hmac of HMACS) {
    yield [
      ...openvpn(signed(hmac)),
      ...bytesAre(AFTER_SESSION + hmac, FIRST_PACKET),
      ...bytesAre(AFTER_SESSION + hmac + 8, NOTHING_YET),
    ];
  }
  for (const id of [FIRST_PACKET, FIRST_PACKET_2_6]) {
    yield [...openvpn(OPENVPN_CRYPT), ...bytesAre(AFTER_SESSION, id)];
  }
}

function lengthIs(length: number): Expression[] {
  return bytesAre(4, networkU16(length));
}

function bytesAre(offset: number, value: Buffer): Expression[] {
  return [expr.payload('transport', offset, value.length, r0), expr.cmp(r0, 'eq', value)];
}
