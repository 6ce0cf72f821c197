import { LoadFailed } from '../../app/load-failed.tsx';
import { useTitle } from '../../app/title.ts';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { useTexts } from '../../language/language.ts';
import type { Offered } from './use-offer.ts';

/** Who invites into which household, as what. */
export function Offer({ offered: { offer, error, retry } }: { offered: Offered }) {
  const { members } = useTexts();
  useTitle(error ? members.joinOver : offer ? members.joinTitle(offer.invitedBy) : members.join);
  if (error !== undefined) {
    // A link that was cut off is as useless as one that is over.
    if (error.code !== 'INVITATION_OVER' && error.code !== 'INVALID_INPUT') {
      return <LoadFailed alone error={error} onRetry={retry} />;
    }
    return (
      <Empty icon="people" title={members.joinOver} alone>
        {members.joinOverText}
      </Empty>
    );
  }
  if (offer === undefined) return <Skeleton rows={1} />;
  return (
    <div>
      <h1>{members.joinTitle(offer.invitedBy)}</h1>
      <p>{members.joinText(offer.household, members.roles[offer.role].name)}</p>
      <p class="small muted">{members.roles[offer.role].text}</p>
    </div>
  );
}
