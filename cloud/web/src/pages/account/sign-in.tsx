import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { PasswordField } from './password-field.tsx';

export function SignIn() {
  const texts = useTexts();
  const { session } = useApp();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [incomplete, setIncomplete] = useState(false);
  const missing = (text: string) => (incomplete && text === '' ? texts.account.required : undefined);

  // A malformed address is as wrong as an unknown one.
  const failure =
    error?.code === 'INVALID_INPUT' ? texts.errors.CREDENTIALS_WRONG : error && errorText(texts, error);

  const submit = async () => {
    setError(undefined);
    setIncomplete(true);
    if (email.trim() === '' || password === '') return;
    setBusy(true);
    try {
      await session.signIn(email.trim(), password);
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
      <h1>{texts.account.signInTitle}</h1>
      {failure && <Notice tone="bad" icon="alert" title={failure} />}
      <TextField
        label={texts.account.email}
        name="email"
        type="email"
        inputMode="email"
        autocomplete="username"
        verbatim
        maxLength={254}
        value={email}
        onText={setEmail}
        error={missing(email.trim())}
      />
      <PasswordField value={password} onText={setPassword} error={missing(password)} />
      <Button tone="primary" type="submit" wide busy={busy}>
        {texts.account.signIn}
      </Button>
      <p class="account__other muted">{texts.account.noAccount}</p>
      <ButtonLink wide href="/sign-up">
        {texts.account.signUp}
      </ButtonLink>
    </form>
  );
}
