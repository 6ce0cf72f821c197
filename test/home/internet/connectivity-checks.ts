/** What the servers that systems ask to know whether a network is open answer, by host and path, over HTTP. */
export interface ConnectivityCheck {
  /** Who asks it. */
  readonly system: string;
  readonly url: string;
  readonly status: 200 | 204;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const noContent = { status: 204, body: '' } as const;
const page = (body: string) => ({ status: 200, body }) as const;
const success = page('<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>\n');

export const connectivityChecks: readonly ConnectivityCheck[] = [
  { system: 'Android', url: 'http://connectivitycheck.gstatic.com/generate_204', ...noContent },
  { system: 'Android, by its fallback', url: 'http://www.google.com/gen_204', ...noContent },
  { system: 'ChromeOS', url: 'http://www.gstatic.com/generate_204', ...noContent },
  { system: 'iOS, macOS', url: 'http://captive.apple.com/hotspot-detect.html', ...success },
  {
    system: 'Windows 10, 11',
    url: 'http://www.msftconnecttest.com/connecttest.txt',
    ...page('Microsoft Connect Test'),
  },
  {
    system: 'Windows 10, 11 over IPv6',
    url: 'http://ipv6.msftconnecttest.com/connecttest.txt',
    ...page('Microsoft Connect Test'),
  },
  { system: 'Windows 7, 8', url: 'http://www.msftncsi.com/ncsi.txt', ...page('Microsoft NCSI') },
  {
    system: 'Firefox',
    url: 'http://detectportal.firefox.com/canonical.html',
    ...page('<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'),
  },
  {
    system: 'Firefox, of IPv4',
    url: 'http://detectportal.firefox.com/success.txt?ipv4',
    ...page('success\n'),
  },
  { system: 'Samsung in China', url: 'http://connectivity.samsung.com.cn/generate_204', ...noContent },
  { system: 'Huawei', url: 'http://connectivitycheck.platform.hicloud.com/generate_204', ...noContent },
  { system: 'Xiaomi', url: 'http://connect.rom.miui.com/generate_204', ...noContent },
  {
    system: 'Ubuntu',
    url: 'http://connectivity-check.ubuntu.com/',
    ...noContent,
    headers: { 'x-networkmanager-status': 'online' },
  },
  {
    system: 'GNOME',
    url: 'http://nmcheck.gnome.org/check_network_status.txt',
    ...page('NetworkManager is online\n'),
  },
  { system: 'KDE', url: 'http://networkcheck.kde.org/', ...page('OK\n') },
];

const byPlace = new Map(connectivityChecks.map((check) => [place(new URL(check.url)), check]));

export function connectivityCheckAt(host: string, path: string): ConnectivityCheck | undefined {
  return byPlace.get(`${host}${path}`);
}

function place({ host, pathname, search }: URL): string {
  return `${host}${pathname}${search}`;
}
