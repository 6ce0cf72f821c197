import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { AgeBand } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import './child.css';
import { AgeChoice, PresetContents } from './age-choice.tsx';

export function NewChildPage() {
  const texts = useTexts();
  const household = useHousehold();
  const { profiles } = useHome();
  const { route } = useLocation();
  const [name, setName] = useState('');
  const [ageBand, setAgeBand] = useState<AgeBand>('9-11');
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  const create = async () => {
    if (name.trim() === '') {
      setWrong(true);
      return;
    }
    setBusy(true);
    setError(undefined);
    const known = profiles.map(({ id }) => id);
    try {
      await household.api.addProfile({ name: name.trim(), ageBand });
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
      return;
    }
    await household.home.refresh();
    const added = household.home.value.value?.profiles.find(({ id }) => !known.includes(id));
    showToast({ tone: 'good', text: texts.child.created(name.trim()) });
    route(added === undefined ? '/' : `/children/${added.id}`, true);
  };

  return (
    <Page title={texts.child.newTitle} back={{ href: '/', name: texts.navigation.home }}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
        <TextField
          label={texts.child.name}
          hint={texts.child.nameHint}
          autocomplete="off"
          maxLength={64}
          value={name}
          onText={(text) => {
            setWrong(false);
            setName(text);
          }}
          error={wrong ? texts.account.required : undefined}
        />
        <AgeChoice value={ageBand} onChoose={setAgeBand} />
        <p class="muted small">{texts.child.ageHint}</p>
        <PresetContents band={ageBand} />
        <div class="sticky-action">
          <Button tone="primary" type="submit" wide busy={busy}>
            {texts.child.create}
          </Button>
        </div>
      </form>
    </Page>
  );
}
