import { useState } from 'preact/hooks';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { useTitle } from '../../app/title.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { PasskeyFirst } from './passkey-first.tsx';
import { PasswordField } from './password-field.tsx';
import { useEntrance } from './use-entrance.ts';
import { usePasskeyHindrance } from './use-passkeys.ts';

/** @param invited whoever signs in does so to accept an invitation, and is not led away from it */
export function SignIn({ invited = false }: { invited?: boolean }) {
  const texts = useTexts();
  const { api, session } = useApp();
  const hindrance = usePasskeyHindrance();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, enter } = useEntrance();
  const [incomplete, setIncomplete] = useState(false);
  const missing = (text: string) => (incomplete && text === '' ? texts.account.required : undefined);

  // A malformed address is as wrong as an unknown one.
  const failure =
    error?.code === 'INVALID_INPUT' ? texts.errors.CREDENTIALS_WRONG : error && errorText(texts, error);

  useTitle(texts.account.signInTitle);
  const state = useStore(session);
  const ended = state.kind === 'signed-out' && state.ended;

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
      {ended && error === undefined && (
        <Notice tone="info" icon="lock" title={texts.errors.UNAUTHENTICATED} />
      )}
      {failure && <Notice tone="bad" icon="alert" title={failure} />}
      {hindrance === undefined ? (
        <PasskeyFirst
          label={texts.security.signInPasskey}
          busy={busy === 'passkey'}
          onPress={() => void enter('passkey', () => api.own.passkeys.signIn())}
        />
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
