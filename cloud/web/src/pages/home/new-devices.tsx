import { useState } from 'preact/hooks';
import type { DeviceView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { standingOf } from '../../household/device-standing.ts';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from '../devices/device-detail.ts';
import { DeviceSign } from '../devices/device-sign.tsx';
import { WhoseSheet } from '../devices/whose-sheet.tsx';

const SHOWN = 4;

/** Devices that nobody has said anything about yet, newest first. */
export function NewDevices() {
  const texts = useTexts();
  const home = useHome();
  const left = useStore(useHousehold().leftBlocked);
  const [asking, setAsking] = useState<DeviceView>();
  const isAsked = (device: DeviceView) => {
    const standing = standingOf(device, home);
    return standing === 'new' || (standing === 'quarantined' && !left.has(device.id));
  };
  const fresh = home.devices.filter(isAsked).sort((a, b) => b.firstSeenAt - a.firstSeenAt);
  // Where all are let in, nobody wants to be asked.
  if (fresh.length === 0 || home.newDevices === 'allow') return null;
  const isOut = home.newDevices === 'quarantine';

  return (
    <Section title={texts.home.newDevices} detail={<Badge tone="grant">{fresh.length}</Badge>}>
      <p class="small muted new-devices__note">
        {isOut ? texts.home.newDevicesBlocked : texts.home.newDevicesText}
      </p>
      <List label={texts.home.newDevices}>
        {fresh.slice(0, SHOWN).map((device) => (
          <PlainRow
            key={device.id}
            leading={<DeviceSign device={device} />}
            title={device.name}
            detail={deviceDetail(texts, device)}
            trailing={
              <Button label={texts.home.whoseOf(device.name)} onClick={() => setAsking(device)}>
                {texts.home.whose}
              </Button>
            }
          />
        ))}
      </List>
      {asking && <WhoseSheet device={asking} onClose={() => setAsking(undefined)} />}
    </Section>
  );
}
