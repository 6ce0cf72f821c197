import { useCallback, useEffect } from 'preact/hooks';
import type { AuditItem, Id } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { LoadMore } from '../../app/load-more.tsx';
import { usePages } from '../../app/use-pages.ts';
import { Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useHousehold, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';

/** Who has looked at what of the household, and who changed who may. */
export function AuditLog() {
  const texts = useTexts();
  const format = useFormat();
  const household = useHousehold();
  const now = useNow();
  const load = useCallback((before: Id | undefined) => household.api.sharing.audit(before), [household]);
  const pages = usePages(load);
  const { items, error, retry } = pages;
  // What changes who may see is in the log too.
  const { at } = useStore(household.consents);
  useEffect(retry, [at]);

  if (items === undefined) {
    return error === undefined ? <Skeleton rows={3} /> : <LoadFailed error={error} onRetry={retry} />;
  }
  if (items.length === 0) return <p class="muted">{texts.sharing.logEmpty}</p>;
  return (
    <>
      <p class="small muted">{texts.sharing.logText}</p>
      <List label={texts.sharing.log}>
        {items.map((item) => (
          <PlainRow
            key={item.id}
            leading={<Icon name={item.kind === 'looked' ? 'eye' : 'edit'} size={20} />}
            title={item.name === '' ? texts.sharing.server : item.name}
            detail={[placeOf(item, texts), whatOf(item, texts), format.moment(item.at, now)]
              .filter((part) => part !== undefined)
              .join(' · ')}
          />
        ))}
      </List>
      <LoadMore {...pages} />
    </>
  );
}

/** For whom somebody outside of the family acted. */
function placeOf({ name, organisation, actingAs }: AuditItem, { duties }: Texts): string | undefined {
  return name === '' || actingAs === 'member' ? undefined : (organisation ?? duties.hats[actingAs]);
}

function whatOf({ kind, look, about }: AuditItem, { sharing }: Texts): string {
  if (kind === 'looked') return look === null ? '' : sharing.looks[look];
  return sharing.changes[kind](about ?? '');
}
