import { useState } from 'preact/hooks';
import type { Home, ProfileView, ProposalView } from '../../api/contract.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { useHome, useHousehold, useNow, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';
import './check.css';

/** "Is this An's tablet?", by what it looks so, and what holds until the answer. */
export function ProposalCard({ proposal }: { proposal: ProposalView }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const household = useHousehold();
  const { devices, profiles, newDevices } = useHome();
  const run = useRun();
  const [sending, setSending] = useState<'yes' | 'no'>();
  const device = devices.find(({ id }) => id === proposal.device);
  const child = profiles.find(({ id }) => id === device?.profile);
  if (device === undefined || child === undefined) return null;

  const found = devices.find(({ id }) => id === proposal.found);
  const foundName = found?.name ?? texts.devices.foundGone;
  const reasons = format.list(proposal.evidence.map((one) => texts.devices.evidence[one]));
  const title = texts.devices.resembles(device.name, child.name);

  const confirm = async () => {
    setSending('yes');
    const undo = () =>
      household.change(child.id, () => household.api.separateAddress(device.id, proposal.mac));
    await run(() => household.change(child.id, () => household.api.confirmProposal(proposal.id)), {
      text: texts.devices.confirmed(child.name),
      action: { label: texts.common.undo, run: () => void run(undo) },
    });
    setSending(undefined);
  };
  const deny = async () => {
    setSending('no');
    const undo = () => household.change(null, () => household.api.reopenProposal(proposal.id));
    await run(() => household.change(null, () => household.api.denyProposal(proposal.id)), {
      text: texts.devices.denied(foundName),
      action: { label: texts.common.undo, run: () => void run(undo) },
    });
    setSending(undefined);
  };

  return (
    <article class="card check" aria-label={title}>
      <div class="check__head">
        <Avatar id={child.id} name={child.name} />
        <div class="check__texts">
          <h3>{title}</h3>
          <p class="small muted">{format.ago(proposal.at, now)}</p>
        </div>
      </div>
      <p>{texts.devices.resemblesText(foundName, reasons)}</p>
      <p class="small muted">
        <span class="mono">{proposal.mac}</span> · {meanwhile(texts, newDevices, child)}
      </p>
      <div class="check__actions">
        <Button tone="primary" busy={sending === 'yes'} onClick={() => void confirm()}>
          {texts.devices.yes}
        </Button>
        <Button busy={sending === 'no'} onClick={() => void deny()}>
          {texts.devices.no}
        </Button>
      </div>
    </article>
  );
}

function meanwhile({ devices }: Texts, newDevices: Home['newDevices'], child: ProfileView): string {
  switch (newDevices) {
    case 'ask':
      return devices.resemblesRules(child.name);
    case 'quarantine':
      return devices.resemblesBlocked;
    case 'allow':
      return devices.resemblesFree;
  }
}
