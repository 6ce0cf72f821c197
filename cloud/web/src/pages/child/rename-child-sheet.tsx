import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { ProfileView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';

export function RenameChildSheet({ profile, onClose }: { profile: ProfileView; onClose: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const [name, setName] = useState(profile.name);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const empty = name.trim() === '';

  const save = async () => {
    if (empty) return;
    setBusy(true);
    try {
      await household.change(profile.id, () =>
        household.api.changeProfile(profile.id, { name: name.trim() }),
      );
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
      return;
    }
    onClose();
    showToast({ tone: 'good', text: texts.child.renamed });
  };

  return (
    <Sheet title={texts.child.rename} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={texts.child.name}
          autocomplete="off"
          maxLength={64}
          value={name}
          onText={setName}
          error={empty ? texts.account.required : error && errorText(texts, error)}
        />
        <Button tone="primary" type="submit" wide busy={busy}>
          {texts.common.save}
        </Button>
      </form>
    </Sheet>
  );
}
