import { counted } from '../plural.ts';
import type { Texts } from '../vi.ts';

/** What is said of days without school. */
export const holidays: Texts['holidays'] = {
  title: 'Holidays',
  intro:
    'Days without school. A child’s schedule can hold on these days only, or not on them. The night before a holiday counts as free too.',
  summary: (name, dates) => `Next: ${name}, ${dates}`,
  summaryNone: 'No holidays yet',
  own: 'Your family’s holidays',
  empty: 'No holidays yet',
  emptyText: 'Add the school’s summer or winter break, or add a public holiday below with a tap.',
  add: 'Add a holiday',
  edit: 'Change the holiday',
  name: 'Name',
  namePlaceholder: 'e.g. Summer break',
  from: 'From',
  to: 'To the end of',
  needsName: 'Give it a name',
  needsDates: 'Choose both days',
  wrongOrder: 'The last day is before the first',
  tooLong: 'A year at most',
  days: (count) => counted(count, 'day', 'days'),
  added: (name) => `${name} is added`,
  removed: (name) => `${name} is deleted`,
  offered: 'Public holidays in Viet Nam',
  offeredText:
    'As the law has them, without substitute days and what schools add. They hold only once you add them.',
  addOffered: (name) => `Add ${name}`,
  allAdded: 'You have added all public holidays of the year to come.',
};
