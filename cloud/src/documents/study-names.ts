import type { Catalogue } from '@khien/shared/catalogue';
import type { DnsName } from '@khien/shared/name';

/** The category whose services study is made of. */
const STUDY = 'study';

/** Beside the services of the catalogue. */
const ALSO: readonly DnsName[] = [
  // The second level that the registry (VNNIC) has for education and training: schools and their offices.
  'edu.vn',
  // Where pages of all kinds have their scripts, formulas and fonts from: cdnjs.com, jsdelivr.com, jquery.com/download.
  'cdn.jsdelivr.net',
  'cdnjs.cloudflare.com',
  'code.jquery.com',
  // The time that devices set themselves by: without it certificates do not hold.
  'pool.ntp.org',
  'time.android.com',
  'time.apple.com',
  'time.google.com',
  'time.windows.com',
  // Whether a certificate still holds: support.apple.com/101555, and the authorities' own.
  'c.pki.goog',
  'crl.apple.com',
  'lencr.org',
  'o.pki.goog',
  'ocsp.apple.com',
  'ocsp.digicert.com',
  'ocsp.globalsign.com',
  'ocsp2.apple.com',
];

/**
 * All that the learning mode opens: the names of what study is made of, of what that depends on, and what they share with
 * others and cannot work without. Sorted, each once; a name below another of them is left out.
 */
export function studyNames({ services }: Catalogue): DnsName[] {
  const byId = new Map(services.map((service) => [service.id, service]));
  const open = new Set(services.filter(({ category }) => category === STUDY).map(({ id }) => id));
  // A Set is walked to what is added on the way.
  for (const id of open) for (const needed of byId.get(id)?.dependsOn ?? []) open.add(needed);
  const names = new Set(ALSO);
  for (const id of open) {
    const service = byId.get(id);
    for (const name of [...(service?.names ?? []), ...(service?.needs ?? [])]) names.add(name);
  }
  return [...names].filter((name) => !hasParent(name, names)).sort();
}

function hasParent(name: DnsName, names: ReadonlySet<DnsName>): boolean {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    if (names.has(name.slice(dot + 1))) return true;
  }
  return false;
}
