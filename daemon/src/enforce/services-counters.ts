import type { Mac } from '@khien/shared/id';
import { type ElementInfo, macAddressText, type Nftables, type SetRef } from 'node-nftables';
import { classUsage, refusals, usage } from './services-table.ts';

/** What a device exchanged since the table was made, in all or with addresses of a class. */
export interface DeviceCount {
  readonly mac: Mac;
  /** The class' number; 0: all addresses. */
  readonly classNumber: number;
  readonly bytes: number;
  readonly packets: number;
}

/** Both ways, by device and by device and class. Throws NetlinkError. */
export async function readDeviceUsage(nft: Nftables): Promise<DeviceCount[]> {
  return [...(await read(nft, usage)), ...(await read(nft, classUsage))];
}

/** Packets that began a connection with a refused address. Throws NetlinkError. */
export function readRefusals(nft: Nftables): Promise<DeviceCount[]> {
  return read(nft, refusals);
}

async function read(nft: Nftables, set: SetRef): Promise<DeviceCount[]> {
  return (await nft.listElements(set)).map(countOf);
}

function countOf({ key, counters }: ElementInfo): DeviceCount {
  return {
    mac: macAddressText(key.subarray(0, 6)),
    classNumber: key.length > 8 ? key.readUInt32LE(8) : 0,
    bytes: counters?.bytes ?? 0,
    packets: counters?.packets ?? 0,
  };
}
