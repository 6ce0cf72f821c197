import { useState } from 'preact/hooks';
import { useApp } from '../../app/context.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useTexts } from '../../language/language.ts';
import { NewPasswordField } from '../account/new-password-field.tsx';
import { PASSWORD_LENGTH } from '../account/sign-up-form.ts';
import { useAccount, useSensitiveRun } from './use-own.ts';

interface PasswordSheetProps {
  isSet: boolean;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

/** Sets, changes or removes the password. */
export function PasswordSheet({ isSet, onClose, onChanged }: PasswordSheetProps) {
  const texts = useTexts();
  const { security } = texts;
  const { session, api } = useApp();
  const run = useSensitiveRun();
  const needsEmail = useAccount().email === null;
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [incomplete, setIncomplete] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [busy, setBusy] = useState(false);

  const change = async (task: () => Promise<unknown>, text: string) => {
    setBusy(true);
    if (await run(task, { text })) {
      onClose();
      await Promise.all([onChanged(), session.ask()]);
    } else setBusy(false);
  };
  const submit = () => {
    setIncomplete(true);
    if (password.length < PASSWORD_LENGTH || (needsEmail && email.trim() === '')) return;
    const asked = needsEmail ? email.trim() : undefined;
    void change(() => api.own.setPassword(password, asked), security.passwordChanged);
  };

  if (removing) {
    return (
      <AskSheet
        title={security.passwordRemove}
        confirm={security.passwordRemove}
        onConfirm={() => change(() => api.own.removePassword(), security.passwordRemoved)}
        onClose={onClose}
      >
        <p>{security.passwordRemoveText}</p>
      </AskSheet>
    );
  }

  return (
    <Sheet title={isSet ? security.passwordChange : security.passwordAdd} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
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
            error={incomplete && email.trim() === '' ? texts.account.required : undefined}
          />
        )}
        <NewPasswordField
          label={security.passwordNew}
          value={password}
          onText={setPassword}
          error={incomplete && password.length < PASSWORD_LENGTH ? texts.account.passwordShort : undefined}
        />
        <p class="small muted">{security.passwordEffect}</p>
        <Button tone="primary" type="submit" wide busy={busy}>
          {texts.common.save}
        </Button>
        {isSet && (
          <Button tone="danger-soft" icon="trash" wide onClick={() => setRemoving(true)}>
            {security.passwordRemove}
          </Button>
        )}
      </form>
    </Sheet>
  );
}
