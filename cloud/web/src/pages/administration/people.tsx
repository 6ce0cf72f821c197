import { useCallback, useState } from 'preact/hooks';
import type { DutyView, Id, OrganisationList } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { LoadMore } from '../../app/load-more.tsx';
import { Section } from '../../app/page.tsx';
import { usePages } from '../../app/use-pages.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List, PlainRow } from '../../design/list.tsx';
import { useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { AppointSheet } from './appoint-sheet.tsx';

/** Who acts for whom. */
export function People({ list, onChange }: { list: OrganisationList; onChange: () => void }) {
  const texts = useTexts();
  const { administration } = texts.duties;
  const format = useFormat();
  const { api } = useApp();
  const load = useCallback((before: Id | undefined) => api.duties.duties(before), [api]);
  const pages = usePages<DutyView>(load);
  const { items, error, retry } = pages;
  const [asking, setAsking] = useState<'appoint' | DutyView>();
  const changed = () => {
    retry();
    onChange();
  };
  const rowOf = ({ kind, name, email, of, since }: DutyView) => ({
    leading: <Icon name={kind === 'operator' ? 'router' : kind === 'worker' ? 'people' : 'settings'} />,
    title: name,
    detail: [administration.kinds[kind], of, email, administration.since(format.moment(since, Date.now()))]
      .filter((part) => part !== null)
      .join(' · '),
  });

  return (
    <Section title={administration.people}>
      {items === undefined ? (
        error === undefined ? (
          <Skeleton />
        ) : (
          <LoadFailed error={error} onRetry={retry} />
        )
      ) : (
        <List label={administration.people}>
          {items.map((duty) =>
            duty.kind === 'administrator' ? (
              <PlainRow key={duty.id} {...rowOf(duty)} />
            ) : (
              <ButtonRow key={duty.id} {...rowOf(duty)} onClick={() => setAsking(duty)} />
            ),
          )}
        </List>
      )}
      <LoadMore {...pages} />
      <Button icon="plus" onClick={() => setAsking('appoint')}>
        {administration.give}
      </Button>
      <p class="small muted">{administration.onServer}</p>
      {asking === 'appoint' && (
        <AppointSheet list={list} onDone={changed} onClose={() => setAsking(undefined)} />
      )}
      {typeof asking === 'object' && (
        <DismissSheet duty={asking} onDone={changed} onClose={() => setAsking(undefined)} />
      )}
    </Section>
  );
}

interface DismissProps {
  duty: DutyView;
  onDone: () => void;
  onClose: () => void;
}

function DismissSheet({ duty, onDone, onClose }: DismissProps) {
  const { administration } = useTexts().duties;
  const { api } = useApp();
  const run = useRun();
  const dismiss = async () => {
    const done = await run(() => api.duties.dismiss(duty.id), { text: administration.ended(duty.name) });
    if (!done) return;
    onDone();
    onClose();
  };
  return (
    <AskSheet
      title={administration.endTitle(duty.name)}
      confirm={administration.end}
      onConfirm={dismiss}
      onClose={onClose}
    >
      <p>{administration.endText}</p>
    </AskSheet>
  );
}
