import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';
import { useTitle } from '../../app/title.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';

/** The way in when everything else is lost. */
export function Recover() {
  const texts = useTexts();
  const { security } = texts;
  const { session, api } = useApp();
  const { route } = useLocation();
  useTitle(security.recoverTitle);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  const submit = async () => {
    if (code.trim() === '') return;
    setBusy(true);
    setError(undefined);
    try {
      await session.enter(
        () => api.own.recover(code),
        () => route('/', true),
      );
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
    }
  };

  return (
    <form
      class="account__form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div>
        <h1>{security.recoverTitle}</h1>
        <p class="muted">{security.recoverIntro}</p>
      </div>
      <TextField
        label={security.code}
        hint={security.codeHint}
        autocomplete="off"
        verbatim
        placeholder="XXXX-XXXX-XXXX-XXXX"
        maxLength={64}
        value={code}
        onText={setCode}
        error={error && errorText(texts, error)}
      />
      <Button tone="primary" type="submit" wide busy={busy}>
        {security.recover}
      </Button>
      <p class="account__other">
        <a href="/sign-in">{security.backToSignIn}</a>
      </p>
    </form>
  );
}
