import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { normaliseClaimCode } from '../../api/contract.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Icon } from '../../design/icon.tsx';
import { Notice } from '../../design/notice.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { claimInput, isComplete } from './claim-input.ts';
import { CodeField } from './code-field.tsx';

/** The router's own page: reachable in the home without any Internet. */
const ROUTER_PAGE = 'http://khien.home.arpa';

interface CodeFormProps {
  proposed: string;
  /** Gets the ids of the routers that the home had before. */
  onClaimed: (known: readonly string[]) => void;
}

export function CodeForm({ proposed, onClaimed }: CodeFormProps) {
  const texts = useTexts();
  const household = useHousehold();
  const home = useHome();
  const [code, setCode] = useState(() => claimInput(proposed, 0).text);
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);

  const type = (text: string) => {
    setCode(text);
    setError(undefined);
    // Told as soon as the eighth character is there: the check digit shows most slips at once.
    setProblem(
      isComplete(text) && normaliseClaimCode(text) === undefined ? texts.connect.codeWrong : undefined,
    );
  };

  const submit = async () => {
    const claimCode = normaliseClaimCode(code);
    if (claimCode === undefined) {
      setProblem(isComplete(code) ? texts.connect.codeWrong : texts.connect.codeShort);
      return;
    }
    setBusy(true);
    setError(undefined);
    const known = home.routers.map(({ id }) => id);
    try {
      await household.api.claimRouter(claimCode, name.trim() === '' ? undefined : name.trim());
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
      return;
    }
    onClaimed(known);
    void household.home.refresh();
  };

  return (
    <>
      <div class="card where__place">
        <Icon name="router" size={32} />
        <div>
          <h2>{texts.connect.wherePage}</h2>
          <p class="small muted">{texts.connect.wherePageText}</p>
          <a class="where__address mono" href={ROUTER_PAGE} target="_blank" rel="noopener noreferrer">
            khien.home.arpa
          </a>
        </div>
      </div>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
        <CodeField
          label={texts.connect.code}
          hint={texts.connect.codeHint}
          value={code}
          onText={type}
          error={problem}
        />
        <TextField
          label={`${texts.connect.name} (${texts.common.optional})`}
          placeholder={texts.connect.namePlaceholder}
          maxLength={64}
          value={name}
          onText={setName}
        />
        <Button tone="primary" type="submit" wide busy={busy}>
          {texts.connect.submit}
        </Button>
        {home.routers.length === 0 && (
          <ButtonLink tone="plain" href="/">
            {texts.connect.later}
          </ButtonLink>
        )}
      </form>
    </>
  );
}
