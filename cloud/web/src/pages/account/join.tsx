import { useState } from 'preact/hooks';
import { Button, ButtonLink } from '../../design/button.tsx';
import { useTexts } from '../../language/language.ts';
import { Offer } from '../members/offer.tsx';
import { tokenOfLink, useOffer } from '../members/use-offer.ts';
import { SignIn } from './sign-in.tsx';
import { SignUp } from './sign-up.tsx';

/** Somebody was invited and is not signed in. The address stays, for it has the invitation. */
export function Join() {
  const texts = useTexts();
  const [token] = useState(tokenOfLink);
  const offered = useOffer(token);
  const [way, choose] = useState<'sign-up' | 'sign-in'>();
  return (
    <div class="account__form">
      <Offer offered={offered} />
      {offered.error !== undefined && (
        <ButtonLink wide href="/sign-in">
          {texts.account.signIn}
        </ButtonLink>
      )}
      {offered.offer !== undefined && way === undefined && (
        <>
          <Button tone="primary" wide onClick={() => choose('sign-up')}>
            {texts.members.joinNew}
          </Button>
          <Button wide onClick={() => choose('sign-in')}>
            {texts.members.joinKnown}
          </Button>
        </>
      )}
      {offered.offer !== undefined && way === 'sign-up' && <SignUp invitation={token} />}
      {offered.offer !== undefined && way === 'sign-in' && <SignIn invited />}
    </div>
  );
}
