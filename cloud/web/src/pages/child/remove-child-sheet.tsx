import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { ProfileView } from '../../api/contract.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Notice } from '../../design/notice.tsx';
import { showToast } from '../../design/toast.tsx';
import { useDevices, useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';

/** The one thing that cannot be undone, so it says what is lost first. */
export function RemoveChildSheet({ profile, onClose }: { profile: ProfileView; onClose: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const devices = useDevices(profile);
  const { route } = useLocation();
  const [error, setError] = useState<ApiError>();

  const remove = async () => {
    try {
      await household.api.removeProfile(profile.id);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      return;
    }
    onClose();
    route('/', true);
    showToast({ tone: 'good', text: texts.child.removed(profile.name) });
    await household.home.refresh();
  };

  return (
    <AskSheet
      title={texts.child.removeTitle(profile.name)}
      confirm={texts.child.removeConfirm}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>{texts.child.removeText(devices.length)}</p>
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
    </AskSheet>
  );
}
