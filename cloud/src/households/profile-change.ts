import { categoryById, serviceById } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import {
  type AgeBand,
  grantMore,
  MINUTE,
  type Profile,
  type Rules,
  rulesFromPreset,
  type ZoneOffset,
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
  return { id: newId(now), ...input, rules, pause: null, grant: null };
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
  const ids = rules.schedules.map((schedule) => schedule.id);
  const double = ids.findIndex((id: Id, index) => ids.indexOf(id) !== index);
  if (double !== -1) throw invalidInput(`/rules/schedules/${double}/id`, 'two schedules have this id');
}

/** Off from now on, whatever was granted before. `minutes` null: until resumed. */
export function pausedProfile(profile: Profile, now: Instant, minutes: number | null): Profile {
  const until = minutes === null ? null : now + minutes * MINUTE;
  return { ...profile, pause: { since: now, until }, grant: null };
}

/** @throws KhienError `NOTHING_TO_EXTEND` */
export function extendedProfile(
  profile: Profile,
  offsets: readonly ZoneOffset[],
  now: Instant,
  minutes: number,
): Profile {
  const grant = grantMore(profile, offsets, now, minutes);
  if (grant === undefined) throw new KhienError('NOTHING_TO_EXTEND', 'the network does not end by itself');
  return { ...profile, grant };
}
