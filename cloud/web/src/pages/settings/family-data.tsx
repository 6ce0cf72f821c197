import { useState } from 'preact/hooks';
import { apiErrorOf } from '../../api/api-error.ts';
import { useApp } from '../../app/context.ts';
import { Section } from '../../app/page.tsx';
import { useSensitive } from '../../app/sensitive.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';

/** For owners: all that is kept of the family, to take along or to have deleted. */
export function FamilyData() {
  const texts = useTexts();
  const { familyData } = texts;
  const household = useHousehold();
  const run = useSensitiveRun();
  const [busy, setBusy] = useState(false);
  const [erasing, setErasing] = useState(false);

  const take = async () => {
    setBusy(true);
    const task = async () => save(await household.api.export(), 'khien.json');
    await run(task, { text: familyData.taken });
    setBusy(false);
  };

  return (
    <Section title={familyData.title}>
      <div class="card card--padded stack">
        <p>{familyData.takeText}</p>
        <Button icon="download" busy={busy} onClick={() => void take()}>
          {familyData.take}
        </Button>
        <p>{familyData.eraseText}</p>
        <Button tone="danger-soft" icon="trash" onClick={() => setErasing(true)}>
          {familyData.erase}
        </Button>
      </div>
      {erasing && <EraseSheet onClose={() => setErasing(false)} />}
    </Section>
  );
}

/** Typing the family's name keeps a slip of the thumb from being the end of everything. */
function EraseSheet({ onClose }: { onClose: () => void }) {
  const texts = useTexts();
  const { familyData } = texts;
  const { name } = useHome();
  const household = useHousehold();
  const { session } = useApp();
  const sensitive = useSensitive();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const fits = typed.trim() === name.trim();

  const erase = async () => {
    if (!fits) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await sensitive(() => household.api.erase(typed));
    } catch (thrown) {
      setFailure(errorText(texts, apiErrorOf(thrown)));
      setBusy(false);
      return;
    }
    showToast({ tone: 'good', text: familyData.erased(name) });
    await session.ask();
  };

  return (
    <Sheet title={familyData.eraseTitle(name)} onClose={onClose}>
      <Notice tone="warn" icon="alert" title={familyData.noWayBack}>
        {familyData.eraseAll}
      </Notice>
      <p class="small muted">{familyData.eraseRouters}</p>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void erase();
        }}
      >
        <TextField
          label={familyData.typeName(name)}
          autocomplete="off"
          maxLength={64}
          value={typed}
          onText={setTyped}
          error={undefined}
        />
        {failure && <Notice tone="bad" icon="alert" title={failure} />}
        <div class="sheet__actions">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button tone="danger" type="submit" disabled={!fits} busy={busy}>
            {familyData.eraseConfirm}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
