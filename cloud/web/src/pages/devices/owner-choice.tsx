import type { DeviceView, Id } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Icon } from '../../design/icon.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { useAssign } from './assign.ts';
import './owner-choice.css';

/** The children of the home, and nobody, as whose a device can be. */
export function OwnerChoice({ device, onChosen }: { device: DeviceView; onChosen: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const { profiles } = useHome();
  const kept = useStore(household.keptUnassigned);
  const assign = useAssign();
  const choose = (profile: Id | null) => {
    onChosen();
    assign(device, profile);
  };
  return (
    <ul class="owners" aria-label={texts.devices.owner}>
      {profiles.map((profile) => (
        <li key={profile.id}>
          <button
            type="button"
            class="owner"
            aria-pressed={device.profile === profile.id}
            onClick={() => choose(profile.id)}
          >
            <Avatar id={profile.id} name={profile.name} small />
            <span class="owner__name clamp">{profile.name}</span>
            {device.profile === profile.id && <Icon name="check" size={20} />}
          </button>
        </li>
      ))}
      <li>
        <button
          type="button"
          class="owner"
          aria-pressed={device.profile === null && kept.has(device.id)}
          onClick={() => choose(null)}
        >
          <span class="owner__nobody">
            <Icon name="close" size={16} />
          </span>
          <span class="owner__name">
            {texts.devices.nobody}
            <span class="row__detail">{texts.devices.nobodyHint}</span>
          </span>
          {device.profile === null && kept.has(device.id) && <Icon name="check" size={20} />}
        </button>
      </li>
    </ul>
  );
}
