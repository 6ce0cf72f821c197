import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { ProfileView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
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
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  const remove = async () => {
    setBusy(true);
    try {
      await household.api.removeProfile(profile.id);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
      return;
    }
    onClose();
    route('/', true);
    showToast({ tone: 'good', text: texts.child.removed(profile.name) });
    await household.home.refresh();
  };

  return (
    <Sheet title={texts.child.removeTitle(profile.name)} onClose={onClose}>
      <p>{texts.child.removeText(devices.length)}</p>
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      <div class="sheet__actions">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button tone="danger" busy={busy} onClick={() => void remove()}>
          {texts.child.removeConfirm}
        </Button>
      </div>
    </Sheet>
  );
}
