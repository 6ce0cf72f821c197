import type { ProfileView } from '../../api/contract.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Icon } from '../../design/icon.tsx';
import { useDevices, useNow } from '../../household/context.ts';
import { standingsInShort } from '../../household/quota-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { AccessControls } from '../child/access-controls.tsx';
import { AccessState } from '../child/access-state.tsx';

/** One child: what is so now, and what a parent does about it every day. */
export function ChildCard({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const devices = useDevices(profile);
  const isToday = useNow() < (profile.quotas[0]?.resetsAt ?? 0);
  const inShort = isToday ? standingsInShort(texts, format, language, profile.quotas) : undefined;
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
      {inShort !== undefined && devices.length > 0 && <p class="small muted child-card__today">{inShort}</p>}
      {devices.length > 0 && <AccessControls profile={profile} />}
    </article>
  );
}
