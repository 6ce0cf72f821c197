import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app/context.ts';
import { disablePush, enablePush, type PushStanding, pushStanding } from '../../app/push.ts';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** Whether this very browser is pushed: why one would want it, what the browser will ask, and what stands in the way. */
export function PushCard({ account }: { account: string }) {
  const texts = useTexts();
  const words = texts.notifications;
  const { keep } = useApp();
  const { api } = useHousehold();
  const run = useRun();
  const [standing, setStanding] = useState<PushStanding>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void pushStanding(keep, account).then(setStanding);
  }, [keep, account]);

  const work = async (task: () => Promise<void>) => {
    setBusy(true);
    await run(task);
    setBusy(false);
  };
  const enable = () =>
    work(async () => {
      try {
        setStanding(await enablePush(api.notifications, keep, account));
      } catch (thrown) {
        // The browser's own push service is out of reach, or was taken out.
        if (!(thrown instanceof DOMException)) throw thrown;
        showToast({ tone: 'bad', text: words.pushFailed });
      }
    });
  const disable = () =>
    work(async () => {
      await disablePush(api.notifications, keep);
      setStanding(await pushStanding(keep, account));
    });
  const test = () =>
    work(async () => {
      await api.notifications.tryPush();
      showToast({ tone: 'good', text: words.pushTestSent });
    });

  switch (standing) {
    case undefined:
      return null;
    case 'unsupported':
      return (
        <Notice tone="info" icon="bell" title={words.pushUnsupported}>
          {words.pushUnsupportedText}
        </Notice>
      );
    case 'needs-install':
      return (
        <Notice tone="info" icon="bell" title={words.pushInstall}>
          {words.pushInstallText}
        </Notice>
      );
    case 'denied':
      return (
        <Notice tone="warn" icon="bell" title={words.pushDenied}>
          {words.pushDeniedText}
        </Notice>
      );
    case 'off':
      return (
        <div class="card card--padded stack">
          <p>{words.pushOff}</p>
          <p class="small muted">{words.pushExplain}</p>
          <Button tone="primary" icon="bell" busy={busy} onClick={() => void enable()}>
            {words.pushEnable}
          </Button>
        </div>
      );
    case 'on':
      return (
        <div class="card card--padded stack">
          <p>{words.pushOn}</p>
          <Button icon="bell" busy={busy} onClick={() => void test()}>
            {words.pushTest}
          </Button>
          <Button tone="plain" busy={busy} onClick={() => void disable()}>
            {words.pushDisable}
          </Button>
        </div>
      );
  }
}
