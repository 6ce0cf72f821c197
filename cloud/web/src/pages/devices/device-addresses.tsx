import { useState } from 'preact/hooks';
import type { DeviceView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** The addresses of a device that has several; one that is something else's can be separated. */
export function DeviceAddresses({ device }: { device: DeviceView }) {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const [sure, setSure] = useState<string>();
  if (device.macs.length < 2) return null;

  const separate = (mac: string) => {
    setSure(undefined);
    const task = () => household.api.separateAddress(device.id, mac);
    void run(() => household.change(device.profile, task), { text: texts.devices.separated(mac) });
  };
  return (
    <section class="stack stack--tight">
      <h3>{texts.devices.macsTitle}</h3>
      <p class="small muted">{texts.devices.macsText}</p>
      <ul class="list card">
        {device.macs.map((mac) => (
          <li class="mac" key={mac}>
            <span class="mac__row">
              <span class="mono small">{mac}</span>
              {sure !== mac && (
                <Button tone="plain" label={texts.devices.separateOf(mac)} onClick={() => setSure(mac)}>
                  {texts.devices.separate}
                </Button>
              )}
            </span>
            {sure === mac && (
              <div class="mac__sure" role="alert">
                <p class="small">
                  {texts.devices.separateSure(mac)} {texts.devices.separateNoWayBack}
                </p>
                <div class="sheet__actions">
                  <Button onClick={() => setSure(undefined)}>{texts.common.cancel}</Button>
                  <Button tone="danger" onClick={() => separate(mac)}>
                    {texts.devices.separate}
                  </Button>
                </div>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
