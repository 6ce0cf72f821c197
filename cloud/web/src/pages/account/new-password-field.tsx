import { useTexts } from '../../language/language.ts';
import { PasswordField } from './password-field.tsx';
import { PASSWORD_LENGTH } from './sign-up-form.ts';

interface NewPasswordProps {
  label?: string;
  value: string;
  onText: (text: string) => void;
  error?: string | undefined;
}

/** For a password that is being made: says how much is missing. */
export function NewPasswordField({ value, ...field }: NewPasswordProps) {
  const { account } = useTexts();
  const left = PASSWORD_LENGTH - value.length;
  const hint =
    value === '' ? account.passwordRule : left > 0 ? account.passwordLeft(left) : account.passwordGood;
  return <PasswordField isNew value={value} hint={hint} {...field} />;
}
