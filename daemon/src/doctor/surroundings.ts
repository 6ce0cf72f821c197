import { Resolver } from 'node:dns/promises';
import { type InterfaceAddress, type Link, Rtnetlink } from 'node-nftables';

const PATIENCE = 3000;

/** The router's interfaces and their addresses. Throws NetlinkError. */
export async function readLinks(): Promise<{ links: Link[]; addresses: InterfaceAddress[] }> {
  const route = new Rtnetlink();
  try {
    return { links: await route.listLinks(), addresses: await route.listAddresses() };
  } finally {
    route.close();
  }
}

/** The IPv4 addresses that one resolver gives for a name, asked once. Rejects with the codes of c-ares (node:dns). */
export async function askResolver(
  at: { readonly address: string; readonly port: number },
  name: string,
): Promise<string[]> {
  const resolver = new Resolver({ timeout: PATIENCE, tries: 1 });
  resolver.setServers([at.address.includes(':') ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`]);
  return await resolver.resolve4(name);
}
