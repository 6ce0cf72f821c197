import type { ProfileView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Icon } from '../../design/icon.tsx';
import { type AccessText, accessText } from '../../household/access-text.ts';
import { useDelivery, useHome, useHousehold, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import './access.css';

/** Whether a child's network is on, until when and why, and how far the last change has come. */
export function AccessState({ profile, devices }: { profile: ProfileView; devices: number }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const household = useHousehold();
  useStore(household.progress);
  const wished = household.isAccessPending(profile.id);
  const { holidays } = useHome();
  const { tone, icon, text }: AccessText =
    devices === 0
      ? { tone: 'quiet', icon: 'help', text: texts.access.noDevices }
      : accessText(texts, format, profile, { now, holidays });
  return (
    <div class="access">
      <p class={`access__state access__state--${tone}${wished ? ' access__state--wished' : ''}`}>
        <Icon name={icon} size={20} />
        <span>{text}</span>
      </p>
      <DeliveryLine profile={profile} />
    </div>
  );
}

/** Says nothing when there is nothing to say, but stays for screen readers to listen to. */
export function DeliveryLine({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const delivery = useDelivery(profile.id);
  useNow(5_000);
  const moving = delivery === 'sending' || delivery === 'waiting';
  return (
    <p class={`delivery delivery--${delivery ?? 'none'}`} role="status">
      {moving && <span class="spinner spinner--small" aria-hidden="true" />}
      {delivery === 'done' && <Icon name="check" size={16} />}
      {(delivery === 'refused' || delivery === 'late') && <Icon name="alert" size={16} />}
      {delivery !== undefined && <span>{texts.delivery[delivery]}</span>}
    </p>
  );
}
