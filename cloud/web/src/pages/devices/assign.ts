import type { DeviceView, Id } from '../../api/contract.ts';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** Gives a device to a child, or takes it back with null, at once and with a way back. */
export function useAssign(): (device: DeviceView, profile: Id | null) => void {
  const texts = useTexts();
  const household = useHousehold();
  const { profiles } = useHome();
  const run = useRun();

  return (device, profile) => {
    const before = device.profile;
    const set = (to: Id | null) => {
      // The child whose card tells how far it has come: who gets the device, else who loses it.
      const concerned = to ?? profile ?? before;
      const task = () => household.api.changeDevice(device.id, { profile: to });
      return concerned === null ? Promise.resolve() : household.change(concerned, task);
    };
    const child = profiles.find(({ id }) => id === profile);
    const text =
      child !== undefined
        ? texts.devices.assigned(device.name, child.name)
        : before === null
          ? texts.devices.keptUnassigned(device.name)
          : texts.devices.unassignedToast(device.name);

    if (profile === null) household.keptUnassigned.add(device.id);
    if (profile === before && profile !== null) return;
    const undo = () => {
      if (profile === null) household.keptUnassigned.drop(device.id);
      void run(() => set(before));
    };
    void run(() => set(profile), { text, action: { label: texts.common.undo, run: undo } });
  };
}
