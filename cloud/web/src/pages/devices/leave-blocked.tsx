import type { DeviceView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { standingOf } from '../../household/device-standing.ts';
import { useTexts } from '../../language/language.ts';

/** Leaves a device in quarantine where it is: the home no longer asks about it. */
export function LeaveBlocked({ device, onLeft }: { device: DeviceView; onLeft: () => void }) {
  const texts = useTexts();
  const { leftBlocked } = useHousehold();
  const isOut = standingOf(device, useHome()) === 'quarantined';
  if (!isOut) return null;
  const leave = () => {
    onLeft();
    leftBlocked.add(device.id);
    showToast({
      tone: 'good',
      text: texts.devices.left(device.name),
      action: { label: texts.common.undo, run: () => leftBlocked.drop(device.id) },
    });
  };
  return (
    <div class="stack stack--tight">
      <Button tone="danger-soft" icon="lock" wide onClick={leave}>
        {texts.devices.leave}
      </Button>
      <p class="small muted">{texts.devices.leaveText}</p>
    </div>
  );
}
