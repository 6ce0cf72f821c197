export type { Device, DeviceSpec, Lease } from './device.ts';
export { type DigReply, dig } from './dig.ts';
export { HomeError } from './error.ts';
export { eventually } from './eventually.ts';
export type { Host } from './host.ts';
export type { RunningProcess } from './process.ts';
export { type RequestOutcome, request } from './request.ts';
export { call, download, type Transfer } from './transfer.ts';
export { defaultDevices, type HomeOptions, VirtualHome } from './virtual-home.ts';
