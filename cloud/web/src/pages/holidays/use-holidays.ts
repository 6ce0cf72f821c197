import type { HolidayView } from '../../api/contract.ts';
import { useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

interface HolidayChanges {
  readonly add: (holiday: Omit<HolidayView, 'id'>) => void;
  readonly change: (holiday: HolidayView) => void;
  readonly remove: (holiday: HolidayView) => void;
}

/** Changes the household's holidays; adding and deleting can be undone. */
export function useHolidays(): HolidayChanges {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const { api } = household;
  const changing = async <T>(task: () => Promise<T>): Promise<T> => {
    const result = await task();
    // The home has those to come too.
    await Promise.all([household.holidays.refresh(), household.home.refresh()]);
    return result;
  };

  return {
    add: (holiday) => {
      let added: HolidayView | undefined;
      const task = async () => {
        added = await changing(() => api.addHoliday(holiday));
      };
      const undo = () => changing(async () => added && api.removeHoliday(added.id));
      void run(task, {
        text: texts.holidays.added(holiday.name),
        action: { label: texts.common.undo, run: () => void run(undo) },
      });
    },
    change: (holiday) =>
      void run(() => changing(() => api.changeHoliday(holiday)), { text: texts.common.saved }),
    remove: ({ id, ...holiday }) => {
      const undo = () => changing(() => api.addHoliday(holiday));
      void run(() => changing(() => api.removeHoliday(id)), {
        text: texts.holidays.removed(holiday.name),
        action: { label: texts.common.undo, run: () => void run(undo) },
      });
    },
  };
}
