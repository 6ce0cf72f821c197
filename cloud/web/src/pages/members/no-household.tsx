import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Account } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { useTitle } from '../../app/title.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { useRun } from '../../household/context.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { zoneOfBrowser } from '../../language/zoned.ts';
import { Brand } from '../account/brand.tsx';
import { ZoneField } from '../account/zone-field.tsx';
import { SecurityPage } from '../security/security-page.tsx';
import '../account/account.css';

/** Somebody who has left, or was taken out of, every household. */
export function NoHousehold({ account }: { account: Account }) {
  const texts = useTexts();
  const { members } = texts;
  useTitle(members.noneTitle);
  const { session, api } = useApp();
  const { language } = useLanguage();
  const { path } = useLocation();
  const run = useRun();
  const [name, setName] = useState(() => texts.account.householdNameProposal(account.name));
  const [zone, setZone] = useState(zoneOfBrowser);
  const [busy, setBusy] = useState(false);

  const found = async () => {
    if (name.trim() === '') return;
    setBusy(true);
    await run(async () => {
      await api.own.addHousehold({ name: name.trim(), zone, language });
      await session.ask();
    });
    setBusy(false);
  };

  if (path === '/account') {
    return (
      <main class="shell__page">
        <SecurityPage />
      </main>
    );
  }
  return (
    <main class="account">
      <Brand />
      <form
        class="account__form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void found();
        }}
      >
        <div>
          <h1>{members.noneTitle}</h1>
          <p class="muted">{members.noneText}</p>
        </div>
        <TextField
          label={texts.account.householdName}
          maxLength={64}
          value={name}
          onText={setName}
          error={name.trim() === '' ? texts.account.required : undefined}
        />
        <ZoneField value={zone} onChoose={setZone} />
        <Button tone="primary" type="submit" wide busy={busy}>
          {members.found}
        </Button>
        <ButtonLink wide href="/account">
          {texts.security.title}
        </ButtonLink>
        <Button wide icon="out" onClick={() => void run(() => session.signOut())}>
          {texts.settings.signOut}
        </Button>
      </form>
    </main>
  );
}
