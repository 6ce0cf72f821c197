import { useState } from 'preact/hooks';
import type { Organisation } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

interface Props {
  /** Without an id it is a new one. */
  organisation: Partial<Organisation>;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

export function OrganisationSheet({ organisation, onSaved, onClose }: Props) {
  const texts = useTexts();
  const { administration } = texts.duties;
  const { api } = useApp();
  const run = useRun();
  const [name, setName] = useState(organisation.name ?? '');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const { id } = organisation;
  const save = async () => {
    setTried(true);
    const chosen = name.trim();
    if (chosen === '') return;
    setBusy(true);
    const task = async () => {
      await (id === undefined
        ? api.duties.addOrganisation(chosen)
        : api.duties.renameOrganisation(id, chosen));
      await onSaved();
    };
    if (await run(task, { text: texts.common.saved })) onClose();
    else setBusy(false);
  };
  return (
    <Sheet
      title={id === undefined ? administration.addOrganisation : administration.renameOrganisation}
      onClose={onClose}
    >
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={administration.organisationName}
          autocomplete="off"
          maxLength={64}
          value={name}
          onText={setName}
          error={tried && name.trim() === '' ? administration.needsName : undefined}
        />
        <Button type="submit" tone="primary" wide busy={busy}>
          {texts.common.save}
        </Button>
      </form>
    </Sheet>
  );
}
