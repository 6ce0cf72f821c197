import type { DeviceView, Id } from '../../api/contract.ts';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** Gives a device to a child, or says with null that it is no child's, at once and with a way back. */
export function useAssign(): (device: DeviceView, profile: Id | null) => void {
  const texts = useTexts();
  const household = useHousehold();
  const { profiles } = useHome();
  const run = useRun();

  return (device, profile) => {
    const before = device.profile;
    if (profile === before && (profile !== null || device.known)) return;
    const set = (change: { profile: Id | null; known: boolean }) =>
      // The child whose card tells how far it has come: who gets the device, else who loses it.
      household.change(change.profile ?? profile ?? before, () =>
        household.api.changeDevice(device.id, change),
      );
    const child = profiles.find(({ id }) => id === profile);
    const text =
      child !== undefined
        ? texts.devices.assigned(device.name, child.name)
        : before === null
          ? texts.devices.keptUnassigned(device.name)
          : texts.devices.unassignedToast(device.name);
    const undo = () => set({ profile: before, known: device.known });
    void run(() => set({ profile, known: true }), {
      text,
      action: { label: texts.common.undo, run: () => void run(undo) },
    });
  };
}
