import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { DeviceView, Id } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Page, Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Empty } from '../../design/empty.tsx';
import { TextField } from '../../design/field.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { folded } from '../../household/blocking.ts';
import { useHome, useHousehold, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from './device-detail.ts';
import { DeviceSheet } from './device-sheet.tsx';
import { DeviceSign } from './device-sign.tsx';

/** From this many devices on, searching is quicker than looking. */
const MANY = 12;

/** Every device of the home: nobody's first, then child by child. */
export function DevicesPage() {
  const texts = useTexts();
  const { devices, profiles } = useHome();
  const [query, setQuery] = useState('');
  const { query: address, route } = useLocation();
  const open = devices.find(({ id }) => id === address.device);
  const found = devices.filter((device) => matches(device, folded(query)));
  const unassigned = found.filter(({ profile }) => profile === null).sort(presentFirst);

  return (
    <Page title={texts.devices.title} intro={texts.devices.intro}>
      {devices.length === 0 && (
        <Empty icon="device" title={texts.devices.emptyTitle}>
          {texts.devices.emptyText}
        </Empty>
      )}
      {devices.length >= MANY && (
        <TextField
          label={texts.devices.search}
          type="search"
          autocomplete="off"
          maxLength={64}
          value={query}
          onText={setQuery}
        />
      )}
      {found.length === 0 && query !== '' && <p class="muted">{texts.devices.noMatch(query)}</p>}
      {unassigned.length > 0 && (
        <Section
          title={texts.devices.unassigned}
          detail={<p class="small muted">{texts.devices.unassignedText}</p>}
        >
          <DeviceList devices={unassigned} />
        </Section>
      )}
      {profiles.map((profile) => {
        const own = found.filter((device) => device.profile === profile.id).sort(presentFirst);
        return own.length === 0 ? null : (
          <Section key={profile.id} title={texts.devices.of(profile.name)}>
            <DeviceList devices={own} />
          </Section>
        );
      })}
      {open && <DeviceSheet device={open} onClose={() => route('/devices', true)} />}
    </Page>
  );
}

function DeviceList({ devices }: { devices: readonly DeviceView[] }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { route } = useLocation();
  const kept = useStore(useHousehold().keptUnassigned);
  const isNew = (device: DeviceView) => device.profile === null && !kept.has(device.id);
  const open = (id: Id) => route(`/devices?device=${id}`, true);
  return (
    <List>
      {devices.map((device) => (
        <ButtonRow
          key={device.id}
          onClick={() => open(device.id)}
          leading={<DeviceSign device={device} />}
          title={device.name}
          detail={
            <>
              <span>{deviceDetail(texts, device)}</span>
              <span class="device-seen">
                {device.present
                  ? texts.devices.present
                  : texts.devices.lastSeen(format.ago(device.lastSeenAt, now))}
              </span>
            </>
          }
          trailing={isNew(device) && <Badge tone="grant">{texts.devices.new}</Badge>}
        />
      ))}
    </List>
  );
}

function presentFirst(a: DeviceView, b: DeviceView): number {
  return Number(b.present) - Number(a.present) || b.lastSeenAt - a.lastSeenAt;
}

function matches(device: DeviceView, wanted: string): boolean {
  const known = [device.name, device.hostname, device.vendor, ...device.macs, ...device.addresses];
  return known.some((text) => text !== null && folded(text).includes(wanted));
}
