import { useEffect } from 'preact/hooks';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { AnsweredRow } from './answered-row.tsx';
import { RequestCard } from './request-card.tsx';

export function RequestsPage() {
  const texts = useTexts();
  const household = useHousehold();
  const { value, error } = useStore(household.requests);
  useEffect(() => {
    void household.requests.refresh();
  }, [household]);

  return (
    <Page title={texts.requests.title}>
      {value !== undefined ? (
        <Requests />
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void household.requests.refresh()} />
      )}
    </Page>
  );
}

function Requests() {
  const texts = useTexts();
  const household = useHousehold();
  const items = useStore(household.requests).value?.items ?? [];
  const open = items.filter(({ answer }) => answer === null);
  const answered = items.flatMap((request) =>
    request.answer === null ? [] : [{ request, answer: request.answer }],
  );

  if (items.length === 0) {
    return (
      <Empty icon="bell" title={texts.requests.emptyTitle}>
        {texts.requests.emptyText}
      </Empty>
    );
  }
  return (
    <>
      <Section title={texts.requests.open}>
        {open.length === 0 ? (
          <p class="muted">{texts.requests.noneOpen}</p>
        ) : (
          open.map((request) => <RequestCard key={request.id} request={request} />)
        )}
      </Section>
      {answered.length > 0 && (
        <Section title={texts.requests.answered}>
          <ul class="list card">
            {answered.map(({ request, answer }) => (
              <AnsweredRow key={request.id} request={request} answer={answer} />
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
