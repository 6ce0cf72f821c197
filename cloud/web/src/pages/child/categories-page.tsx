import { servicesInCategory } from '@khien/shared/catalogue';
import type { ProfileView } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { blockableCategories, hasList } from '../../household/blocking.ts';
import { useRules } from '../../household/context.ts';
import { add, drop } from '../../household/rules-edit.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';

/** So many services stand for all of a category. */
const NAMED = 4;

export function CategoriesPage() {
  return <WithChild>{(profile) => <Categories profile={profile} />}</WithChild>;
}

function Categories({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const rules = useRules(profile);
  const edit = useEdit(profile);
  return (
    <Page title={texts.child.categories} back={backTo(profile)} intro={texts.child.categoriesIntro}>
      <div class="list card">
        {blockableCategories.map((category) => (
          <SwitchRow
            key={category.id}
            label={category.name[language]}
            description={
              <>
                {category.description[language]}
                <Coverage category={category.id} />
              </>
            }
            leading={<Glyph>{category.glyph}</Glyph>}
            checked={rules.blockedCategories.includes(category.id)}
            onToggle={(on) =>
              edit(on ? add('blockedCategories', category.id) : drop('blockedCategories', category.id))
            }
          />
        ))}
      </div>
      <DeliveryLine profile={profile} />
    </Page>
  );
}

/** What blocking a category reaches today, where that is less than its description says. */
function Coverage({ category }: { category: string }) {
  const texts = useTexts();
  const { language } = useLanguage();
  if (hasList(category)) return null;
  const services = servicesInCategory(category).map(({ name }) => name[language]);
  const some = services.slice(0, NAMED).join(', ');
  const shown = services.length > NAMED ? texts.common.and(some, services.length - NAMED) : some;
  return (
    <span class="coverage">
      {services.length === 0 ? texts.child.categoryUnlisted : texts.child.categoryServicesOnly(shown)}
    </span>
  );
}
