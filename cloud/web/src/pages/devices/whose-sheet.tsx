import type { DeviceView } from '../../api/contract.ts';
import { ButtonLink } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from './device-detail.ts';
import { LeaveBlocked } from './leave-blocked.tsx';
import { OwnerChoice } from './owner-choice.tsx';

/** Whose is this device? A press answers and is saved at once. */
export function WhoseSheet({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  const texts = useTexts();
  return (
    <Sheet title={texts.home.whoseOf(device.name)} onClose={onClose}>
      <p class="muted">{deviceDetail(texts, device)}</p>
      <OwnerChoice device={device} onChosen={onClose} />
      <LeaveBlocked device={device} onLeft={onClose} />
      <ButtonLink tone="plain" icon="plus" href="/children/new">
        {texts.home.addChild}
      </ButtonLink>
    </Sheet>
  );
}
