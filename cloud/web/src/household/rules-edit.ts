import { type AgeBand, presets, type Rules, type Schedule } from '../api/contract.ts';

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

/** Sets what is filtered at search engines, or at YouTube. */
export function setFilter(filter: Partial<Pick<Rules, 'safeSearch' | 'youtube'>>): RulesEdit {
  return (rules) => ({ ...rules, ...filter });
}

/** Are these the rules of the age band's preset, as they were adopted? Names of schedules do not matter. */
export function followsPreset(rules: Rules, band: AgeBand): boolean {
  const preset = presets[band];
  const windows = (schedules: readonly { days: readonly number[]; start: string; end: string }[]) =>
    schedules.map(({ days, start, end }) => `${[...days].sort()} ${start} ${end}`);
  return (
    rules.blockedServices.length + rules.blockedNames.length + rules.allowedNames.length === 0 &&
    rules.safeSearch === preset.safeSearch &&
    rules.youtube === preset.youtube &&
    sameSet(rules.blockedCategories, preset.blockedCategories) &&
    sameSet(windows(rules.schedules), windows(preset.bedtimes))
  );
}

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  const known = new Set(some);
  return known.size === new Set(others).size && others.every((other) => known.has(other));
}
