import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from '../dns/address.ts';
import { PORTAL_ADDRESS, PORTAL_NAME } from '../layout.ts';

/**
 * Is the page asked for under a name of its own: the portal's name or address, or an address of the router? Any other name may have been
 * pointed here by whoever owns it (DNS rebinding), whose scripts could then read the page and send its forms.
 */
export function isOwnHost(host: string | undefined, routerAddresses: readonly string[]): boolean {
  const name = hostName(host);
  if (name === PORTAL_NAME || name === PORTAL_ADDRESS) return true;
  return name !== undefined && routerAddresses.some((address) => canonical(plainAddress(address)) === name);
}

/** The name in a Host header without port and brackets, lower case; undefined where it is none. */
function hostName(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}/`)) return undefined;
  const url = new URL(`http://${host}/`);
  if (url.host !== host.toLowerCase() && !host.toLowerCase().startsWith('[')) return undefined;
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** An address as URLs write it (RFC 5952). */
function canonical(address: string): string {
  if (isIPv4(address) || !isIPv6(address)) return address;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/**
 * Does a form come from a page of this very site? By Origin, else by what browsers say in Sec-Fetch-Site or Referer. Where
 * none of them is there it does not: every browser of the last years sends one with a form.
 */
export function isSameSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin !== undefined) return isFrom(headers.origin, headers.host);
  if (site !== undefined) return true;
  return headers.referer !== undefined && isFrom(headers.referer, headers.host);
}

function isFrom(from: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(from) || !URL.canParse(`http://${host}/`)) return false;
  return new URL(from).origin === new URL(`http://${host}/`).origin;
}
