import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { PasswordField } from './password-field.tsx';
import { usePasskeyHindrance } from './use-passkeys.ts';

/** @param invited whoever signs in does so to accept an invitation, and is not led away from it */
export function SignIn({ invited = false }: { invited?: boolean }) {
  const texts = useTexts();
  const { session, api } = useApp();
  const hindrance = usePasskeyHindrance();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState<'passkey' | 'password'>();
  const [error, setError] = useState<ApiError>();
  const [incomplete, setIncomplete] = useState(false);
  const missing = (text: string) => (incomplete && text === '' ? texts.account.required : undefined);

  // A malformed address is as wrong as an unknown one.
  const failure =
    error?.code === 'INVALID_INPUT' ? texts.errors.CREDENTIALS_WRONG : error && errorText(texts, error);

  const enter = async (way: 'passkey' | 'password', task: () => Promise<unknown>) => {
    setError(undefined);
    setBusy(way);
    try {
      await session.enter(task);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(undefined);
    }
  };
  const submit = () => {
    setIncomplete(true);
    if (email.trim() === '' || password === '') return;
    void enter('password', () => api.signIn(email.trim(), password));
  };

  return (
    <form
      class="account__form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {!invited && <h1>{texts.account.signInTitle}</h1>}
      {failure && <Notice tone="bad" icon="alert" title={failure} />}
      {hindrance === undefined ? (
        <>
          <Button
            tone="primary"
            wide
            icon="key"
            busy={busy === 'passkey'}
            onClick={() => void enter('passkey', () => api.own.passkeys.signIn())}
          >
            {texts.security.signInPasskey}
          </Button>
          <p class="account__or small muted">{texts.security.or}</p>
        </>
      ) : (
        <Notice tone="info" icon="key" title={texts.security.hindered[hindrance]} />
      )}
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
      <Button
        tone={hindrance === undefined ? 'soft' : 'primary'}
        type="submit"
        wide
        busy={busy === 'password'}
      >
        {texts.account.signIn}
      </Button>
      {!invited && (
        <>
          <p class="account__other small muted">
            {texts.security.lostAll} <a href="/recover">{texts.security.useCode}</a>
          </p>
          <p class="account__other muted">{texts.account.noAccount}</p>
          <ButtonLink wide href={`/sign-up${location.search}`}>
            {texts.account.signUp}
          </ButtonLink>
        </>
      )}
    </form>
  );
}
