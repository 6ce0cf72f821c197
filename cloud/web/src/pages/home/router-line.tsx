import type { RouterView } from '../../api/contract.ts';
import { useStore } from '../../api/store.ts';
import { Dot } from '../../design/badge.tsx';
import { ButtonLink } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useHome, useHousehold, useNow } from '../../household/context.ts';
import { conditionOf, isPending, type RouterCondition } from '../../household/delivery.ts';
import { hindranceText } from '../../language/error-text.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';

/** Whether the home is protected: a word where it is, what is wrong where it is not. */
export function RouterLine() {
  const texts = useTexts();
  const { routers } = useHome();
  // What the cloud last said of a router says nothing of now.
  const stale = useStore(useHousehold().home).error !== undefined;
  if (stale) return null;
  if (routers.length === 0) {
    return (
      <Notice
        tone="warn"
        icon="router"
        title={texts.router.none}
        action={
          <ButtonLink tone="primary" href="/connect">
            {texts.router.connect}
          </ButtonLink>
        }
      >
        {texts.router.noneText}
      </Notice>
    );
  }
  return (
    <div class="stack stack--tight">
      {routers.map((router) => (
        <RouterState key={router.id} router={router} named={routers.length > 1} />
      ))}
    </div>
  );
}

/** @param named says which router it is, where there are several */
export function RouterState({ router, named }: { router: RouterView; named: boolean }) {
  const texts = useTexts();
  const format = useFormat();
  const household = useHousehold();
  const now = useNow(5_000);
  const condition = conditionOf(router, household.waitedFor(router.id));
  const word = named ? `${router.name}: ${wordOf(texts, condition)}` : wordOf(texts, condition);
  const unsynced = router.online && router.timeSource === 'unsynced' && (
    <p class="small">{texts.router.clockUnsynced}</p>
  );

  if (condition === 'protecting' || condition === 'applying' || condition === 'starting') {
    return (
      <div role="status">
        <p class="router-state">
          {condition === 'protecting' ? (
            <Dot tone="good" />
          ) : (
            <span class="spinner spinner--small" aria-hidden="true" />
          )}
          {word}
        </p>
        {unsynced}
      </div>
    );
  }
  return (
    <Notice
      tone={condition === 'refused' || condition === 'hindered' ? 'bad' : 'warn'}
      icon={condition === 'offline' ? 'offline' : 'alert'}
      title={word}
    >
      {explanation(
        texts,
        router,
        condition,
        router.lastSeenAt === null ? undefined : format.moment(router.lastSeenAt, now),
      )}
      {unsynced}
    </Notice>
  );
}

function wordOf({ router }: Texts, condition: RouterCondition): string {
  return router[condition];
}

function explanation(
  { router: texts, ...rest }: Texts,
  router: RouterView,
  condition: RouterCondition,
  lastSeen: string | undefined,
): string {
  switch (condition) {
    case 'offline': {
      const since = lastSeen === undefined ? texts.offlineNever : texts.offlineSince(lastSeen);
      return isPending(router) ? `${since} ${texts.offlinePending}` : since;
    }
    case 'refused':
      return texts.refusedText(hindranceText({ router: texts, ...rest }, router.refusal?.code ?? ''));
    case 'hindered':
      return hindranceText({ router: texts, ...rest }, router.enforcement ?? '');
    default:
      return texts.lateText;
  }
}
