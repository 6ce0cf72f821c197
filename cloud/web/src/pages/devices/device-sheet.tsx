import { useState } from 'preact/hooks';
import type { DeviceView } from '../../api/contract.ts';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Facts } from '../../design/list.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHome, useHousehold, useNow, useRun } from '../../household/context.ts';
import { standingOf } from '../../household/device-standing.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { AskAgain } from './ask-again.tsx';
import { DeviceAddresses } from './device-addresses.tsx';
import { DevicePause } from './device-pause.tsx';
import { LeaveBlocked } from './leave-blocked.tsx';
import { OwnerChoice } from './owner-choice.tsx';
import './device-sheet.css';

/** One device: whose it is, what it is called, and what the router knows of it. */
export function DeviceSheet({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const standing = standingOf(device, useHome());
  const facts = [
    { name: texts.devices.vendor, value: device.vendor },
    { name: texts.devices.hostname, value: device.hostname },
    // Several have a place of their own.
    { name: texts.devices.mac, value: device.macs.length === 1 && <Addresses addresses={device.macs} /> },
    {
      name: texts.devices.addresses,
      value: device.addresses.length > 0 && <Addresses addresses={device.addresses} />,
    },
    { name: texts.devices.firstSeen, value: format.moment(device.firstSeenAt, now) },
  ].filter(({ value }) => value !== null && value !== false);

  return (
    <Sheet title={device.name} onClose={onClose}>
      <p class="device-state">
        {device.present ? (
          <Badge tone="good">{texts.devices.present}</Badge>
        ) : (
          <Badge tone="quiet">{texts.devices.lastSeen(format.ago(device.lastSeenAt, now))}</Badge>
        )}
        {standing === 'quarantined' && <Badge tone="bad">{texts.devices.waiting}</Badge>}
        {device.privateAddress && <Badge tone="quiet">{texts.devices.private}</Badge>}
      </p>
      {device.privateAddress && <p class="small muted">{texts.devices.privateText}</p>}
      <DevicePause device={device} onDone={onClose} />
      <h3>{texts.devices.owner}</h3>
      <OwnerChoice device={device} onChosen={onClose} />
      <LeaveBlocked device={device} onLeft={onClose} />
      <AskAgain device={device} onAsked={onClose} />
      <RenameDevice device={device} onRenamed={onClose} />
      <DeviceAddresses device={device} />
      <Facts facts={facts} />
    </Sheet>
  );
}

function RenameDevice({ device, onRenamed }: { device: DeviceView; onRenamed: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const [name, setName] = useState(device.name);
  const changed = name.trim() !== '' && name.trim() !== device.name;
  const save = () => {
    if (!changed) return;
    onRenamed();
    const task = async () => {
      await household.api.changeDevice(device.id, { name: name.trim() });
      await household.home.refresh();
    };
    void run(task, { text: texts.devices.renamed });
  };
  return (
    <form
      class="inline-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextField label={texts.devices.name} autocomplete="off" maxLength={64} value={name} onText={setName} />
      <Button type="submit" disabled={!changed}>
        {texts.common.save}
      </Button>
    </form>
  );
}

function Addresses({ addresses }: { addresses: readonly string[] }) {
  return (
    <span class="addresses mono small">
      {addresses.map((address) => (
        <span key={address}>{address}</span>
      ))}
    </span>
  );
}
