import { useCallback } from 'preact/hooks';
import type { DutyChange, Id } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { LoadMore } from '../../app/load-more.tsx';
import { usePages } from '../../app/use-pages.ts';
import { Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

/** Who gave and ended duties. */
export function DutyChanges() {
  const texts = useTexts();
  const { administration } = texts.duties;
  const format = useFormat();
  const { api } = useApp();
  const load = useCallback((before: Id | undefined) => api.duties.changes(before), [api]);
  const pages = usePages<DutyChange>(load);
  const { items, error, retry } = pages;
  if (items === undefined) {
    return error === undefined ? <Skeleton /> : <LoadFailed error={error} onRetry={retry} />;
  }
  if (items.length === 0) return <p class="muted">{administration.noChanges}</p>;
  const dutyOf = ({ duty, of }: DutyChange) =>
    of === null ? administration.kinds[duty] : `${administration.kinds[duty]}, ${of}`;
  return (
    <>
      <List label={administration.changes}>
        {items.map((item) => (
          <PlainRow
            key={item.id}
            leading={<Icon name="edit" size={20} />}
            title={item.name === '' ? texts.sharing.server : item.name}
            detail={`${administration.changed[item.kind](item.about, dutyOf(item))} · ${format.moment(item.at, Date.now())}`}
          />
        ))}
      </List>
      <LoadMore {...pages} />
    </>
  );
}
