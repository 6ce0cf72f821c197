import { useState } from 'preact/hooks';
import type { DeviceView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useHousehold, useNow, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { PauseSheet } from '../child/pause-sheet.tsx';

/** The pause of one device of a child, apart from the child's others. */
export function DevicePause({ device, onDone }: { device: DeviceView; onDone: () => void }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const household = useHousehold();
  const run = useRun();
  const [asking, setAsking] = useState(false);
  const { id, profile, pause } = device;
  // Of what nobody manages, the router lets everything pass.
  if (profile === null) return null;

  const resume = () => household.change(profile, () => household.api.resumeDevice(id));
  const set = (minutes: number | null) => {
    onDone();
    void run(() => household.change(profile, () => household.api.pauseDevice(id, minutes)), {
      text: texts.devices.pausedToast(device.name),
      action: { label: texts.common.undo, run: () => void run(resume) },
    });
  };
  if (pause !== null) {
    const text =
      pause.until === null
        ? texts.devices.pausedOpen
        : texts.devices.pausedUntil(format.moment(pause.until, now));
    return (
      <Notice
        tone="warn"
        icon="pause"
        title={text}
        action={
          <Button
            tone="primary"
            icon="play"
            onClick={() => {
              onDone();
              void run(resume, { text: texts.devices.resumedToast(device.name) });
            }}
          >
            {texts.devices.resume}
          </Button>
        }
      />
    );
  }
  return (
    <>
      <Button icon="pause" wide onClick={() => setAsking(true)}>
        {texts.devices.pause}
      </Button>
      {asking && (
        <PauseSheet
          title={texts.devices.pauseTitle(device.name)}
          text={texts.devices.pauseText}
          onClose={() => setAsking(false)}
          onPause={set}
        />
      )}
    </>
  );
}
