import type { SignUp } from '../../api/contract.ts';
import type { Texts } from '../../language/vi.ts';

/** The server's rule: long over complex. */
export const PASSWORD_LENGTH = 12;

export interface SignUpForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly householdName: string;
  readonly zone: string;
}

export type SignUpField = keyof SignUpForm;

/** What is wrong with each field, as far as this phone can tell. */
export function problemsOf(texts: Texts, form: SignUpForm): Partial<Record<SignUpField, string>> {
  const { account } = texts;
  const problems: Partial<Record<SignUpField, string>> = {};
  if (form.name.trim() === '') problems.name = account.required;
  if (form.householdName.trim() === '') problems.householdName = account.required;
  // The server has the last word; this only catches a slip.
  if (!/^\S+@\S+\.\S+$/.test(form.email.trim())) problems.email = account.emailWrong;
  if (form.password.length < PASSWORD_LENGTH) problems.password = account.passwordShort;
  return problems;
}

const pointers: Readonly<Record<string, SignUpField>> = {
  '/name': 'name',
  '/email': 'email',
  '/password': 'password',
  '/household/name': 'householdName',
  '/household/zone': 'zone',
};

/** The same for what the server refused, by the JSON pointers of its problem details. */
export function problemsFrom(texts: Texts, refused: readonly string[]): Partial<Record<SignUpField, string>> {
  const { account } = texts;
  const wrong: Partial<Record<SignUpField, string>> = {
    email: account.emailWrong,
    password: account.passwordShort,
  };
  const problems: Partial<Record<SignUpField, string>> = {};
  for (const pointer of refused) {
    const field = pointers[pointer];
    if (field !== undefined) problems[field] = wrong[field] ?? account.fieldRefused;
  }
  return problems;
}

export function bodyOf(form: SignUpForm, language: SignUp['language']): SignUp {
  return {
    name: form.name.trim(),
    email: form.email.trim(),
    password: form.password,
    household: { name: form.householdName.trim(), zone: form.zone },
    language,
  };
}
