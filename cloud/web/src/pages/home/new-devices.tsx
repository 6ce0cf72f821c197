import { useState } from 'preact/hooks';
import type { DeviceView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from '../devices/device-detail.ts';
import { DeviceSign } from '../devices/device-sign.tsx';
import { WhoseSheet } from '../devices/whose-sheet.tsx';

const SHOWN = 4;

/** Devices that nobody has said anything about yet, newest first. */
export function NewDevices() {
  const texts = useTexts();
  const household = useHousehold();
  const { devices } = useHome();
  const kept = useStore(household.keptUnassigned);
  const [asking, setAsking] = useState<DeviceView>();
  const fresh = devices
    .filter((device) => device.profile === null && !kept.has(device.id))
    .sort((a, b) => b.firstSeenAt - a.firstSeenAt);
  if (fresh.length === 0) return null;

  return (
    <Section title={texts.home.newDevices} detail={<Badge tone="grant">{fresh.length}</Badge>}>
      <p class="small muted new-devices__note">{texts.home.newDevicesText}</p>
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
