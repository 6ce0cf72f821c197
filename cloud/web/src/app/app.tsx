import { useEffect, useMemo, useState } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, useLocation } from 'preact-iso';
import { useStore } from '../api/store.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Toasts } from '../design/toast.tsx';
import { keepLanguage, LanguageContext, languageOfPhone, useTexts } from '../language/language.ts';
import { AccountPages } from '../pages/account/account-pages.tsx';
import { Renew } from '../pages/account/renew.tsx';
import { ContactsAlone } from '../pages/contacts/contacts-page.tsx';
import { AppContext, type AppParts, useApp } from './context.ts';
import { Hats } from './hats.tsx';
import { HouseholdApp } from './household-app.tsx';
import { Loading } from './loading.tsx';
import { SensitiveTasks } from './sensitive.tsx';
import { Unreachable } from './unreachable.tsx';

/** Everything that is seen. */
export function App({ parts }: { parts: AppParts }) {
  const [language, setLanguage] = useState(() => languageOfPhone(parts.keep));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choice = useMemo(
    () => ({
      language,
      choose: (chosen: typeof language) => {
        keepLanguage(parts.keep, chosen);
        setLanguage(chosen);
      },
    }),
    [language, parts],
  );

  return (
    <AppContext.Provider value={parts}>
      <LanguageContext.Provider value={choice}>
        <LocationProvider>
          <WhoeverItIs />
        </LocationProvider>
        <Toasts />
      </LanguageContext.Provider>
    </AppContext.Provider>
  );
}

function WhoeverItIs() {
  const { session } = useApp();
  const state = useStore(session);
  const texts = useTexts();
  const { path } = useLocation();
  const [crashed, setCrashed] = useState(false);

  if (crashed) {
    return (
      <main class="alone">
        <Empty
          icon="alert"
          alone
          title={texts.app.crashed}
          action={
            <Button tone="primary" onClick={() => location.assign('/')}>
              {texts.app.reload}
            </Button>
          }
        >
          {texts.app.crashedText}
        </Empty>
      </main>
    );
  }

  // Help needs nobody's account and no connection.
  if (path === '/contacts' && state.kind !== 'signed-in') {
    return <ContactsAlone />;
  }

  switch (state.kind) {
    case 'asking':
      return <Loading />;
    case 'unreachable':
      return <Unreachable error={state.error} onRetry={() => void session.ask()} />;
    case 'signed-out':
      return <AccountPages />;
    case 'signed-in':
      return (
        <ErrorBoundary
          onError={(error) => {
            reportError(error);
            setCrashed(true);
          }}
        >
          {state.account.recovering ? (
            <Renew account={state.account} />
          ) : (
            <SensitiveTasks>
              <Hats account={state.account}>
                <HouseholdApp account={state.account} />
              </Hats>
            </SensitiveTasks>
          )}
        </ErrorBoundary>
      );
  }
}
