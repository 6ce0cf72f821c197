import type { DeviceView, Id } from '../../api/contract.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Icon } from '../../design/icon.tsx';
import { useHome } from '../../household/context.ts';
import { standingOf } from '../../household/device-standing.ts';
import { useTexts } from '../../language/language.ts';
import { useAssign } from './assign.ts';
import './owner-choice.css';

/** The children of the home, and nobody, as whose a device can be. */
export function OwnerChoice({ device, onChosen }: { device: DeviceView; onChosen: () => void }) {
  const texts = useTexts();
  const home = useHome();
  const assign = useAssign();
  const isNobodys = device.profile === null && device.known;
  const choose = (profile: Id | null) => {
    onChosen();
    assign(device, profile);
  };
  return (
    <ul class="owners" aria-label={texts.devices.owner}>
      {home.profiles.map((profile) => (
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
        <button type="button" class="owner" aria-pressed={isNobodys} onClick={() => choose(null)}>
          <span class="owner__nobody">
            <Icon name="close" size={16} />
          </span>
          <span class="owner__name">
            {standingOf(device, home) === 'quarantined' ? texts.devices.letIn : texts.devices.nobody}
            <span class="row__detail">{texts.devices.nobodyHint}</span>
          </span>
          {isNobodys && <Icon name="check" size={20} />}
        </button>
      </li>
    </ul>
  );
}
