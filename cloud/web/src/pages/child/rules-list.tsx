import { serviceById } from '@khien/shared/catalogue';
import type { ProfileView } from '../../api/contract.ts';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { blockableCategories } from '../../household/blocking.ts';
import { useRules } from '../../household/context.ts';
import { filterText } from '../../household/filter-text.ts';
import { targetName, weekTexts } from '../../household/quota-text.ts';
import { followsPreset } from '../../household/rules-edit.ts';
import { scheduleDaysText, windowText } from '../../household/schedule-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';

/** What is set for a child, each kind with its gist; a press opens it. */
export function RulesList({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const rules = useRules(profile);
  const { child } = texts;
  const path = `/children/${profile.id}`;
  const age = child.ages[profile.ageBand];
  const categories = blockableCategories.filter(({ id }) => rules.blockedCategories.includes(id)).length;
  const services = rules.blockedServices.map((id) => serviceById(id)?.name[language] ?? id);
  const shown =
    services.length <= 4
      ? format.list(services)
      : texts.common.and(services.slice(0, 3).join(', '), services.length - 3);

  return (
    <List label={child.rules}>
      <LinkRow
        href={`${path}/schedules`}
        leading={<Icon name="moon" />}
        title={child.schedules}
        detail={
          rules.schedules.length === 0
            ? child.schedulesNone
            : rules.schedules.slice(0, 3).map((schedule) => (
                <span class="rule-line" key={schedule.id}>
                  {schedule.mode !== 'offline' && `${texts.schedule.modes[schedule.mode].name}: `}
                  {scheduleDaysText(texts, schedule)}, {windowText(texts, schedule)}
                </span>
              ))
        }
      />
      <LinkRow
        href={`${path}/quotas`}
        leading={<Icon name="hourglass" />}
        title={texts.quota.title}
        detail={
          rules.quotas.length === 0
            ? texts.quota.none
            : rules.quotas.slice(0, 3).map(({ id, of, minutes }) => (
                <span class="rule-line" key={id}>
                  {targetName(texts, language, of)}: {weekTexts(texts, format, minutes).join(', ')}
                </span>
              ))
        }
      />
      <LinkRow
        href={`${path}/categories`}
        leading={<Icon name="layers" />}
        title={child.categories}
        detail={categories === 0 ? child.categoriesNone : child.categoriesBlocked(categories)}
      />
      <LinkRow
        href={`${path}/services`}
        leading={<Icon name="grid" />}
        title={child.services}
        detail={services.length === 0 ? child.servicesNone : child.servicesBlocked(shown)}
      />
      <LinkRow
        href={`${path}/safe-search`}
        leading={<Icon name="search" />}
        title={child.safeSearch}
        detail={filterText(texts, rules)}
      />
      <LinkRow
        href={`${path}/names`}
        leading={<Icon name="globe" />}
        title={child.names}
        detail={
          rules.blockedNames.length + rules.allowedNames.length === 0
            ? child.namesNone
            : child.namesSummary(rules.blockedNames.length, rules.allowedNames.length)
        }
      />
      <LinkRow
        href={`${path}/preset`}
        leading={<Icon name="person" />}
        title={child.preset}
        detail={followsPreset(rules, profile.ageBand) ? child.presetFollowed(age) : child.presetChanged(age)}
      />
    </List>
  );
}
