import { useState } from 'preact/hooks';
import type { AlertView } from '../../api/contract.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { useHome, useHousehold, useNow, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import './check.css';

/** Something else may use the address of a device: by what it seems so, what it may mean, and what to do. */
export function AlertCard({ alert }: { alert: AlertView }) {
  const texts = useTexts();
  const format = useFormat();
  const now = useNow();
  const household = useHousehold();
  const { devices } = useHome();
  const run = useRun();
  const [busy, setBusy] = useState(false);
  const device = devices.find(({ id }) => id === alert.device);
  const title = texts.devices.changed(device?.name ?? alert.mac);
  const reasons = format.list(alert.evidence.map((one) => texts.devices.changedEvidence[one]));

  const dismiss = async () => {
    setBusy(true);
    await run(() => household.change(null, () => household.api.dismissAlert(alert.id)), {
      text: texts.devices.dismissed,
    });
    setBusy(false);
  };

  return (
    <article class="card check check--alert" aria-label={title}>
      <div class="check__head">
        <span class="check__sign">
          <Icon name="alert" />
        </span>
        <div class="check__texts">
          <h3>{title}</h3>
          <p class="small muted">
            {format.ago(alert.at, now)}
            {device && (
              <>
                {' · '}
                <span class="mono">{alert.mac}</span>
              </>
            )}
          </p>
        </div>
      </div>
      <p>{texts.devices.changedText(reasons)}</p>
      <p class="small">{texts.devices.changedMeans}</p>
      <p class="small">{texts.devices.changedWhat}</p>
      <div class="check__actions">
        {device && <ButtonLink href={`/devices?device=${device.id}`}>{texts.devices.look}</ButtonLink>}
        <Button busy={busy} onClick={() => void dismiss()}>
          {texts.devices.dismiss}
        </Button>
      </div>
    </article>
  );
}
