import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { Account } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { Brand } from './brand.tsx';
import { NewPasswordField } from './new-password-field.tsx';
import { PASSWORD_LENGTH } from './sign-up-form.ts';
import { usePasskeyHindrance } from './use-passkeys.ts';
import './account.css';

/** After a recovery code: nothing else opens until there is a new way to sign in. */
export function Renew({ account }: { account: Account }) {
  const texts = useTexts();
  const { security } = texts;
  const { session, api } = useApp();
  const hindrance = usePasskeyHindrance();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState<'passkey' | 'password'>();
  const [error, setError] = useState<ApiError>();

  const renew = async (way: 'passkey' | 'password', task: () => Promise<unknown>) => {
    setError(undefined);
    setBusy(way);
    try {
      await session.enter(task);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(undefined);
    }
  };
  const needsEmail = account.email === null;
  const submit = () => {
    if (password.length < PASSWORD_LENGTH || (needsEmail && email.trim() === '')) return;
    void renew('password', () => api.own.setPassword(password, needsEmail ? email.trim() : undefined));
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
          <>
            <Button
              tone="primary"
              wide
              icon="key"
              busy={busy === 'passkey'}
              onClick={() => void renew('passkey', () => api.own.passkeys.add())}
            >
              {security.renewPasskey}
            </Button>
            <p class="account__or small muted">{security.or}</p>
          </>
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
