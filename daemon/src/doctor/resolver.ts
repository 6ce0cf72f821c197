import { codeOf } from '@khien/shared/error';
import { PORTAL_ADDRESS, PORTAL_NAME } from '../layout.ts';
import { type Finding, ok, problem } from './finding.ts';

/** What c-ares calls a resolver that is not there. */
const silent: readonly string[] = ['ETIMEOUT', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'];

/** Whether the resolver of allowed names answers and knows our page. `ask` resolves with a name's IPv4 addresses. */
export async function checkResolver(
  at: { readonly address: string; readonly port: number },
  ask: (name: string) => Promise<string[]>,
): Promise<Finding> {
  const check = 'resolver';
  const where = at.address.includes(':') ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
  const snippet = "put the package's khien.conf into /etc/dnsmasq.d, then: /etc/init.d/dnsmasq restart";
  try {
    const addresses = await ask(PORTAL_NAME);
    const found = `${where} says ${addresses.join(' ')} for ${PORTAL_NAME}`;
    return addresses.join() === PORTAL_ADDRESS
      ? ok(check, found)
      : problem(check, `${found}, not ${PORTAL_ADDRESS}`, snippet);
  } catch (error) {
    const code = codeOf(error);
    return silent.includes(code)
      ? problem(check, `${where} does not answer (${code})`, 'start it: /etc/init.d/dnsmasq restart')
      : problem(check, `${where} does not know ${PORTAL_NAME} (${code})`, snippet);
  }
}
