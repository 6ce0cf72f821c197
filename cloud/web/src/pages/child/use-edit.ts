import type { ProfileView } from '../../api/contract.ts';
import type { Toast } from '../../design/toast.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import type { RulesEdit } from '../../household/rules-edit.ts';
import { useTexts } from '../../language/language.ts';

/** Changes a child's rules at once; with an `undo`, says what was done and offers the way back. */
export function useEdit(
  profile: ProfileView,
): (edit: RulesEdit, undoable?: { text: string; undo: RulesEdit }) => void {
  const texts = useTexts();
  const household = useHousehold();
  const run = useRun();
  return (edit, undoable) => {
    const done: Omit<Toast, 'tone'> | undefined = undoable && {
      text: undoable.text,
      action: {
        label: texts.common.undo,
        run: () => void run(() => household.editRules(profile, undoable.undo)),
      },
    };
    void run(() => household.editRules(profile, edit), done);
  };
}
