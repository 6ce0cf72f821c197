import type { ProfileView } from '../../api/contract.ts';
import { showToast, type Toast } from '../../design/toast.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import type { Saved } from '../../household/household.ts';
import type { RulesEdit } from '../../household/rules-edit.ts';
import { useTexts } from '../../language/language.ts';

/** Changes a child's rules at once; with an `undo`, says what was done and offers the way back. */
export function useEdit(
  profile: ProfileView,
): (edit: RulesEdit, undoable?: { text: string; undo: RulesEdit }) => void {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  const save = async (edit: RulesEdit, done?: Omit<Toast, 'tone'>) => {
    let saved: Saved | undefined;
    const task = async () => {
      saved = await household.editRules(profile, edit);
    };
    if ((await run(task, done)) && saved === 'merged') showToast({ tone: 'good', text: texts.common.merged });
  };
  return (edit, undoable) => {
    const done: Omit<Toast, 'tone'> | undefined = undoable && {
      text: undoable.text,
      action: {
        label: texts.common.undo,
        run: () => void save(undoable.undo),
      },
    };
    void save(edit, done);
  };
}
