import type { ProfileView, Service } from '../../api/contract.ts';
import { Glyph } from '../../design/glyph.tsx';
import { Icon } from '../../design/icon.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { blockingOf, type ServiceGroup as Group } from '../../household/blocking.ts';
import { useRules } from '../../household/context.ts';
import { add, drop } from '../../household/rules-edit.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { useEdit } from './use-edit.ts';
import './service-group.css';

/** One category with its services. */
export function ServiceGroup({
  profile,
  category,
  services,
  open,
}: Group & { profile: ProfileView; open: boolean }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const rules = useRules(profile);
  const whole = rules.blockedCategories.includes(category.id);
  const blocked = services.filter((service) => rules.blockedServices.includes(service.id)).length;
  return (
    <details class="group card" open={open}>
      <summary class="group__head">
        <Glyph>{category.glyph}</Glyph>
        <span class="row__texts">
          <span class="row__title">{category.name[language]}</span>
          <span class={`row__detail${whole || blocked > 0 ? ' group__blocked' : ''}`}>
            {whole ? texts.child.categoryIsBlocked : texts.child.servicesOf(blocked, services.length)}
          </span>
        </span>
        <Icon name="forward" size={20} />
      </summary>
      {whole && (
        <p class="group__note small">
          <a href={`/children/${profile.id}/categories`}>{texts.child.categoryOpen}</a>
        </p>
      )}
      <div class="group__services">
        {services.map((service) => (
          <ServiceRow key={service.id} service={service} profile={profile} />
        ))}
      </div>
    </details>
  );
}

/** A service; one that its category blocks already says so, and cannot be opened here. */
function ServiceRow({ service, profile }: { service: Service; profile: ProfileView }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const rules = useRules(profile);
  const edit = useEdit(profile);
  const blocking = blockingOf(service, rules);
  const why =
    blocking?.by === 'category'
      ? texts.child.serviceByCategory(blocking.category.name[language])
      : blocking?.by === 'needed'
        ? texts.child.serviceStopped(blocking.service.name[language])
        : undefined;
  return (
    <SwitchRow
      label={service.name[language]}
      description={why ?? service.note?.[language]}
      leading={<Glyph>{service.glyph}</Glyph>}
      checked={blocking?.by === 'category' || rules.blockedServices.includes(service.id)}
      disabled={blocking?.by === 'category'}
      onToggle={(on) => edit(on ? add('blockedServices', service.id) : drop('blockedServices', service.id))}
    />
  );
}
