import type { PasskeySignUp, SignUp } from '../../api/contract.ts';
import type { Texts } from '../../language/vi.ts';

/** The server's rule: long over complex. */
export const PASSWORD_LENGTH = 12;

export type WayIn = 'passkey' | 'password';

export interface SignUpForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly householdName: string;
  readonly zone: string;
}

export type SignUpField = keyof SignUpForm;

/** How somebody signs up: with what, and into a household of their own or by an invitation into another. */
export interface SignUpKind {
  readonly way: WayIn;
  readonly invitation?: string | undefined;
}

/** What is wrong with each field that is asked for, as far as this phone can tell. */
export function problemsOf(
  texts: Texts,
  form: SignUpForm,
  { way, invitation }: SignUpKind,
): Partial<Record<SignUpField, string>> {
  const { account } = texts;
  const problems: Partial<Record<SignUpField, string>> = {};
  if (form.name.trim() === '') problems.name = account.required;
  if (invitation === undefined && form.householdName.trim() === '') problems.householdName = account.required;
  if (way === 'passkey') return problems;
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

/** What is sent whichever way is chosen; a passkey needs nothing more. */
export function newcomerOf(
  form: SignUpForm,
  language: SignUp['language'],
  invitation: string | undefined,
): Omit<PasskeySignUp, 'ceremony' | 'registration'> {
  const home =
    invitation === undefined
      ? { household: { name: form.householdName.trim(), zone: form.zone } }
      : { invitation };
  return { name: form.name.trim(), language, ...home };
}

export function bodyOf(
  form: SignUpForm,
  language: SignUp['language'],
  invitation: string | undefined,
): SignUp {
  const { email, password } = form;
  return { ...newcomerOf(form, language, invitation), email: email.trim(), password };
}
