import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Organisation, OrganisationList } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List, PlainRow } from '../../design/list.tsx';
import { useTexts } from '../../language/language.ts';
import { DutyChanges } from './duty-changes.tsx';
import { OrganisationSheet } from './organisation-sheet.tsx';
import { People } from './people.tsx';

/** Organisations, internet providers, and who acts for them. */
export function AdministrationPage() {
  const { administration } = useTexts().duties;
  const { api } = useApp();
  const list = useMemo(() => new Resource(() => api.duties.organisations()), [api]);
  useEffect(() => void list.refresh(), [list]);
  const { value, error } = useStore(list);
  return (
    <Page title={administration.title} intro={administration.intro}>
      {value !== undefined ? (
        <Administration list={value} onChange={() => list.refresh()} />
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void list.refresh()} />
      )}
    </Page>
  );
}

function Administration({ list, onChange }: { list: OrganisationList; onChange: () => Promise<void> }) {
  const { administration } = useTexts().duties;
  const [editing, setEditing] = useState<Partial<Organisation>>();
  /** Counts the changes made here, so that the log follows them. */
  const [changes, setChanges] = useState(0);
  return (
    <>
      <People list={list} onChange={() => setChanges(changes + 1)} />
      <Section title={administration.organisations}>
        {list.items.length === 0 ? (
          <p class="muted">{administration.noOrganisations}</p>
        ) : (
          <List label={administration.organisations}>
            {list.items.map((organisation) => (
              <ButtonRow
                key={organisation.id}
                leading={<Icon name="people" />}
                title={organisation.name}
                onClick={() => setEditing(organisation)}
              />
            ))}
          </List>
        )}
        <Button icon="plus" onClick={() => setEditing({})}>
          {administration.addOrganisation}
        </Button>
      </Section>
      <Section title={administration.isps}>
        {list.isps.length === 0 ? (
          <p class="muted">{administration.noIsps}</p>
        ) : (
          <List label={administration.isps}>
            {list.isps.map((isp) => (
              <PlainRow key={isp} leading={<Icon name="router" />} title={isp} />
            ))}
          </List>
        )}
      </Section>
      <Section title={administration.changes}>
        <DutyChanges key={changes} />
      </Section>
      {editing && (
        <OrganisationSheet organisation={editing} onSaved={onChange} onClose={() => setEditing(undefined)} />
      )}
    </>
  );
}
