/** Names and numbers that the kernel tables, the DNS responder and the portal must agree on. */

/** The classifier: names → what blocks them. Static; see `enforce/classifier`. */
export const DNS_TABLE = 'khien_dns';
/** Devices, profiles, steering. Same name in the families `inet` (policy) and `netdev` (access leases). */
export const POLICY_TABLE = 'khien';
/** Addresses of services: refused, or counted; see `enforce/services-table`. */
export const SERVICES_TABLE = 'khien_services';
/** Holds managed devices closed from a boot until the tables above are there; see `boot`. */
export const BOOT_TABLE = 'khien_boot';

/** UDP port of the responder: where the kernel steers blocked and undecided queries. */
export const DNS_PORT = 5453;
/** At least so often a datagram leaves that port, milliseconds, by which the kernel knows that somebody answers. */
export const SIGN_OF_LIFE = 4000;
/** TCP port of the responder: every TCP/53 connection of a managed device. */
export const DNS_TCP_PORT = 5455;
/** HTTP port of the child's page; for managed devices port 80 of the router's own addresses leads there too. */
export const PORTAL_PORT = 5480;

/** The child's page, and a parent's when nobody has claimed the router yet. A name of the home network (RFC 8375). */
export const PORTAL_NAME = 'khien.home.arpa';
/**
 * Where that name leads. The address is nobody's: the kernel redirects port 80 of it to the page, so that the router's own
 * port 80 stays its administrator's. The dnsmasq snippet of firmware-scripts says it too.
 */
export const PORTAL_ADDRESS = '172.31.53.80';

/**
 * Bits of the 32-bit answer that the classifier leaves in `skb->priority`.
 * 0..15: list categories, by their fixed bit. 16..27: groups of own names, see `enforce/desired`.
 */
export const OWN_GROUP_FIRST_BIT = 16;
export const OWN_GROUP_COUNT = 12;
/** A name that study needs: the only ones that are open in the learning mode. */
export const STUDY = 0x1000_0000;
/** A name of a service that the policy speaks of: while the responder lives it gets the query, to learn the addresses. */
export const TRACKED = 0x2000_0000;
/** A name of an emergency contact: goes to the resolver whatever else holds. */
export const HELP = 0x4000_0000;
/** The kernel cannot tell: the responder parses the packet and decides exactly. */
export const UNDECIDED = 0x8000_0000;
/** Left in `skb->priority` by the access table: refuse this. Before the classifier, which never answers with it. */
export const REFUSED = 0x4b48_0001;
