import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { DeviceView, Id } from '../../api/contract.ts';
import { Page, Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Empty } from '../../design/empty.tsx';
import { TextField } from '../../design/field.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, LinkRow, List } from '../../design/list.tsx';
import { folded } from '../../household/blocking.ts';
import { useHome, useNow } from '../../household/context.ts';
import { type DeviceStanding, standingOf } from '../../household/device-standing.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from './device-detail.ts';
import { DeviceSheet } from './device-sheet.tsx';
import { DeviceSign } from './device-sign.tsx';
import { ToCheck } from './to-check.tsx';

/** From this many devices on, searching is quicker than looking. */
const MANY = 12;

/** Every device of the home: nobody's first, then child by child. */
export function DevicesPage() {
  const texts = useTexts();
  const home = useHome();
  const { devices, profiles } = home;
  const [query, setQuery] = useState('');
  const { query: address, route } = useLocation();
  const open = devices.find(({ id }) => id === address.device);
  const found = devices.filter((device) => matches(device, folded(query)));
  const without = found.filter(({ profile }) => profile === null).sort(presentFirst);
  const isOut = (device: DeviceView) => standingOf(device, home) === 'quarantined';
  const quarantined = without.filter(isOut);
  const unassigned = without.filter((device) => !isOut(device));

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
      {query === '' && <ToCheck />}
      {quarantined.length > 0 && (
        <Section
          title={texts.devices.quarantined}
          detail={<p class="small muted">{texts.devices.quarantinedText}</p>}
        >
          <DeviceList devices={quarantined} />
        </Section>
      )}
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
      <List>
        <LinkRow
          href="/settings#new-devices"
          leading={<Icon name="shield" />}
          title={texts.devices.newDevicesTitle}
          detail={texts.devices.newDevices[home.newDevices].name}
        />
      </List>
      {open && <DeviceSheet device={open} onClose={() => route('/devices', true)} />}
    </Page>
  );
}

function DeviceList({ devices }: { devices: readonly DeviceView[] }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { route } = useLocation();
  const home = useHome();
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
          trailing={<DeviceBadge device={device} standing={standingOf(device, home)} />}
        />
      ))}
    </List>
  );
}

/** What a parent should know of a device before opening it. */
export function DeviceBadge({ device, standing }: { device: DeviceView; standing: DeviceStanding }) {
  const { devices } = useTexts();
  if (device.pause !== null && standing === 'child') return <Badge tone="pause">{devices.paused}</Badge>;
  if (standing === 'quarantined') return <Badge tone="bad">{devices.waiting}</Badge>;
  if (standing === 'new' || standing === 'proposed') return <Badge tone="grant">{devices.new}</Badge>;
  return null;
}

function presentFirst(a: DeviceView, b: DeviceView): number {
  return Number(b.present) - Number(a.present) || b.lastSeenAt - a.lastSeenAt;
}

function matches(device: DeviceView, wanted: string): boolean {
  const known = [device.name, device.hostname, device.vendor, ...device.macs, ...device.addresses];
  return known.some((text) => text !== null && folded(text).includes(wanted));
}
