import { useState } from 'preact/hooks';
import { useApp } from '../../app/context.ts';
import { Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { TextField } from '../../design/field.tsx';
import { useTexts } from '../../language/language.ts';
import { useAccount, useSensitiveRun } from './use-own.ts';

/** Name, email, and the language of what is sent. */
export function AboutYou() {
  const texts = useTexts();
  const { security } = texts;
  const { session, api } = useApp();
  const account = useAccount();
  const run = useSensitiveRun();
  /** What was changed and is not saved yet; the rest follows the account. */
  const [draft, setDraft] = useState<{ name?: string; email?: string }>({});
  const [busy, setBusy] = useState(false);
  const name = draft.name ?? account.name;
  const email = draft.email ?? account.email ?? '';
  const newName = name.trim() === account.name ? undefined : name.trim();
  const newEmail = email.trim() === (account.email ?? '') ? undefined : email.trim();
  const changed = newName !== undefined || newEmail !== undefined;

  const save = async (change: Parameters<typeof api.own.change>[0]) => {
    setBusy(true);
    const task = async () => {
      await api.own.change(change);
      await session.ask();
    };
    if (await run(task, { text: texts.common.saved })) setDraft({});
    setBusy(false);
  };

  return (
    <Section title={security.you}>
      <form
        class="card card--padded stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!changed || newName === '' || newEmail === '') return;
          void save({
            ...(newName === undefined ? {} : { name: newName }),
            ...(newEmail === undefined ? {} : { email: newEmail }),
          });
        }}
      >
        <TextField
          label={texts.account.yourName}
          autocomplete="name"
          maxLength={64}
          value={name}
          onText={(text) => setDraft({ ...draft, name: text })}
          error={name.trim() === '' ? texts.account.required : undefined}
        />
        <TextField
          label={texts.account.email}
          hint={account.email === null ? security.emailNone : security.emailHint}
          type="email"
          inputMode="email"
          autocomplete="username"
          verbatim
          maxLength={254}
          value={email}
          onText={(text) => setDraft({ ...draft, email: text })}
          error={newEmail === '' ? texts.account.required : undefined}
        />
        {changed && (
          <Button tone="primary" type="submit" busy={busy}>
            {texts.common.save}
          </Button>
        )}
        <ChoiceChips
          legend={security.languageOfMessages}
          options={[
            { value: 'vi', label: texts.settings.vietnamese },
            { value: 'en', label: texts.settings.english },
          ]}
          value={account.language}
          onChoose={(language) => void save({ language })}
        />
      </form>
    </Section>
  );
}
