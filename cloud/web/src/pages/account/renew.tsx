import { useState } from 'preact/hooks';
import type { Account } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { useTitle } from '../../app/title.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { Brand } from './brand.tsx';
import { NewPasswordField } from './new-password-field.tsx';
import { PasskeyFirst } from './passkey-first.tsx';
import { PASSWORD_LENGTH } from './sign-up-form.ts';
import { useEntrance } from './use-entrance.ts';
import { usePasskeyHindrance } from './use-passkeys.ts';
import './account.css';

/** After a recovery code: nothing else opens until there is a new way to sign in. */
export function Renew({ account }: { account: Account }) {
  const texts = useTexts();
  const { security } = texts;
  const { session, api } = useApp();
  useTitle(security.renewTitle);
  const hindrance = usePasskeyHindrance();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, enter } = useEntrance();

  const needsEmail = account.email === null;
  const submit = () => {
    if (password.length < PASSWORD_LENGTH || (needsEmail && email.trim() === '')) return;
    void enter('password', () => api.own.setPassword(password, needsEmail ? email.trim() : undefined));
  };

  return (
    <main class="account">
      <Brand />
      <form
        class="account__form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div>
          <h1>{security.renewTitle}</h1>
          <p class="muted">{security.renewIntro}</p>
        </div>
        {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
        {hindrance === undefined && (
          <PasskeyFirst
            label={security.renewPasskey}
            busy={busy === 'passkey'}
            onPress={() => void enter('passkey', () => api.own.passkeys.add())}
          />
        )}
        {needsEmail && (
          <TextField
            label={texts.account.email}
            hint={security.emailHint}
            type="email"
            inputMode="email"
            autocomplete="username"
            verbatim
            maxLength={254}
            value={email}
            onText={setEmail}
          />
        )}
        <NewPasswordField value={password} onText={setPassword} />
        <Button
          tone={hindrance === undefined ? 'soft' : 'primary'}
          type="submit"
          wide
          busy={busy === 'password'}
        >
          {security.passwordAdd}
        </Button>
        <p class="account__other">
          <Button tone="plain" onClick={() => void session.signOut().catch(() => session.forget())}>
            {texts.settings.signOut}
          </Button>
        </p>
      </form>
    </main>
  );
}
