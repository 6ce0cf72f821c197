import { useState } from 'preact/hooks';
import type { KeyScope } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceChips, ChoiceRows } from '../../design/choice.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';
import { ShownOnce } from './shown-once.tsx';

const DAY = 86_400_000;
/** A day less than the longest that the cloud takes: a phone's clock may be ahead. */
const lives = { month: 30 * DAY, year: 364 * DAY, never: undefined } as const;
type Life = keyof typeof lives;

/** Makes a key, and shows it the one time that it is known. */
export function MakeKeySheet({ onClose }: { onClose: () => void }) {
  const { developers } = useTexts();
  const household = useHousehold();
  const run = useSensitiveRun();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<KeyScope>('read');
  const [life, setLife] = useState<Life>('year');
  const [token, setToken] = useState<string>();
  const [busy, setBusy] = useState(false);

  const make = async () => {
    setBusy(true);
    await run(async () => {
      const length = lives[life];
      const ends = length === undefined ? {} : { expiresAt: household.now() + length };
      const made = await household.api.developers.makeKey({ name: name.trim(), scopes: [scope], ...ends });
      setToken(made.token);
    });
    setBusy(false);
  };

  if (token !== undefined) {
    return (
      <ShownOnce title={developers.keyMade} text={developers.keyOnce} secret={token} onClose={onClose} />
    );
  }
  return (
    <Sheet title={developers.makeKey} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextField
          label={developers.keyName}
          placeholder={developers.keyNamePlaceholder}
          autocomplete="off"
          maxLength={64}
          value={name}
          onText={setName}
        />
        <ChoiceRows
          legend={developers.scope}
          options={[
            { value: 'read', label: developers.read, description: developers.readText },
            { value: 'care', label: developers.care, description: developers.careText },
          ]}
          value={scope}
          onChoose={setScope}
        />
        <ChoiceChips
          legend={developers.expiry}
          options={[
            { value: 'month', label: developers.expiries.month },
            { value: 'year', label: developers.expiries.year },
            { value: 'never', label: developers.expiries.never },
          ]}
          value={life}
          onChoose={setLife}
        />
        <Button tone="primary" type="submit" wide busy={busy} disabled={name.trim() === ''}>
          {developers.makeKey}
        </Button>
      </form>
    </Sheet>
  );
}
