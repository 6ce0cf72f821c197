/** Both addresses of one machine. */
export interface DualStack {
  readonly v4: string;
  readonly v6: string;
}

/** The home's side of the router. Devices get 192.168.50.10 to .249, and addresses by SLAAC in both IPv6 prefixes. */
export const lan = {
  v4: '192.168.50.1',
  ula: 'fd50::1',
  /** The prefix the provider delegates: what devices use towards the outside, since IPv6 is not translated. */
  delegated: '2001:db8:50::1',
  mac: '94:83:c4:00:50:01',
} as const;

/** The link between the router and its provider. */
export const wanLink = {
  router: { v4: '203.0.113.1', v6: '2001:db8::1' },
  internet: { v4: '203.0.113.2', v6: '2001:db8::2' },
} as const;

/** The link on the outside that the cloud and the parent's phone are on; its gateway is the mobile network's resolver. */
export const outsideLink = {
  gateway: { v4: '198.51.100.1', v6: '2001:db8:c::1' },
  cloud: { v4: '198.51.100.10', v6: '2001:db8:c::10' },
  phone: { v4: '198.51.100.20', v6: '2001:db8:c::20' },
} as const;

/** Well-known public resolvers, all answered by the one authority outside. */
export const publicResolvers = [
  '8.8.8.8',
  '8.8.4.4',
  '1.1.1.1',
  '2001:4860:4860::8888',
  '2001:4860:4860::8844',
  '2606:4700:4700::1111',
] as const;

/** Every address in these is the web servers', so that a test may invent sites freely. */
export const sitePrefix = { v4: '192.0.2.0/24', v6: '2001:db8:f::/64' } as const;

/** The addresses of site number 1 to 254: 192.0.2.N and 2001:db8:f::N. */
export function siteAddresses(number: number): DualStack {
  return { v4: `192.0.2.${number}`, v6: `2001:db8:f::${number}` };
}

/** Names that exist outside, with the number of the site they are on; their subdomains are there too. */
export const defaultSites: Readonly<Record<string, number>> = {
  'example.org': 10,
  'vnexpress.net': 11,
  'hocmai.vn': 12,
  'tiktok.com': 20,
  'tiktokv.com': 20,
  'tiktokcdn.com': 21,
  'facebook.com': 22,
  'roblox.com': 23,
  'bet365.com': 30,
  'w88.com': 31,
  'tongdai111.vn': 40,
  'treem.gov.vn': 41,
  'use-application-dns.net': 50,
  'mask.icloud.com': 51,
  'mask-h2.icloud.com': 51,
  'google.com': 60,
  'forcesafesearch.google.com': 61,
  'youtube.com': 62,
  'restrict.youtube.com': 63,
};

/** Where every name that is in no table leads. */
export const wildcardSite = 99;
