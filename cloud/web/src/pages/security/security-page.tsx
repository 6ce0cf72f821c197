import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { useTexts } from '../../language/language.ts';
import { AboutYou } from './about-you.tsx';
import { CodesSection } from './codes-section.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { PasskeysSection } from './passkeys-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { useOwn } from './use-own.ts';
import './security.css';

/** Who one is, how one signs in, and where one is signed in. */
export function SecurityPage() {
  const texts = useTexts();
  const { security, sessions, refresh } = useOwn();
  const error = security.error ?? sessions.error;
  return (
    <Page title={texts.security.title} back={{ href: '/settings', name: texts.settings.title }}>
      {security.value !== undefined && sessions.value !== undefined ? (
        <>
          <PasskeysSection passkeys={security.value.passkeys} onChanged={refresh} />
          <PasswordSection password={security.value.password} onChanged={refresh} />
          <CodesSection codes={security.value.recoveryCodes} onChanged={refresh} />
          <SessionsSection sessions={sessions.value.items} onChanged={refresh} />
          <AboutYou />
          <Section title={texts.security.deleteAccount}>
            <DeleteAccount />
          </Section>
        </>
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void refresh()} />
      )}
    </Page>
  );
}
