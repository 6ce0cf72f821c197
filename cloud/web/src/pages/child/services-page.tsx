import { useState } from 'preact/hooks';
import type { ProfileView } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Empty } from '../../design/empty.tsx';
import { TextField } from '../../design/field.tsx';
import { findServices } from '../../household/blocking.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { ServiceGroup } from './service-group.tsx';
import { backTo, WithChild } from './with-child.tsx';

export function ServicesPage() {
  return <WithChild>{(profile) => <Services profile={profile} />}</WithChild>;
}

/** Apps and sites under their categories, closed until one is opened or something is searched for. */
function Services({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const [query, setQuery] = useState('');
  const searching = query.trim() !== '';
  const groups = findServices(query, language);
  return (
    <Page title={texts.child.services} back={backTo(profile)} intro={texts.child.servicesIntro}>
      <div class="stack">
        <TextField
          label={texts.child.servicesSearch}
          type="search"
          autocomplete="off"
          maxLength={64}
          value={query}
          onText={setQuery}
        />
        <DeliveryLine profile={profile} />
        {groups.map(({ category, services }) => (
          // Found anew it opens anew, whatever was closed by hand before.
          <ServiceGroup
            key={`${category.id} ${searching}`}
            profile={profile}
            category={category}
            services={services}
            open={searching}
          />
        ))}
      </div>
      {groups.length === 0 && (
        <Empty icon="search" title={texts.child.servicesNoMatch(query)}>
          <a href={`/children/${profile.id}/names`}>{texts.child.servicesNoMatchText}</a>
        </Empty>
      )}
    </Page>
  );
}
