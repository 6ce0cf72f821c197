import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useDevices } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from '../devices/device-detail.ts';
import { DeviceSign } from '../devices/device-sign.tsx';
import { ChooseDevicesSheet } from './choose-devices-sheet.tsx';

/** The devices that a child's rules apply to. */
export function ChildDevices({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const devices = useDevices(profile);
  const [choosing, setChoosing] = useState(false);
  return (
    <Section title={texts.child.devices}>
      {devices.length === 0 ? (
        <p class="muted">{texts.child.devicesNoneText}</p>
      ) : (
        <List>
          {devices.map((device) => (
            <LinkRow
              key={device.id}
              href={`/devices?device=${device.id}`}
              leading={<DeviceSign device={device} />}
              title={device.name}
              detail={deviceDetail(texts, device)}
              trailing={device.pause !== null && <Badge tone="pause">{texts.devices.paused}</Badge>}
            />
          ))}
        </List>
      )}
      <Button
        tone={devices.length === 0 ? 'primary' : 'soft'}
        icon="device"
        onClick={() => setChoosing(true)}
      >
        {texts.child.chooseDevices}
      </Button>
      {choosing && <ChooseDevicesSheet profile={profile} onClose={() => setChoosing(false)} />}
    </Section>
  );
}
