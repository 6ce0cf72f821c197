import { useState } from 'preact/hooks';
import { apiErrorOf } from '../../api/api-error.ts';
import type { NotificationKind } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';
import { ShownOnce } from './shown-once.tsx';

const usual: readonly NotificationKind[] = ['request', 'bypass', 'quota', 'new-device', 'router-offline'];

/** The usual ones first. */
const known: readonly NotificationKind[] = [
  ...usual,
  'help',
  'device-changed',
  'rules-failing',
  'list-old',
  'connection-contested',
  'weekly',
];

/** Adds a webhook, and shows the secret of its signatures the one time that it is known. */
export function AddWebhookSheet({ onClose }: { onClose: () => void }) {
  const { developers, notifications } = useTexts();
  const { api } = useHousehold();
  const run = useSensitiveRun();
  const [url, setUrl] = useState('https://');
  const [kinds, setKinds] = useState(usual);
  const [wrong, setWrong] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [busy, setBusy] = useState(false);

  const add = async () => {
    setBusy(true);
    setWrong(false);
    await run(async () => {
      try {
        setSecret((await api.developers.addWebhook({ url: url.trim(), kinds: [...kinds] })).secret);
      } catch (thrown) {
        if (!apiErrorOf(thrown).fields.includes('/url')) throw thrown;
        setWrong(true);
      }
    });
    setBusy(false);
  };

  if (secret !== undefined) {
    return (
      <ShownOnce
        title={developers.secretMade}
        text={developers.secretOnce}
        secret={secret}
        onClose={onClose}
      />
    );
  }
  return (
    <Sheet title={developers.addWebhook} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <p class="small muted">{developers.webhooksText}</p>
        <fieldset>
          <legend class="field__label">{developers.kinds}</legend>
          <div class="list card">
            {known.map((kind) => (
              <SwitchRow
                key={kind}
                label={notifications.kinds[kind].name}
                checked={kinds.includes(kind)}
                onToggle={() => setKinds(known.filter((one) => kinds.includes(one) !== (one === kind)))}
              />
            ))}
          </div>
        </fieldset>
        <TextField
          label={developers.url}
          hint={developers.urlHint}
          error={wrong ? developers.urlWrong : undefined}
          autocomplete="off"
          inputMode="url"
          verbatim
          maxLength={1024}
          value={url}
          onText={setUrl}
        />
        <Button tone="primary" type="submit" wide busy={busy} disabled={kinds.length === 0}>
          {developers.addWebhook}
        </Button>
      </form>
    </Sheet>
  );
}
