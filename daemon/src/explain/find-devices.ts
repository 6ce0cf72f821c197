import { isIP } from 'node:net';
import { KhienError } from '@khien/shared/error';
import type { Mac } from '@khien/shared/id';
import type { Profile } from '@khien/shared/policy';
import type { LanDevices } from '../devices/lan-devices.ts';
import { plainAddress } from '../dns/address.ts';
import type { InForce } from '../policy/in-force.ts';

/** A device to explain; one that nobody manages has no child. */
export interface AskedDevice {
  readonly name: string;
  readonly child: Profile | undefined;
  readonly macs: readonly Mac[];
}

interface Named {
  readonly names: readonly string[];
  readonly devices: readonly AskedDevice[];
}

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
/** Candidates that a refusal lists. */
const MOST_LISTED = 40;

/**
 * The devices that `text` means: a MAC, an address on the LAN, the name of a device or of a child. Case does not matter,
 * nor do accents where nothing matches them exactly: who helps may have no Vietnamese keyboard. Without a text, all managed
 * devices.
 *
 * @throws KhienError `NO_SUCH_DEVICE`, `AMBIGUOUS_DEVICE`, both with the candidates in the message
 */
export function findDevices(text: string | undefined, inForce: InForce, lan: LanDevices): AskedDevice[] {
  const managed = managedDevices(inForce);
  if (text === undefined) return managed;
  const asked = text.trim();
  const mac = MAC.test(asked)
    ? asked.toLowerCase().replaceAll('-', ':')
    : isIP(plainAddress(asked)) > 0
      ? lan.byAddress(plainAddress(asked).toLowerCase())
      : undefined;
  if (mac !== undefined) {
    const device = byMac(mac, inForce, lan);
    if (device !== undefined) return [device];
  }
  const everybody = [...managed, ...unmanagedDevices(inForce, lan)];
  const matches = distinct(matching(asked, named(inForce, managed, everybody, lan)));
  const [only, ...others] = matches;
  if (only === undefined) {
    throw refusal('NO_SUCH_DEVICE', `no device and no child is called ${asked}`, everybody, lan);
  }
  if (others.length > 0) {
    const candidates = [...new Set(matches.flatMap(({ devices }) => devices))];
    throw refusal('AMBIGUOUS_DEVICE', `${asked} may be several; ask by MAC address`, candidates, lan);
  }
  if (only.devices.length === 0) {
    throw refusal('NO_SUCH_DEVICE', `${only.names[0] ?? asked} has no device`, everybody, lan);
  }
  return [...only.devices];
}

function managedDevices({ policy }: InForce): AskedDevice[] {
  const children = new Map(policy.profiles.map((profile) => [profile.id, profile]));
  return policy.devices.map(({ name, profile, macs }) => ({ name, macs, child: children.get(profile) }));
}

function unmanagedDevices(inForce: InForce, lan: LanDevices): AskedDevice[] {
  return lan
    .list()
    .filter(({ mac }) => inForce.managed(mac) === undefined)
    .map(({ mac, hostname }) => ({ name: hostname ?? mac, child: undefined, macs: [mac] }));
}

function byMac(mac: Mac, inForce: InForce, lan: LanDevices): AskedDevice | undefined {
  const known = inForce.managed(mac);
  if (known !== undefined) return { name: known.device.name, child: known.profile, macs: [mac] };
  const seen = lan.list().find((device) => device.mac === mac);
  return seen && { name: seen.hostname ?? mac, child: undefined, macs: [mac] };
}

/** Everything that may be called by a name: children, with all their devices, and devices, also by what they call themselves. */
function named(
  { policy }: InForce,
  managed: readonly AskedDevice[],
  everybody: readonly AskedDevice[],
  lan: LanDevices,
): Named[] {
  const hostnames = new Map(lan.list().map(({ mac, hostname }) => [mac, hostname]));
  return [
    ...policy.profiles.map(({ id, name }) => ({
      names: [name],
      devices: managed.filter(({ child }) => child?.id === id),
    })),
    ...everybody.map((device) => ({
      names: [device.name, ...device.macs.flatMap((mac) => hostnames.get(mac) ?? [])],
      devices: [device],
    })),
  ];
}

function matching(asked: string, candidates: readonly Named[]): Named[] {
  for (const form of [exact, withoutAccents]) {
    const wanted = form(asked);
    const found = candidates.filter(({ names }) => names.some((name) => form(name) === wanted));
    if (found.length > 0) return found;
  }
  return [];
}

/** A child with one device of the same name means the same as that device. */
function distinct(matches: readonly Named[]): Named[] {
  const seen = new Map(
    matches.map((match) => [match.devices.flatMap(({ macs }) => macs).join() || match.names.join(), match]),
  );
  return [...seen.values()];
}

function exact(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function withoutAccents(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll('đ', 'd');
}

function refusal(
  code: string,
  message: string,
  candidates: readonly AskedDevice[],
  lan: LanDevices,
): KhienError {
  const lines = candidates.slice(0, MOST_LISTED).map(({ name, child, macs }) => {
    const addresses = macs.flatMap((mac) => lan.addressesOf(mac)).filter((address) => isIP(address) === 4);
    return `  ${name} (${child?.name ?? 'not managed'})  ${[...macs, ...addresses].join(' ')}`;
  });
  const more = candidates.length - lines.length;
  if (more > 0) lines.push(`  and ${more} more`);
  const list = lines.length === 0 ? ['  no device is known'] : lines;
  return new KhienError(code, `${message}; there are:\n${list.join('\n')}`);
}
