import { useState } from 'preact/hooks';
import type { RouterView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { OtherHats } from '../../app/hats.tsx';
import { Page, Section } from '../../app/page.tsx';
import { CarersOnly, useRole } from '../../app/role.tsx';
import { Button, ButtonLink } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Icon, type IconName } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { type Language, useLanguage, useTexts } from '../../language/language.ts';
import { FamilyData } from './family-data.tsx';
import { HouseholdForm } from './household-form.tsx';
import { LeaveRouterSheet } from './leave-router-sheet.tsx';
import { NewDevicesChoice } from './new-devices-choice.tsx';
import { NextHoliday } from './next-holiday.tsx';
import { RouterCard } from './router-card.tsx';
import './settings.css';

export function SettingsPage() {
  const texts = useTexts();
  const { routers } = useHome();
  const mayOwn = useRole() === 'owner';
  const [leaving, setLeaving] = useState<RouterView>();
  return (
    <Page title={texts.settings.title}>
      <List>
        <Way href="/contacts" icon="phone" title={texts.settings.help} detail={texts.settings.helpText} />
        <Way
          href="/notifications/settings"
          icon="bell"
          title={texts.notifications.settings}
          detail={texts.notifications.settingsText}
        />
      </List>
      <Section title={texts.settings.household}>
        <CarersOnly>
          <HouseholdForm />
        </CarersOnly>
      </Section>
      <List>
        <Way href="/people" icon="people" title={texts.members.title} detail={texts.members.summary} />
        <Way href="/sharing" icon="eye" title={texts.sharing.title} detail={texts.sharing.summary} />
      </List>
      <NextHoliday />
      <CarersOnly>
        <NewDevicesChoice />
      </CarersOnly>
      <Section title={texts.settings.languages}>
        <Languages />
      </Section>
      <Section title={texts.settings.routers}>
        {routers.map((router) => (
          <RouterCard
            key={router.id}
            router={router}
            onLeave={mayOwn ? () => setLeaving(router) : undefined}
          />
        ))}
        {leaving && <LeaveRouterSheet router={leaving} onClose={() => setLeaving(undefined)} />}
        {mayOwn ? (
          <ButtonLink icon="plus" href="/connect">
            {texts.settings.addRouter}
          </ButtonLink>
        ) : (
          <p class="small muted">{texts.sharing.forOwners}</p>
        )}
      </Section>
      <Section title={texts.settings.privacyTitle}>
        <div class="card card--padded stack stack--tight">
          <p>{texts.activity.recorded}</p>
          <p>{texts.activity.notRecorded}</p>
        </div>
      </Section>
      {mayOwn && <FamilyData />}
      <OtherHats />
      <Section title={texts.settings.account}>
        <List>
          <Way href="/account" icon="key" title={texts.security.title} detail={texts.security.summary} />
          {mayOwn && (
            <Way
              href="/developers"
              icon="layers"
              title={texts.developers.title}
              detail={texts.developers.summary}
            />
          )}
        </List>
        <AccountCard />
      </Section>
    </Page>
  );
}

function Way({ icon, ...row }: { href: string; icon: IconName; title: string; detail: string }) {
  return <LinkRow leading={<Icon name={icon} />} {...row} />;
}

function Languages() {
  const texts = useTexts();
  const household = useHousehold();
  const home = useHome();
  const run = useRun();
  const { language, choose } = useLanguage();
  const options: { value: Language; label: string }[] = [
    { value: 'vi', label: texts.settings.vietnamese },
    { value: 'en', label: texts.settings.english },
  ];
  const setForChildren = (chosen: Language) =>
    void run(
      async () => {
        await household.api.change({ language: chosen });
        await household.home.refresh();
      },
      { text: texts.common.saved },
    );
  return (
    <div class="card card--padded stack">
      <ChoiceChips
        legend={texts.settings.languageOfApp}
        options={options}
        value={language}
        onChoose={choose}
      />
      <CarersOnly>
        <ChoiceChips
          legend={texts.settings.languageOfChildren}
          options={options}
          value={home.language}
          onChoose={setForChildren}
        />
      </CarersOnly>
    </div>
  );
}

function AccountCard() {
  const texts = useTexts();
  const { session } = useApp();
  const state = useStore(session);
  const run = useRun();
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    await run(() => session.signOut());
    setBusy(false);
  };
  return (
    <div class="card card--padded stack">
      {state.kind === 'signed-in' && (
        <div>
          <p class="account-name">{state.account.name}</p>
          {state.account.email !== null && <p class="small muted">{state.account.email}</p>}
        </div>
      )}
      <Button icon="out" busy={busy} onClick={() => void leave()}>
        {texts.settings.signOut}
      </Button>
    </div>
  );
}
