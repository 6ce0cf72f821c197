import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { ZoneField } from '../account/zone-field.tsx';

export function HouseholdForm() {
  const texts = useTexts();
  const household = useHousehold();
  const home = useHome();
  const run = useRun();
  /** What the parent has changed and not saved yet; the rest follows the home. */
  const [draft, setDraft] = useState<{ name?: string; zone?: string }>({});
  const [busy, setBusy] = useState(false);
  const name = draft.name ?? home.name;
  const zone = draft.zone ?? home.zone;
  const changed = name.trim() !== home.name || zone !== home.zone;

  const save = async () => {
    if (name.trim() === '' || !changed) return;
    setBusy(true);
    const task = async () => {
      await household.api.change({ name: name.trim(), zone });
      await household.home.refresh();
    };
    if (await run(task, { text: texts.common.saved })) setDraft({});
    setBusy(false);
  };

  return (
    <form
      class="card card--padded stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label={texts.settings.householdName}
        autocomplete="off"
        maxLength={64}
        value={name}
        onText={(text) => setDraft({ ...draft, name: text })}
        error={name.trim() === '' ? texts.account.required : undefined}
      />
      <ZoneField value={zone} onChoose={(chosen) => setDraft({ ...draft, zone: chosen })} />
      {changed && (
        <Button tone="primary" type="submit" busy={busy}>
          {texts.common.save}
        </Button>
      )}
    </form>
  );
}
