import { useEffect, useMemo } from 'preact/hooks';
import type { FamilyList } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useFormat, ZoneContext } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

/** A worker's code, and the families who let them see something. */
export function FamiliesPage() {
  const { families } = useTexts().duties;
  const { api } = useApp();
  const list = useMemo(() => new Resource(() => api.duties.families()), [api]);
  useEffect(() => void list.refresh(), [list]);
  const { value, error } = useStore(list);
  return (
    <Page title={families.title} intro={families.intro}>
      {value !== undefined ? (
        <Families list={value} />
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void list.refresh()} />
      )}
    </Page>
  );
}

function Families({ list }: { list: FamilyList }) {
  const { families } = useTexts().duties;
  return (
    <>
      <Section title={families.code}>
        <div class="card card--padded stack stack--tight">
          <p class="duty__code">{list.code}</p>
          <p class="small muted">{list.organisation}</p>
          <p class="small">{families.codeText}</p>
        </div>
      </Section>
      <Section title={families.list}>
        {list.items.length === 0 ? (
          <div class="card">
            <Empty icon="people" title={families.empty}>
              {families.emptyText}
            </Empty>
          </div>
        ) : (
          <List label={families.list}>
            {list.items.map((family) => (
              <ZoneContext.Provider key={family.household} value={family.zone}>
                <FamilyRow family={family} />
              </ZoneContext.Provider>
            ))}
          </List>
        )}
      </Section>
    </>
  );
}

/** Until when is told by the family's clock, as on its own page. */
function FamilyRow({ family: { household, name, scope, until } }: { family: FamilyList['items'][number] }) {
  const { sharing, duties } = useTexts();
  const format = useFormat();
  const scopes = format.list(scope.map((one) => sharing.scopes[one].name));
  return (
    <LinkRow
      href={`/families/${household}`}
      leading={<Icon name="home" />}
      title={name}
      detail={`${scopes} · ${duties.families.until(format.moment(until, Date.now()))}`}
    />
  );
}
