import { categoryById, serviceById } from '@khien/shared/catalogue';
import { type Id, type Instant, newId } from '@khien/shared/id';
import {
  type AgeBand,
  MINUTE,
  type Pause,
  type Profile,
  type QuotaTarget,
  type Rules,
  rulesFromPreset,
} from '@khien/shared/policy';
import type { z } from 'zod';
import { invalidInput } from '../http/problem.ts';
import type { profileChangeSchema } from './schema.ts';

/** What the schedules of a preset are called. */
const bedtimeNames = { vi: 'Giờ ngủ', en: 'Bedtime' } as const;
type Language = keyof typeof bedtimeNames;

function presetRules(ageBand: AgeBand, language: Language, now: Instant): Rules {
  return rulesFromPreset(ageBand, () => newId(now), bedtimeNames[language]);
}

/** A child with the preset of its age. */
export function newProfile(
  input: { name: string; ageBand: AgeBand },
  language: Language,
  now: Instant,
): Profile {
  const rules = presetRules(input.ageBand, language, now);
  return { id: newId(now), ...input, rules, pause: null, grant: null, learning: null, bonuses: [] };
}

/** @throws KhienError `INVALID_INPUT` where the rules name what the catalogue does not have */
export function changedProfile(
  profile: Profile,
  change: z.output<typeof profileChangeSchema>,
  language: Language,
  now: Instant,
): Profile {
  const ageBand = change.ageBand ?? profile.ageBand;
  const rules = change.adoptPreset === true ? presetRules(ageBand, language, now) : change.rules;
  if (change.rules !== undefined) checkRules(change.rules);
  return { ...profile, name: change.name ?? profile.name, ageBand, rules: rules ?? profile.rules };
}

function checkRules(rules: Rules): void {
  const category = rules.blockedCategories.findIndex((id) => categoryById(id) === undefined);
  if (category !== -1) throw invalidInput(`/rules/blockedCategories/${category}`, 'no such category');
  const service = rules.blockedServices.findIndex((id) => serviceById(id) === undefined);
  if (service !== -1) throw invalidInput(`/rules/blockedServices/${service}`, 'no such service');
  const target = rules.quotas.findIndex(({ of }) => !isInCatalogue(of));
  if (target !== -1)
    throw invalidInput(`/rules/quotas/${target}/of/id`, 'nothing in the catalogue has this id');
  checkIds('schedules', rules.schedules);
  checkIds('quotas', rules.quotas);
}

function isInCatalogue(of: QuotaTarget): boolean {
  if (of.kind === 'network') return true;
  return (of.kind === 'category' ? categoryById(of.id) : serviceById(of.id)) !== undefined;
}

function checkIds(what: 'schedules' | 'quotas', all: readonly { readonly id: Id }[]): void {
  const ids = all.map(({ id }) => id);
  const double = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (double !== -1) throw invalidInput(`/rules/${what}/${double}/id`, `two ${what} have this id`);
}

/** For `minutes` from now on; until ended where that is null. */
export function periodFrom(now: Instant, minutes: number | null): Pause {
  return { since: now, until: minutes === null ? null : now + minutes * MINUTE };
}

/** Off from now on, whatever was granted before. */
export function pausedProfile(profile: Profile, now: Instant, minutes: number | null): Profile {
  return { ...profile, pause: periodFrom(now, minutes), grant: null };
}
