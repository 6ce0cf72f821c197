import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { Release, RouterView } from '../../api/contract.ts';
import { useSensitive } from '../../app/sensitive.tsx';
import { Button } from '../../design/button.tsx';
import { ChoiceRows } from '../../design/choice.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHousehold, useNow } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

const ways = ['give', 'remove', 'stolen'] as const;
type Way = (typeof ways)[number];

/** How a family parts with a router. Each way says what becomes of it before anything is done. */
export function LeaveRouterSheet({ router, onClose }: { router: RouterView; onClose: () => void }) {
  const texts = useTexts();
  const household = useHousehold();
  const sensitive = useSensitive();
  const [way, setWay] = useState<Way>('give');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [release, setRelease] = useState<Release>();
  const { leave } = texts.routers;

  const part = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { api } = household;
      if (way === 'give') setRelease(await sensitive(() => api.releaseRouter(router.id)));
      else if (way === 'stolen') await sensitive(() => api.revokeRouter(router.id));
      else await sensitive(() => api.removeRouter(router.id));
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
      return;
    }
    setBusy(false);
    if (way !== 'give') {
      onClose();
      showToast({ tone: 'good', text: leave.done(router.name) });
    }
    await household.home.refresh();
  };

  if (release !== undefined) return <Released release={release} name={router.name} onClose={onClose} />;
  return (
    <Sheet title={leave.title(router.name)} onClose={onClose}>
      <ChoiceRows
        legend={leave.why}
        value={way}
        onChoose={setWay}
        options={ways.map((value) => ({ value, ...leave.ways[value] }))}
      />
      <p class="small muted">{leave.rules}</p>
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      <div class="sheet__actions">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button tone="danger" busy={busy} onClick={() => void part()}>
          {leave.confirm[way]}
        </Button>
      </div>
    </Sheet>
  );
}

interface ReleasedProps {
  release: Release;
  name: string;
  onClose: () => void;
}

/** The code is shown this once: the cloud keeps no more than its hash. */
function Released({ release, name, onClose }: ReleasedProps) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const { given } = texts.routers;
  const copy = async () => {
    await navigator.clipboard.writeText(release.url);
    showToast({ tone: 'good', text: given.copied });
  };
  return (
    <Sheet title={given.title(name)} onClose={onClose}>
      <p>{given.text(format.moment(release.until, now))}</p>
      <output class="release-code mono" aria-label={given.code} translate={false}>
        {release.claimCode}
      </output>
      <Notice tone="warn" icon="alert" title={given.once}>
        {given.onceText}
      </Notice>
      <div class="sheet__actions">
        {'clipboard' in navigator && <Button onClick={() => void copy()}>{given.copy}</Button>}
        <Button tone="primary" onClick={onClose}>
          {texts.common.done}
        </Button>
      </div>
    </Sheet>
  );
}
