import { useEffect, useRef, useState } from 'preact/hooks';
import { type NewDevicePolicy, newDevicePolicies } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { ChoiceRows } from '../../design/choice.tsx';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** What becomes of devices that nobody has said anything of. */
export function NewDevicesChoice() {
  const texts = useTexts();
  const household = useHousehold();
  const { newDevices } = useHome();
  const run = useRun();
  /** What is being saved. */
  const [wished, setWished] = useState<NewDevicePolicy>();
  const choose = async (chosen: NewDevicePolicy) => {
    setWished(chosen);
    const task = () => household.change(null, () => household.api.change({ newDevices: chosen }));
    await run(task, { text: texts.common.saved });
    setWished(undefined);
  };
  const place = useRef<HTMLDivElement>(null);
  // The devices' page leads right here.
  useEffect(() => {
    if (location.hash === '#new-devices') place.current?.scrollIntoView();
  }, []);
  return (
    <div id="new-devices" ref={place}>
      <Section title={texts.devices.newDevicesTitle}>
        <ChoiceRows
          legend={texts.devices.newDevicesTitle}
          options={newDevicePolicies.map((value) => ({
            value,
            label: texts.devices.newDevices[value].name,
            description: texts.devices.newDevices[value].text,
          }))}
          value={wished ?? newDevices}
          onChoose={(chosen) => void choose(chosen)}
        />
      </Section>
    </div>
  );
}
