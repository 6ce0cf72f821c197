import type { DeviceView } from '../../api/contract.ts';
import { Icon } from '../../design/icon.tsx';
import './device-sign.css';

/** A device, with a dot where it is at home now. */
export function DeviceSign({ device }: { device: DeviceView }) {
  return (
    <span class={`device-sign${device.present ? ' device-sign--present' : ''}`} aria-hidden="true">
      <Icon name="device" size={20} />
    </span>
  );
}
