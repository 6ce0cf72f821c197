import { useEffect, useState } from 'preact/hooks';
import type { ConsentView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { useRole } from '../../app/role.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { useHousehold, useNow, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { AuditLog } from './audit-log.tsx';
import { ConsentSheet } from './consent-sheet.tsx';

/** Who outside of the family may see what, until when; and who has looked. */
export function SharingPage() {
  const { sharing, settings } = useTexts();
  const household = useHousehold();
  const { value, error } = useStore(household.consents);
  const mayOwn = useRole() === 'owner';
  const [asking, setAsking] = useState(false);
  useEffect(() => void household.consents.refresh(), [household]);

  return (
    <Page title={sharing.title} back={{ href: '/settings', name: settings.title }} intro={sharing.intro}>
      <Section title={sharing.consents}>
        {value !== undefined ? (
          <Consents consents={value.items} mayEnd={mayOwn} />
        ) : error === undefined ? (
          <Skeleton rows={1} />
        ) : (
          <LoadFailed error={error} onRetry={() => void household.consents.refresh()} />
        )}
        <Button icon="plus" disabled={!mayOwn} onClick={() => setAsking(true)}>
          {sharing.add}
        </Button>
        {!mayOwn && <p class="small muted">{sharing.ownersOnly}</p>}
      </Section>
      <Section title={sharing.log}>
        <AuditLog />
      </Section>
      {asking && <ConsentSheet onClose={() => setAsking(false)} />}
    </Page>
  );
}

function Consents({ consents, mayEnd }: { consents: readonly ConsentView[]; mayEnd: boolean }) {
  const { sharing } = useTexts();
  if (consents.length === 0) {
    return (
      <div class="card">
        <Empty icon="lock" title={sharing.none}>
          {sharing.noneText}
        </Empty>
      </div>
    );
  }
  return (
    <>
      {consents.map((consent) => (
        <ConsentCard key={consent.id} consent={consent} mayEnd={mayEnd} />
      ))}
    </>
  );
}

function ConsentCard({ consent, mayEnd }: { consent: ConsentView; mayEnd: boolean }) {
  const { sharing } = useTexts();
  const format = useFormat();
  const household = useHousehold();
  const now = useNow();
  const run = useRun();
  const [busy, setBusy] = useState(false);
  const stop = async () => {
    setBusy(true);
    await run(
      async () => {
        await household.api.sharing.endConsent(consent.id);
        await household.consents.refresh();
      },
      { text: sharing.stopped(consent.worker) },
    );
    setBusy(false);
  };
  return (
    <article class="card card--padded stack" aria-label={consent.worker}>
      <div class="stack stack--tight">
        <h3>{consent.worker}</h3>
        <p class="small muted">{consent.organisation}</p>
      </div>
      <p>
        {consent.scope.map((scope) => (
          <>
            <Badge key={scope} tone="grant">
              {sharing.scopes[scope].name}
            </Badge>{' '}
          </>
        ))}
      </p>
      <p class="small">
        {sharing.until(format.moment(consent.until, now))} · {sharing.givenBy(consent.givenBy)}
      </p>
      {mayEnd && (
        <Button
          tone="danger-soft"
          busy={busy}
          label={sharing.stopFor(consent.worker)}
          onClick={() => void stop()}
        >
          {sharing.stop}
        </Button>
      )}
    </article>
  );
}
