import type { ProfileView } from '../../api/contract.ts';
import { showToast } from '../../design/toast.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

/** Gives a child more time, and says what the server made of it: extra time, or more of today's minutes. */
export function useMoreTime(profile: ProfileView): (minutes: number) => void {
  const texts = useTexts();
  const format = useFormat();
  const household = useHousehold();
  const run = useRun();
  const { id, name } = profile;

  const give = async (minutes: number) => {
    let after: ProfileView | undefined;
    const task = async () => {
      after = await household.api.grant(id, minutes);
    };
    if (!(await run(() => household.change(id, task))) || after === undefined) return;
    const known = new Set(profile.bonuses.map((bonus) => bonus.id));
    const bonus = after.bonuses.find((other) => !known.has(other.id));
    const takeBack = (back: () => Promise<unknown>) => ({
      label: texts.common.undo,
      run: () => void run(() => household.change(id, back)),
    });
    if (bonus !== undefined) {
      const text = texts.actions.addedToday(name, format.duration(minutes));
      const action = takeBack(() => household.api.removeBonus(id, bonus.id));
      showToast({ tone: 'good', text, action });
    } else if (after.grant !== null) {
      const text = texts.actions.granted(name, format.moment(after.grant.until, household.now()));
      // What was given before would go with it.
      const isFirst = profile.grant === null;
      const action = isFirst ? { action: takeBack(() => household.api.endGrant(id)) } : {};
      showToast({ tone: 'good', text, ...action });
    }
  };
  return (minutes) => void give(minutes);
}
