import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';
import { useTitle } from '../../app/title.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { errorText } from '../../language/error-text.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { zoneOfBrowser } from '../../language/zoned.ts';
import { NewPasswordField } from './new-password-field.tsx';
import {
  bodyOf,
  newcomerOf,
  problemsFrom,
  problemsOf,
  type SignUpField,
  type SignUpForm,
  type WayIn,
} from './sign-up-form.ts';
import { usePasskeyHindrance } from './use-passkeys.ts';
import { ZoneField } from './zone-field.tsx';

const blank = (): SignUpForm => ({
  name: '',
  email: '',
  password: '',
  householdName: '',
  zone: zoneOfBrowser(),
});

/** @param invitation leads into a household, so that none is made */
export function SignUp({ invitation }: { invitation?: string }) {
  const texts = useTexts();
  const { account, security } = texts;
  const { language } = useLanguage();
  const { session, api } = useApp();
  const { route } = useLocation();
  useTitle(account.signUpTitle);
  const hindrance = usePasskeyHindrance();
  const element = useRef<HTMLFormElement>(null);
  const [form, setForm] = useState(blank);
  const [named, setNamed] = useState(false);
  const [chosen, choose] = useState<WayIn>('passkey');
  const [problems, setProblems] = useState<Partial<Record<SignUpField, string>>>({});
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const way = hindrance === undefined ? chosen : 'password';

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
    const found = problemsOf(texts, form, { way, invitation });
    if (Object.keys(found).length > 0) return show(found);
    setBusy(true);
    try {
      const task = () =>
        way === 'passkey'
          ? api.own.passkeys.signUp(newcomerOf(form, language, invitation))
          : api.signUp(bodyOf(form, language, invitation));
      await session.enter(task, () => invitation !== undefined && route('/', true));
    } catch (thrown) {
      const refusal = apiErrorOf(thrown);
      setError(refusal);
      setBusy(false);
      show(problemsFrom(texts, refusal.fields));
    }
  };

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
      {invitation === undefined && (
        <div>
          <h1>{account.signUpTitle}</h1>
          <p class="muted">{account.signUpIntro}</p>
        </div>
      )}
      {hindrance && <Notice tone="info" icon="key" title={security.hindered[hindrance]} />}
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
      {way === 'password' && (
        <>
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
          <NewPasswordField value={form.password} onText={fill('password')} error={problems.password} />
        </>
      )}
      {invitation === undefined && (
        <>
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
        </>
      )}
      <div class="stack stack--tight">
        <Button
          tone="primary"
          type="submit"
          wide
          busy={busy}
          {...(way === 'passkey' ? { icon: 'key' as const } : {})}
        >
          {way === 'passkey' ? security.signUpPasskey : account.signUp}
        </Button>
        {way === 'passkey' && <p class="account__or small muted">{security.passkeyWhat}</p>}
      </div>
      {hindrance === undefined && (
        <Button tone="plain" wide onClick={() => choose(way === 'passkey' ? 'password' : 'passkey')}>
          {way === 'passkey' ? security.withPassword : security.withPasskey}
        </Button>
      )}
      {invitation === undefined && (
        <p class="account__other">
          {account.haveAccount} <a href={`/sign-in${location.search}`}>{account.signIn}</a>
        </p>
      )}
    </form>
  );
}
