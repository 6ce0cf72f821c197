/** Numbers from IANA's registry "Domain Name System (DNS) Parameters", those that the responder uses. */

export const TYPE = {
  A: 1,
  CNAME: 5,
  SOA: 6,
  AAAA: 28,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
} as const;

export const CLASS_IN = 1;

export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  /** RFC 6891 §9; needs the extended bits of an OPT record. */
  BADVERS: 16,
} as const;

/** Extended DNS error codes, RFC 8914 §4. */
export const EDE = { OTHER: 0, NOT_READY: 14, FILTERED: 17, NETWORK_ERROR: 23 } as const;

/** EDNS option code of an extended DNS error, RFC 8914 §2. */
export const OPTION_EDE = 15;

/** SvcParamKeys of RFC 9460 §14.3.2. */
export const SVC_PARAM = { IPV4_HINT: 4, IPV6_HINT: 6 } as const;

export const HEADER_BYTES = 12;
