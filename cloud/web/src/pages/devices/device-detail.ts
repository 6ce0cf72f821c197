import type { DeviceView } from '../../api/contract.ts';
import type { Texts } from '../../language/vi.ts';

/** What tells a device from others, beside its name. */
export function deviceDetail(texts: Texts, device: DeviceView): string {
  const known = [device.vendor, device.hostname, device.privateAddress ? texts.devices.private : null];
  const parts = known.filter((part): part is string => part !== null && part !== '' && part !== device.name);
  return [...new Set(parts)].join(' · ') || (device.macs[0] ?? '');
}
