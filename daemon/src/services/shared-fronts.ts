import { BlockList, isIPv4 } from 'node:net';
import { longestSuffix } from '@khien/shared/name';

/**
 * Where many sites share addresses, so that refusing one would hit the others: what is there is left to names. Beside what
 * is listed, an address counts as shared by the uses that are seen of it.
 */

/** Names of content delivery networks and hosts, by which an answer's aliases (or the name itself) give them away. */
const frontNames = [
  // Akamai
  'akamai.net',
  'akamaiedge.net',
  'akamaihd.net',
  'akamaized.net',
  'edgekey.net',
  'edgesuite.net',
  // Amazon
  'cloudfront.net',
  // Google: front ends answer for every Google name
  'l.google.com',
  'googlehosted.com',
  'ghs.google.com',
  'googleusercontent.com',
  // Microsoft
  'azureedge.net',
  'azurefd.net',
  'msedge.net',
  'azurewebsites.net',
  // Fastly, Cloudflare
  'fastly.net',
  'fastlylb.net',
  'cdn.cloudflare.net',
  // Others
  'alicdn.com',
  'alikunlun.com',
  'b-cdn.net',
  'cdn20.com',
  'cdn77.org',
  'cdngc.net',
  'cdnetworks.net',
  'edgecastcdn.net',
  'footprint.net',
  'gcdn.co',
  'github.io',
  'herokudns.com',
  'hwcdn.net',
  'kunlunar.com',
  'kxcdn.com',
  'llnwd.net',
  'llnwi.net',
  'lxdns.com',
  'myshopify.com',
  'netlifyglobalcdn.com',
  'squarespace.com',
  'stackpathdns.com',
  'tdnsv5.com',
  'vercel-dns.com',
  'vnncdn.net',
  'wixdns.net',
  'wpengine.com',
  'wscdns.com',
] as const;

/** Prefixes of fronts that need no alias, as their owners publish them. */
const frontPrefixes = [
  // Cloudflare: www.cloudflare.com/ips
  ...['173.245.48.0/20', '103.21.244.0/22', '103.22.200.0/22', '103.31.4.0/22', '141.101.64.0/18'],
  ...['108.162.192.0/18', '190.93.240.0/20', '188.114.96.0/20', '197.234.240.0/22', '198.41.128.0/17'],
  ...['162.158.0.0/15', '104.16.0.0/13', '104.24.0.0/14', '172.64.0.0/13', '131.0.72.0/22'],
  ...['2400:cb00::/32', '2606:4700::/32', '2803:f800::/32', '2405:b500::/32', '2405:8100::/32'],
  ...['2a06:98c0::/29', '2c0f:f248::/32'],
  // Fastly: api.fastly.com/public-ip-list
  ...['23.235.32.0/20', '43.249.72.0/22', '103.244.50.0/24', '103.245.222.0/23', '103.245.224.0/24'],
  ...['104.156.80.0/20', '140.248.64.0/18', '140.248.128.0/17', '146.75.0.0/17', '151.101.0.0/16'],
  ...['157.52.64.0/18', '167.82.0.0/17', '167.82.128.0/20', '167.82.160.0/20', '167.82.224.0/20'],
  ...['172.111.64.0/18', '185.31.16.0/22', '199.27.72.0/21', '199.232.0.0/16', '2a04:4e40::/32'],
  '2a04:4e42::/32',
  // Amazon CloudFront: ip-ranges.amazonaws.com/ip-ranges.json
  ...['13.32.0.0/15', '13.35.0.0/16', '13.224.0.0/14', '13.249.0.0/16', '18.64.0.0/14', '18.154.0.0/15'],
  ...['18.160.0.0/15', '18.164.0.0/15', '18.172.0.0/15', '18.238.0.0/15', '18.244.0.0/15', '52.84.0.0/15'],
  ...['52.222.128.0/17', '54.182.0.0/16', '54.192.0.0/16', '54.230.0.0/17', '54.239.128.0/18'],
  ...['65.8.0.0/15', '99.84.0.0/16', '99.86.0.0/16', '108.138.0.0/15', '108.156.0.0/14', '143.204.0.0/16'],
  ...['204.246.164.0/22', '204.246.168.0/22', '204.246.174.0/23', '204.246.176.0/20', '205.251.192.0/19'],
  ...['216.137.32.0/19', '3.160.0.0/14', '3.164.0.0/18', '3.168.0.0/14', '2600:9000::/28'],
] as const;

/** Google's front ends, by whose addresses all its names answer: www.gstatic.com/ipranges/goog.json */
const googlePrefixes = [
  ...['64.233.160.0/19', '66.102.0.0/20', '72.14.192.0/18', '74.125.0.0/16', '108.177.0.0/17'],
  ...['142.250.0.0/15', '172.217.0.0/16', '172.253.0.0/16', '173.194.0.0/16', '192.178.0.0/15'],
  ...['209.85.128.0/17', '216.58.192.0/19', '216.239.32.0/19', '2001:4860::/32', '2404:6800::/32'],
  ...['2607:f8b0::/32', '2800:3f0::/32', '2a00:1450::/32', '2c0f:fb50::/32'],
] as const;
/** Names whose machines in Google's prefixes serve nothing else: YouTube's caches. */
const dedicatedAtGoogle = ['googlevideo.com'] as const;

/** What a name on the Internet cannot be at, or what is not one machine's (RFC 6890, RFC 4193, RFC 4291). */
const localPrefixes = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.168.0.0/16', '224.0.0.0/3'],
  ...['::/96', '64:ff9b::/96', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
] as const;

const fronts = blockList(frontPrefixes);
const google = blockList(googlePrefixes);
const local = blockList(localPrefixes);

/** Whether a front answers for `name`, which leads by `aliases` to `addresses`. */
export function isFront(name: string, aliases: readonly string[], addresses: readonly string[]): boolean {
  if ([name, ...aliases].some((each) => longestSuffix(each, frontNames) !== undefined)) return true;
  const dedicated = longestSuffix(name, dedicatedAtGoogle) !== undefined;
  return addresses.some((address) => holds(fronts, address) || (!dedicated && holds(google, address)));
}

/** Whether packets to an address (IPv6 as RFC 5952 writes it) are routed to the outside. */
export function isPublic(address: string): boolean {
  // Not in the list: a BlockList takes every IPv4 address for one of these.
  return !address.startsWith('::ffff:') && !holds(local, address);
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

function blockList(prefixes: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [address = '', length = ''] = prefix.split('/');
    list.addSubnet(address, Number(length), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
