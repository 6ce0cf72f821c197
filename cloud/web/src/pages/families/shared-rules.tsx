import { serviceById } from '@khien/shared/catalogue';
import { useEffect, useMemo } from 'preact/hooks';
import type { Rules, Shared } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Section } from '../../app/page.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { Facts } from '../../design/list.tsx';
import { blockableCategories } from '../../household/blocking.ts';
import { filterText } from '../../household/filter-text.ts';
import { targetName, weekTexts } from '../../household/quota-text.ts';
import { scheduleDaysText, windowText } from '../../household/schedule-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';

/** The rules of each child, to be read. */
export function SharedRules({ family }: { family: Shared }) {
  const { duties } = useTexts();
  const { api } = useApp();
  const rules = useMemo(() => new Resource(() => api.duties.rules(family.id)), [api, family.id]);
  // `family` is another one after each change that the server told of.
  useEffect(() => void rules.refresh(), [rules, family]);
  const { value, error } = useStore(rules);
  if (value === undefined) {
    return error === undefined ? (
      <Skeleton />
    ) : (
      <LoadFailed error={error} onRetry={() => void rules.refresh()} />
    );
  }
  return (
    <>
      {family.children.map(({ id, name }) => {
        const found = value.items.find((item) => item.id === id);
        return (
          found && (
            <Section key={id} title={duties.families.rulesFor(name)}>
              <RulesCard rules={found.rules} />
            </Section>
          )
        );
      })}
    </>
  );
}

function RulesCard({ rules }: { rules: Rules }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const { child, quota } = texts;
  const lines = (items: readonly string[], none: string) =>
    items.length === 0 ? none : items.map((item) => <p key={item}>{item}</p>);
  const schedules = rules.schedules.map(
    (schedule) =>
      `${texts.schedule.modes[schedule.mode].name}: ${scheduleDaysText(texts, schedule)}, ${windowText(texts, schedule)}`,
  );
  const quotas = rules.quotas.map(
    ({ of, minutes }) =>
      `${targetName(texts, language, of)}: ${weekTexts(texts, format, minutes).join(', ')}`,
  );
  const categories = blockableCategories.filter(({ id }) => rules.blockedCategories.includes(id));
  return (
    <div class="card card--padded">
      <Facts
        facts={[
          { name: child.schedules, value: lines(schedules, child.schedulesNone) },
          { name: quota.title, value: lines(quotas, quota.none) },
          {
            name: child.categories,
            value:
              categories.length === 0
                ? child.categoriesNone
                : format.list(categories.map(({ name }) => name[language])),
          },
          {
            name: child.services,
            value:
              rules.blockedServices.length === 0
                ? child.servicesNone
                : format.list(rules.blockedServices.map((id) => serviceById(id)?.name[language] ?? id)),
          },
          { name: child.safeSearch, value: filterText(texts, rules) },
          { name: child.names, value: lines(namesOf(rules), child.namesNone) },
        ]}
      />
    </div>
  );
}

function namesOf({ blockedNames, allowedNames }: Rules): string[] {
  return [...blockedNames.map((name) => `✕ ${name}`), ...allowedNames.map((name) => `✓ ${name}`)];
}
