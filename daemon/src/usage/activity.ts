import type { Mac } from '@khien/shared/id';
import type { Traffic } from '../services/traffic.ts';
import { MINUTE } from './minute-set.ts';

/**
 * From so many bytes on, both directions, a device's minute counts as used: by all it exchanges, and by what it exchanges
 * with one service (bytes of IP packets in a minute).
 *
 * Below it is what a device does by itself. An idle handset sends its maker 52 kB (iOS) to 1 MB (Android) in twelve hours,
 * in bursts every 4.5 minutes (D. Leith, Mobile Handset Privacy, 2021: 7 kB a burst at the most), and a messenger that waits
 * sends a few kB a minute. Above it is what a person does: a voice call has 180 kB a minute in each direction at the least
 * (24 kbit/s, RFC 6716 §2.1.1), a game about as much, a page of the web 2 MB (HTTP Archive), a video more. What loads much
 * without anybody there, an update or a backup, counts, as it does for the online time of a FRITZ!Box, whose meter too goes
 * by traffic alone.
 */
export const ACTIVE = { network: 60_000, service: 30_000 } as const;

/** Traffic of the time between two instants (milliseconds on one clock, which numbers the minutes). */
export interface Reading {
  readonly from: number;
  readonly to: number;
  readonly traffic: readonly Traffic[];
}

/** A minute in which a device was used; `service` is null for the network as a whole. */
export interface ActiveMinute {
  readonly mac: Mac;
  readonly service: string | null;
  readonly minute: number;
}

/** What reaches into a minute by less than this part of a reading is not of it: timers are late by some milliseconds. */
const EDGE = 0.1;
/** Minutes that are summed up beside each other; readings are seconds long, so there are two at most in normal use. */
const OPEN_MINUTES = 8;

/** Sums up traffic by minutes and tells which are active. In which order readings come does not matter. Pure. */
export class ActivityMeter {
  /** Bytes by minute, then by device and service; the minute that was begun longest ago first. */
  readonly #bytes = new Map<number, Map<string, number>>();

  /** The minutes that this reading makes active, or goes on to. What came over a longer time is taken as spread evenly. */
  take({ from, to, traffic }: Reading): ActiveMinute[] {
    const active: ActiveMinute[] = [];
    for (const { minute, share } of shares(from, to)) {
      const sums = this.#open(minute);
      for (const { mac, service, bytes } of traffic) {
        const key = `${mac} ${service ?? ''}`;
        const sum = (sums.get(key) ?? 0) + bytes * share;
        sums.set(key, sum);
        if (bytes > 0 && sum >= (service === null ? ACTIVE.network : ACTIVE.service)) {
          active.push({ mac, service, minute });
        }
      }
    }
    return active;
  }

  #open(minute: number): Map<string, number> {
    const known = this.#bytes.get(minute);
    if (known !== undefined) return known;
    const sums = new Map<string, number>();
    this.#bytes.set(minute, sums);
    const [oldest] = this.#bytes.keys();
    if (this.#bytes.size > OPEN_MINUTES && oldest !== undefined) this.#bytes.delete(oldest);
    return sums;
  }
}

/** Which part of [from, to) is in which minute. */
function shares(from: number, to: number): { minute: number; share: number }[] {
  const end = Math.max(to, from + 1);
  const parts: { minute: number; share: number }[] = [];
  for (let minute = Math.floor(from / MINUTE); minute * MINUTE < end; minute++) {
    const overlap = Math.min(end, (minute + 1) * MINUTE) - Math.max(from, minute * MINUTE);
    parts.push({ minute, share: overlap / (end - from) });
  }
  if (parts.length !== 2) return parts;
  const kept = parts.filter(({ share }) => share >= EDGE);
  return kept.length === 2 ? kept : kept.map(({ minute }) => ({ minute, share: 1 }));
}
