import { useState } from 'preact/hooks';
import type { DutyRequest, OrganisationList } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { SelectField, TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

interface Props {
  list: OrganisationList;
  onDone: () => void;
  onClose: () => void;
}

/** Makes somebody a worker of an organisation, or an operator of a provider. */
export function AppointSheet({ list, onDone, onClose }: Props) {
  const texts = useTexts();
  const { administration } = texts.duties;
  const { api } = useApp();
  const run = useRun();
  const [kind, setKind] = useState<DutyRequest['kind']>('worker');
  const [email, setEmail] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const places =
    kind === 'worker'
      ? list.items.map(({ id, name }) => ({ value: id, name }))
      : list.isps.map((name) => ({ value: name, name }));
  const where = places.find(({ value }) => value === chosen)?.value ?? places[0]?.value;

  const appoint = async () => {
    setTried(true);
    if (email.trim() === '' || where === undefined) return;
    setBusy(true);
    const person = { email: email.trim() };
    const request: DutyRequest =
      kind === 'worker' ? { kind, ...person, organisation: where } : { kind, ...person, isp: where };
    const done = await run(() => api.duties.appoint(request), { text: administration.given(person.email) });
    if (!done) return setBusy(false);
    onDone();
    onClose();
  };

  return (
    <Sheet title={administration.give} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void appoint();
        }}
      >
        <ChoiceChips
          legend={administration.kind}
          options={[
            { value: 'worker', label: administration.kinds.worker },
            { value: 'operator', label: administration.kinds.operator },
          ]}
          value={kind}
          onChoose={setKind}
        />
        {places.length === 0 ? (
          <p class="muted">{kind === 'worker' ? administration.noOrganisations : administration.noIsps}</p>
        ) : (
          <SelectField label={administration.where} value={where ?? ''} onChoose={setChosen}>
            {places.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <TextField
          label={texts.account.email}
          type="email"
          inputMode="email"
          verbatim
          autocomplete="off"
          maxLength={254}
          value={email}
          onText={setEmail}
          hint={administration.emailHint}
          error={tried && email.trim() === '' ? administration.needsEmail : undefined}
        />
        <Button type="submit" tone="primary" wide busy={busy} disabled={places.length === 0}>
          {administration.give}
        </Button>
      </form>
    </Sheet>
  );
}
