import { useEffect, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { Security } from '../../api/contract.ts';
import { passkeyHindrance } from '../../api/passkeys.ts';
import { useApp } from '../../app/context.ts';
import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { PasswordField } from '../account/password-field.tsx';

/** Asks whoever holds the phone to show a passkey or the password. */
export function ConfirmSheet({ onAnswer }: { onAnswer: (confirmed: boolean) => void }) {
  const texts = useTexts();
  const { security } = texts;
  const { own } = useApp().api;
  const [ways, setWays] = useState<Security>();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    own.security().then(setWays, (thrown: unknown) => setError(apiErrorOf(thrown)));
  }, [own]);

  const confirm = async (task: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    try {
      await task();
      onAnswer(true);
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
    }
  };
  const hasPasskey = ways !== undefined && ways.passkeys.length > 0 && passkeyHindrance() === undefined;

  return (
    <Sheet title={security.confirmTitle} onClose={() => onAnswer(false)}>
      <p>{security.confirmText}</p>
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      {ways === undefined && error === undefined && <Skeleton rows={1} />}
      {hasPasskey && (
        <Button
          tone="primary"
          wide
          icon="key"
          busy={busy}
          onClick={() => void confirm(() => own.passkeys.confirm())}
        >
          {security.confirmPasskey}
        </Button>
      )}
      {ways?.password && (
        <form
          class="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (password !== '') void confirm(() => own.confirmPassword(password));
          }}
        >
          <PasswordField value={password} onText={setPassword} />
          <Button tone={hasPasskey ? 'soft' : 'primary'} type="submit" wide busy={busy}>
            {security.confirmPassword}
          </Button>
        </form>
      )}
    </Sheet>
  );
}
