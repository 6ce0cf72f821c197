import { useState } from 'preact/hooks';
import { apiErrorOf } from '../../api/api-error.ts';
import type { Deletion } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { useSensitive } from '../../app/sensitive.tsx';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { showToast } from '../../design/toast.tsx';
import { useRun } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';

/** Says all that is lost before it is. */
export function DeleteAccount() {
  const texts = useTexts();
  const { own } = useApp().api;
  const run = useRun();
  const [asked, setAsked] = useState<Deletion>();
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    await run(async () => setAsked(await own.deletion()));
    setBusy(false);
  };
  return (
    <>
      <p class="small muted">{texts.security.deleteText}</p>
      <Button tone="danger-soft" icon="trash" busy={busy} onClick={() => void ask()}>
        {texts.security.deleteAccount}
      </Button>
      {asked && <DeleteSheet deletion={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function DeleteSheet({ deletion: { households }, onClose }: { deletion: Deletion; onClose: () => void }) {
  const texts = useTexts();
  const { security } = texts;
  const { session, api } = useApp();
  const sensitive = useSensitive();
  const [understood, setUnderstood] = useState(households.length === 0);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  const remove = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await sensitive(() => api.own.delete(households.map(({ id }) => id)));
    } catch (thrown) {
      setFailure(errorText(texts, apiErrorOf(thrown)));
      setBusy(false);
      return;
    }
    showToast({ tone: 'good', text: security.deleted });
    session.forget();
  };

  return (
    <Sheet title={security.deleteAccount} onClose={onClose}>
      <p>{security.deleteText}</p>
      {households.length > 0 && (
        <Notice tone="warn" icon="alert" title={security.deleteHouseholds}>
          <div class="stack stack--tight">
            <ul>
              {households.map(({ id, name, others }) => (
                <li key={id}>{security.deleteHousehold(name, others)}</li>
              ))}
            </ul>
            <p>{security.deleteRouters}</p>
            <p>{security.deleteHandOver}</p>
            <label class="consent">
              <input
                type="checkbox"
                checked={understood}
                onChange={(event) => setUnderstood(event.currentTarget.checked)}
              />
              {security.deleteUnderstood}
            </label>
          </div>
        </Notice>
      )}
      {failure && <Notice tone="bad" icon="alert" title={failure} />}
      <div class="sheet__actions">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button tone="danger" disabled={!understood} busy={busy} onClick={() => void remove()}>
          {security.deleteConfirm}
        </Button>
      </div>
    </Sheet>
  );
}
