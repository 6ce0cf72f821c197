import { useRef, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { zoneOfBrowser } from '../../language/zoned.ts';
import { PasswordField } from './password-field.tsx';
import {
  bodyOf,
  PASSWORD_LENGTH,
  problemsFrom,
  problemsOf,
  type SignUpField,
  type SignUpForm,
} from './sign-up-form.ts';
import { ZoneField } from './zone-field.tsx';

const blank = (): SignUpForm => ({
  name: '',
  email: '',
  password: '',
  householdName: '',
  zone: zoneOfBrowser(),
});

export function SignUp() {
  const texts = useTexts();
  const { account } = texts;
  const { language } = useLanguage();
  const { session } = useApp();
  const element = useRef<HTMLFormElement>(null);
  const [form, setForm] = useState(blank);
  const [named, setNamed] = useState(false);
  const [problems, setProblems] = useState<Partial<Record<SignUpField, string>>>({});
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);

  const fill = (field: SignUpField) => (value: string) => {
    setProblems({ ...problems, [field]: undefined });
    setForm((before) => {
      const after = { ...before, [field]: value };
      // The household is proposed after the parent's name until it has a name of its own.
      if (field !== 'name' || named) return after;
      return {
        ...after,
        householdName: value.trim() === '' ? '' : account.householdNameProposal(value.trim()),
      };
    });
  };

  const show = (found: typeof problems) => {
    setProblems(found);
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
    );
  };

  const submit = async () => {
    setError(undefined);
    const found = problemsOf(texts, form);
    if (Object.keys(found).length > 0) return show(found);
    setBusy(true);
    try {
      await session.signUp(bodyOf(form, language));
    } catch (thrown) {
      const refusal = apiErrorOf(thrown);
      setError(refusal);
      setBusy(false);
      show(problemsFrom(texts, refusal.fields));
    }
  };

  const left = PASSWORD_LENGTH - form.password.length;

  return (
    <form
      class="account__form"
      noValidate
      ref={element}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div>
        <h1>{account.signUpTitle}</h1>
        <p class="muted">{account.signUpIntro}</p>
      </div>
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      <TextField
        label={account.yourName}
        hint={account.yourNameHint}
        name="name"
        autocomplete="name"
        maxLength={64}
        value={form.name}
        onText={fill('name')}
        error={problems.name}
      />
      <TextField
        label={account.email}
        name="email"
        type="email"
        inputMode="email"
        autocomplete="username"
        verbatim
        maxLength={254}
        value={form.email}
        onText={fill('email')}
        error={problems.email}
      />
      <PasswordField
        isNew
        value={form.password}
        onText={fill('password')}
        error={problems.password}
        hint={
          form.password === ''
            ? account.passwordRule
            : left > 0
              ? account.passwordLeft(left)
              : account.passwordGood
        }
      />
      <TextField
        label={account.householdName}
        maxLength={64}
        value={form.householdName}
        onText={(text) => {
          setNamed(true);
          fill('householdName')(text);
        }}
        error={problems.householdName}
      />
      <ZoneField value={form.zone} onChoose={fill('zone')} error={problems.zone} />
      <Button tone="primary" type="submit" wide busy={busy}>
        {account.signUp}
      </Button>
      <p class="account__other">
        {account.haveAccount} <a href="/sign-in">{account.signIn}</a>
      </p>
    </form>
  );
}
