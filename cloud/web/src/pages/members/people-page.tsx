import { LoadFailed } from '../../app/load-failed.tsx';
import { Page } from '../../app/page.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { useTexts } from '../../language/language.ts';
import { InvitationsSection } from './invitations-section.tsx';
import { MembersSection } from './members-section.tsx';
import { OtherHouseholds } from './other-households.tsx';
import { usePeople } from './use-people.ts';

/** The adults of the household, and those who are invited. */
export function PeoplePage() {
  const texts = useTexts();
  const { people, refresh } = usePeople();
  const { value, error } = people;
  return (
    <Page
      title={texts.members.title}
      back={{ href: '/settings', name: texts.settings.title }}
      intro={texts.members.intro}
    >
      {value !== undefined ? (
        <>
          <MembersSection members={value.members} onChanged={refresh} />
          {value.members.some(({ me, role }) => me && role === 'owner') && (
            <InvitationsSection invitations={value.invitations} onChanged={refresh} />
          )}
        </>
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void refresh()} />
      )}
      <OtherHouseholds />
    </Page>
  );
}
