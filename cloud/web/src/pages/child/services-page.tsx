import { useState } from 'preact/hooks';
import type { ProfileView, Service } from '../../api/contract.ts';
import { Page, Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Empty } from '../../design/empty.tsx';
import { TextField } from '../../design/field.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { blockingOf, findServices } from '../../household/blocking.ts';
import { useRules } from '../../household/context.ts';
import { add, drop } from '../../household/rules-edit.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';

export function ServicesPage() {
  return <WithChild>{(profile) => <Services profile={profile} />}</WithChild>;
}

function Services({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const rules = useRules(profile);
  const [query, setQuery] = useState('');
  const groups = findServices(query, language);
  return (
    <Page title={texts.child.services} back={backTo(profile)} intro={texts.child.servicesIntro}>
      <div class="stack stack--tight services-search">
        <TextField
          label={texts.child.servicesSearch}
          type="search"
          autocomplete="off"
          maxLength={64}
          value={query}
          onText={setQuery}
        />
        <DeliveryLine profile={profile} />
      </div>
      {groups.length === 0 && (
        <Empty icon="search" title={texts.child.servicesNoMatch(query)}>
          <a href={`/children/${profile.id}/names`}>{texts.child.servicesNoMatchText}</a>
        </Empty>
      )}
      {groups.map(({ category, services }) => (
        <Section
          key={category.id}
          title={category.name[language]}
          detail={
            rules.blockedCategories.includes(category.id) && (
              <a class="category-link" href={`/children/${profile.id}/categories`}>
                <Badge tone="pause">{texts.child.categoryIsBlocked}</Badge>
              </a>
            )
          }
        >
          <div class="list card">
            {services.map((service) => (
              <ServiceRow key={service.id} service={service} profile={profile} />
            ))}
          </div>
        </Section>
      ))}
    </Page>
  );
}

/** A service; one that something else blocks already says by what, and cannot be opened here. */
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
