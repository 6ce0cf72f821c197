import type { DnsName } from '@khien/shared/name';
import { PORTAL_ADDRESS } from '../layout.ts';
import { addressBytes } from './address.ts';
import { TYPE } from './registry.ts';

/**
 * Names that systems ask, and nobody else, to find out whether a network is open, behind a portal or dead. Exact host names.
 * With access they are never blocked, whatever the rules: a system that believes the network dead leaves it for the mobile
 * one. Those that serve other things too (`www.google.com/generate_204`, `fedoraproject.org/static/hotspot.txt`) are not here.
 */
export const connectivityCheckNames: ReadonlySet<DnsName> = new Set([
  // Android, ChromeOS: packages/modules/NetworkStack, res/values/config.xml; shill's portal_detector.
  'connectivitycheck.gstatic.com',
  'connectivitycheck.android.com',
  // iOS, macOS: support.apple.com/101555.
  'captive.apple.com',
  // Windows: learn.microsoft.com/windows-server/networking/ncsi/ncsi-frequently-asked-questions.
  'www.msftconnecttest.com',
  'ipv6.msftconnecttest.com',
  'www.msftncsi.com',
  'ipv6.msftncsi.com',
  'dns.msftncsi.com',
  // Firefox: network.connectivity-service.* and captivedetect.canonicalURL.
  'detectportal.firefox.com',
  // What Samsung, Huawei, Honor, Xiaomi, Oppo and Vivo ask beside Google's.
  'connectivity.samsung.com.cn',
  'connectivitycheck.platform.hicloud.com',
  'connectivitycheck.platform.hihonorcloud.com',
  'connect.rom.miui.com',
  'conn1.oppomobile.com',
  'conn2.oppomobile.com',
  'wifi.vivo.com.cn',
  // NetworkManager's connectivity check as Ubuntu, GNOME, KDE, Debian and Arch set it.
  'connectivity-check.ubuntu.com',
  'nmcheck.gnome.org',
  'networkcheck.kde.org',
  'network-test.debian.org',
  'ping.archlinux.org',
]);

/**
 * The one that is asked for its addresses alone: Windows takes a portal for one only where this name has its true ones
 * (Network Connectivity Status Indicator, above).
 */
const NCSI_NAME: DnsName = 'dns.msftncsi.com';
const NCSI_ADDRESSES: Readonly<Record<number, Buffer>> = {
  [TYPE.A]: addressBytes('131.107.255.255'),
  [TYPE.AAAA]: addressBytes('fd3e:4f5a:5b81::1'),
};
const PAGE = addressBytes(PORTAL_ADDRESS);

/**
 * Where a name leads without access: to the child's page over IPv4, and nowhere over IPv6. The page answers HTTP, and the
 * kernel refuses the rest, so that nothing waits.
 */
export function captiveAddress(name: string, type: number): Buffer | undefined {
  if (name === NCSI_NAME) return NCSI_ADDRESSES[type];
  return type === TYPE.A ? PAGE : undefined;
}
