import type { ProfileView } from '../../api/contract.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Icon } from '../../design/icon.tsx';
import { useDevices } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { AccessControls } from '../child/access-controls.tsx';
import { AccessState } from '../child/access-state.tsx';

/** One child: what is so now, and what a parent does about it every day. */
export function ChildCard({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const devices = useDevices(profile);
  const present = devices.filter((device) => device.present).length;
  return (
    <article class="card child-card" aria-label={profile.name}>
      <a class="child-card__head" href={`/children/${profile.id}`}>
        <Avatar id={profile.id} name={profile.name} />
        <div class="child-card__texts">
          <h3 class="child-card__name clamp">{profile.name}</h3>
          <p class="small muted">
            {devices.length === 0 ? texts.child.devicesNone : texts.home.present(present, devices.length)}
          </p>
        </div>
        <Icon name="forward" size={20} />
      </a>
      <AccessState profile={profile} devices={devices.length} />
      {devices.length > 0 && <AccessControls profile={profile} />}
    </article>
  );
}
