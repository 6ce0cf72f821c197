import { useEffect, useState } from 'preact/hooks';
import type { RouterView } from '../../api/contract.ts';
import { ButtonLink } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

const LONG = 60_000;
/** The stream tells; this is for when it does not. */
const ASK_AGAIN = 5_000;

/** From the moment the cloud knows the router until the router is online. */
export function WaitForRouter({ router }: { router: RouterView | undefined }) {
  const texts = useTexts();
  const household = useHousehold();
  const { profiles } = useHome();
  const [long, setLong] = useState(false);
  const online = router?.online === true;

  useEffect(() => {
    if (online) return;
    const late = setTimeout(() => setLong(true), LONG);
    const ask = setInterval(() => void household.home.refresh(), ASK_AGAIN);
    return () => {
      clearTimeout(late);
      clearInterval(ask);
    };
  }, [online, household]);

  return (
    <div class="card wait" role="status">
      <span class={`wait__sign${online ? ' wait__sign--online' : ''}`}>
        <Icon name={online ? 'check' : 'router'} size={32} />
      </span>
      {online ? (
        <>
          <h2>{texts.connect.online}</h2>
          <p class="muted">{texts.connect.onlineText(router.name)}</p>
          {profiles.length === 0 ? (
            <ButtonLink tone="primary" wide icon="plus" href="/children/new">
              {texts.connect.addChild}
            </ButtonLink>
          ) : (
            <ButtonLink tone="primary" wide href="/">
              {texts.connect.goHome}
            </ButtonLink>
          )}
        </>
      ) : (
        <>
          <h2>{texts.connect.waiting}</h2>
          <p class="muted">{long ? texts.connect.waitingLong : texts.connect.waitingText}</p>
          {long && (
            <ButtonLink tone="soft" wide href="/">
              {texts.connect.goHome}
            </ButtonLink>
          )}
        </>
      )}
    </div>
  );
}
