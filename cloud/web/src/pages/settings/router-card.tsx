import { categoryById } from '@khien/shared/catalogue';
import type { RouterView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { Facts } from '../../design/list.tsx';
import { Notice } from '../../design/notice.tsx';
import { useHome, useNow } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { RouterState } from '../home/router-line.tsx';

interface RouterCardProps {
  router: RouterView;
  /** Where who looks may part with it. */
  onLeave?: (() => void) | undefined;
}

/** A router: how it is, and its versions for who is asked to help with it. */
export function RouterCard({ router, onLeave }: RouterCardProps) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { settings } = texts;
  const { eventsDropped } = useHome();
  const { lists } = router;
  const { language } = useLanguage();
  const leftOut = (lists?.leftOut ?? []).map((id) => categoryById(id)?.name[language] ?? id);
  const inForce = router.policyInForce === null ? settings.rulesNone : String(router.policyInForce);
  return (
    <article class="card card--padded stack" aria-label={router.name}>
      <div class="stack stack--tight">
        <h3>{router.name}</h3>
        <RouterState router={router} named={false} />
      </div>
      <Facts
        facts={[
          { name: settings.model, value: router.model },
          { name: settings.daemon, value: router.daemon ?? '–' },
          { name: settings.rulesVersion, value: settings.rulesVersionOf(inForce, router.policyWanted) },
          {
            name: settings.lists,
            value:
              lists === null
                ? settings.rulesNone
                : settings.listsOf(lists.version, format.count(lists.names)),
          },
          {
            name: settings.clock,
            value: router.timeSource === null ? '–' : settings.clocks[router.timeSource],
          },
          {
            name: settings.lastSeen,
            value: router.lastSeenAt === null ? '–' : format.moment(router.lastSeenAt, now),
          },
        ]}
      />
      {leftOut.length > 0 && (
        <Notice tone="warn" icon="layers" title={settings.leftOut}>
          {settings.leftOutText(format.list(leftOut))}
        </Notice>
      )}
      {eventsDropped > 0 && (
        <Notice tone="warn" icon="router" title={settings.dropped(format.count(eventsDropped))}>
          {settings.droppedText}
        </Notice>
      )}
      {onLeave && (
        <Button icon="out" onClick={onLeave}>
          {texts.routers.part}
        </Button>
      )}
    </article>
  );
}
