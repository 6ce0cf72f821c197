import {
  type AgeBand,
  presets,
  type Quota,
  type QuotaTarget,
  type Rules,
  type Schedule,
} from '../api/contract.ts';

/*
 * Changes of a child's rules as functions, so that a change that comes while another is being saved builds on it, and so
 * that every destructive one has its way back.
 */
export type RulesEdit = (rules: Rules) => Rules;

type Listed = 'blockedCategories' | 'blockedServices' | 'blockedNames' | 'allowedNames';

export function add(list: Listed, id: string): RulesEdit {
  return (rules) => (rules[list].includes(id) ? rules : { ...rules, [list]: [...rules[list], id] });
}

export function drop(list: Listed, id: string): RulesEdit {
  return (rules) => ({ ...rules, [list]: rules[list].filter((known) => known !== id) });
}

/** Puts a schedule in, or in the place of the one with its id. */
export function putSchedule(schedule: Schedule): RulesEdit {
  return (rules) => {
    const known = rules.schedules.some((other) => other.id === schedule.id);
    const schedules = known
      ? rules.schedules.map((other) => (other.id === schedule.id ? schedule : other))
      : [...rules.schedules, schedule];
    return { ...rules, schedules };
  };
}

export function dropSchedule(id: string): RulesEdit {
  return (rules) => ({ ...rules, schedules: rules.schedules.filter((schedule) => schedule.id !== id) });
}

/** Puts a quota in, or in the place of the one with its id. That of the network comes first. */
export function putQuota(quota: Quota): RulesEdit {
  return (rules) => {
    const known = rules.quotas.some((other) => other.id === quota.id);
    const quotas = known
      ? rules.quotas.map((other) => (other.id === quota.id ? quota : other))
      : quota.of.kind === 'network'
        ? [quota, ...rules.quotas]
        : [...rules.quotas, quota];
    return { ...rules, quotas };
  };
}

export function dropQuota(id: string): RulesEdit {
  return (rules) => ({ ...rules, quotas: rules.quotas.filter((quota) => quota.id !== id) });
}

/** @param quotaReset local wall-clock time, HH:MM */
export function setQuotaReset(quotaReset: string): RulesEdit {
  return (rules) => ({ ...rules, quotaReset });
}

/** Sets what is filtered at search engines, or at YouTube. */
export function setFilter(filter: Partial<Pick<Rules, 'safeSearch' | 'youtube'>>): RulesEdit {
  return (rules) => ({ ...rules, ...filter });
}

/** Are these the rules of the age band's preset, as they were adopted? Names of schedules do not matter. */
export function followsPreset(rules: Rules, band: AgeBand): boolean {
  const preset = presets[band];
  const windows = (schedules: readonly Window[]) =>
    schedules.map(
      ({ days, start, end, mode = 'offline', holidays = 'included' }) =>
        `${mode} ${holidays} ${[...days].sort()} ${start} ${end}`,
    );
  const limits = (quotas: readonly Pick<Quota, 'of' | 'minutes'>[]) =>
    quotas.map(({ of, minutes }) => `${targetKey(of)} ${minutes}`);
  return (
    rules.blockedServices.length + rules.blockedNames.length + rules.allowedNames.length === 0 &&
    rules.safeSearch === preset.safeSearch &&
    rules.youtube === preset.youtube &&
    sameSet(rules.blockedCategories, preset.blockedCategories) &&
    sameSet(windows(rules.schedules), windows(preset.bedtimes)) &&
    sameSet(limits(rules.quotas), limits(preset.quotas))
  );
}

interface Window extends Partial<Pick<Schedule, 'mode' | 'holidays'>> {
  readonly days: readonly number[];
  readonly start: string;
  readonly end: string;
}

/** Equal for equal targets. */
export function targetKey(of: QuotaTarget): string {
  return of.kind === 'network' ? of.kind : `${of.kind} ${of.id}`;
}

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  const known = new Set(some);
  return known.size === new Set(others).size && others.every((other) => known.has(other));
}
