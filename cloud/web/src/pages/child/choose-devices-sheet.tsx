import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { DeviceView, ProfileView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { deviceDetail } from '../devices/device-detail.ts';
import { DeviceSign } from '../devices/device-sign.tsx';

/** Which devices are this child's: each switch is saved at once. */
export function ChooseDevicesSheet({ profile, onClose }: { profile: ProfileView; onClose: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const { devices, profiles } = useHome();
  const [moving, setMoving] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [error, setError] = useState<ApiError>();

  const set = async (device: DeviceView, own: boolean) => {
    setError(undefined);
    setMoving((before) => new Map(before).set(device.id, own));
    try {
      const change = { profile: own ? profile.id : null };
      await household.change(profile.id, () => household.api.changeDevice(device.id, change));
    } catch (thrown) {
      setError(apiErrorOf(thrown));
    }
    setMoving((before) => new Map([...before].filter(([id]) => id !== device.id)));
  };

  const ownerOf = (device: DeviceView) =>
    profiles.find(({ id }) => id === device.profile && id !== profile.id)?.name;

  return (
    <Sheet title={texts.child.chooseDevicesOf(profile.name)} onClose={onClose}>
      <p class="muted">{devices.length === 0 ? texts.child.noDevicesFound : texts.child.chooseDevicesText}</p>
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      <div class="list card">
        {[...devices]
          .sort((a, b) => rank(a, profile) - rank(b, profile))
          .map((device) => {
            const owner = ownerOf(device);
            return (
              <SwitchRow
                key={device.id}
                label={device.name}
                description={owner === undefined ? deviceDetail(texts, device) : texts.child.ownedBy(owner)}
                leading={<DeviceSign device={device} />}
                checked={moving.get(device.id) ?? device.profile === profile.id}
                onToggle={(own) => void set(device, own)}
              />
            );
          })}
      </div>
      <Button tone="primary" wide onClick={onClose}>
        {texts.common.done}
      </Button>
    </Sheet>
  );
}

/** The child's own first, then nobody's, then others'. */
function rank(device: DeviceView, profile: ProfileView): number {
  if (device.profile === profile.id) return 0;
  return device.profile === null ? 1 : 2;
}
