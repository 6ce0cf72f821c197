export type { Device, DeviceSpec, Lease } from './device.ts';
export { type DigOptions, type DigReply, dig } from './dig.ts';
export { eventually } from './eventually.ts';
export type { Host } from './host.ts';
export { type RequestOutcome, request } from './request.ts';
export type { RunningProcess } from './running-process.ts';
export { call, download, type Transfer } from './transfer.ts';
export { defaultDevices, type HomeOptions, VirtualHome } from './virtual-home.ts';
