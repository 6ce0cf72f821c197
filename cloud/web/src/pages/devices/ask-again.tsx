import type { DeviceView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { standingOf } from '../../household/device-standing.ts';
import { useTexts } from '../../language/language.ts';

/** Makes a device that a parent let in a new one again: it is asked about, and in quarantine kept out. */
export function AskAgain({ device, onAsked }: { device: DeviceView; onAsked: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const home = useHome();
  const run = useRun();
  if (standingOf(device, home) !== 'known' || home.newDevices === 'allow') return null;
  const set = (known: boolean) =>
    household.change(null, () => household.api.changeDevice(device.id, { known }));
  const ask = () => {
    onAsked();
    void run(() => set(false), {
      text: texts.devices.askedAgain(device.name),
      action: { label: texts.common.undo, run: () => void run(() => set(true)) },
    });
  };
  return (
    <div class="stack stack--tight">
      <Button tone="plain" icon="help" onClick={ask}>
        {texts.devices.askAgain}
      </Button>
      {home.newDevices === 'quarantine' && <p class="small muted">{texts.devices.askAgainBlocks}</p>}
    </div>
  );
}
