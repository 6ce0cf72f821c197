import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { Account } from '../../api/contract.ts';
import { chooseHousehold } from '../../app/chosen-household.ts';
import { useApp } from '../../app/context.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { showToast } from '../../design/toast.tsx';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { Offer } from './offer.tsx';
import { tokenOfLink, useOffer } from './use-offer.ts';

/** Somebody was invited and is signed in. */
export function JoinPage({ account }: { account: Account }) {
  const texts = useTexts();
  const { members } = texts;
  const { session, api, keep } = useApp();
  const { route } = useLocation();
  const [token] = useState(tokenOfLink);
  const offered = useOffer(token);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  const accept = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { household } = await api.own.accept(token);
      chooseHousehold(keep, household);
      route('/', true);
      await session.ask();
      if (offered.offer) showToast({ tone: 'good', text: members.hasJoined(offered.offer.household) });
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
    }
  };

  return (
    <main class="account">
      <div class="account__form">
        <Offer offered={offered} />
        {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
        {offered.offer && (
          <>
            <p class="small muted">{members.joinAs(account.name)}</p>
            <Button tone="primary" wide busy={busy} onClick={() => void accept()}>
              {members.join}
            </Button>
          </>
        )}
        <ButtonLink wide href="/">
          {texts.app.toHome}
        </ButtonLink>
      </div>
    </main>
  );
}
