import { useEffect, useMemo } from 'preact/hooks';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page } from '../../app/page.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { LinkRow, List } from '../../design/list.tsx';
import { useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { KeysSection } from './keys-section.tsx';
import { WebhooksSection } from './webhooks-section.tsx';

/** Keys and webhooks of the household, for owners who write programs. */
export function DevelopersPage() {
  const texts = useTexts();
  const { developers } = texts;
  const { api } = useHousehold();
  const resource = useMemo(
    () =>
      new Resource(async () => {
        const [keys, webhooks] = await Promise.all([api.developers.keys(), api.developers.webhooks()]);
        return { keys: keys.items, webhooks: webhooks.items };
      }),
    [api],
  );
  const { value, error } = useStore(resource);
  useEffect(() => {
    void resource.refresh();
  }, [resource]);
  const refresh = () => resource.refresh();

  return (
    <Page
      title={developers.title}
      intro={developers.intro}
      back={{ href: '/settings', name: texts.settings.title }}
    >
      {value !== undefined ? (
        <>
          <KeysSection keys={value.keys} onChanged={refresh} />
          <WebhooksSection webhooks={value.webhooks} onChanged={refresh} />
          <List>
            <LinkRow
              href="/api/v1/openapi.json"
              leading={<Icon name="external" />}
              title={developers.description}
            />
          </List>
        </>
      ) : error === undefined ? (
        <Skeleton />
      ) : (
        <LoadFailed error={error} onRetry={() => void refresh()} />
      )}
    </Page>
  );
}
