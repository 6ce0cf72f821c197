import { useState } from 'preact/hooks';
import { IconButton } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { useTexts } from '../../language/language.ts';

interface PasswordProps {
  label?: string;
  value: string;
  onText: (text: string) => void;
  error?: string | undefined;
  hint?: string;
  isNew?: boolean;
}

export function PasswordField({ label, value, onText, error, hint, isNew }: PasswordProps) {
  const texts = useTexts();
  const [shown, setShown] = useState(false);
  return (
    <TextField
      label={label ?? texts.account.password}
      name="password"
      type={shown ? 'text' : 'password'}
      autocomplete={isNew ? 'new-password' : 'current-password'}
      verbatim
      maxLength={256}
      value={value}
      onText={onText}
      error={error}
      hint={hint}
      beside={
        <IconButton
          icon={shown ? 'eyeOff' : 'eye'}
          label={shown ? texts.account.hidePassword : texts.account.showPassword}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
