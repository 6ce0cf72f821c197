import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import { normaliseClaimCode, type Scope, type WorkerView } from '../../api/contract.ts';
import { useSensitive } from '../../app/sensitive.tsx';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHousehold } from '../../household/context.ts';
import { errorText } from '../../language/error-text.ts';
import { useTexts } from '../../language/language.ts';
import { CodeField } from '../connect/code-field.tsx';

const scopes: readonly Scope[] = ['activity', 'rules', 'requests'];
const spans = [7, 30, 90] as const;

/** Lets a worker see something: whose code it is, then what, for how long, and whether the children agree. */
export function ConsentSheet({ onClose }: { onClose: () => void }) {
  const { sharing } = useTexts();
  const [code, setCode] = useState('');
  const [worker, setWorker] = useState<WorkerView>();
  return (
    <Sheet title={sharing.add} onClose={onClose}>
      {worker === undefined ? (
        <AskCode code={code} onCode={setCode} onFound={setWorker} />
      ) : (
        <AskScope code={code} worker={worker} onClose={onClose} />
      )}
    </Sheet>
  );
}

interface CodeProps {
  code: string;
  onCode: (code: string) => void;
  onFound: (worker: WorkerView) => void;
}

function AskCode({ code, onCode, onFound }: CodeProps) {
  const texts = useTexts();
  const household = useHousehold();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const find = async () => {
    if (normaliseClaimCode(code) === undefined) return setError(texts.errors.WORKER_CODE_INVALID);
    setBusy(true);
    try {
      onFound(await household.api.sharing.worker(code));
    } catch (thrown) {
      setError(errorText(texts, apiErrorOf(thrown)));
      setBusy(false);
    }
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <CodeField
        label={texts.sharing.code}
        hint={texts.sharing.codeHint}
        value={code}
        error={error}
        onText={(text) => {
          onCode(text);
          setError(undefined);
        }}
      />
      <Button type="submit" tone="primary" wide busy={busy}>
        {texts.sharing.next}
      </Button>
    </form>
  );
}

interface ScopeProps {
  code: string;
  worker: WorkerView;
  onClose: () => void;
}

function AskScope({ code, worker, onClose }: ScopeProps) {
  const texts = useTexts();
  const { sharing } = texts;
  const household = useHousehold();
  const sensitive = useSensitive();
  const [chosen, setChosen] = useState<ReadonlySet<Scope>>(new Set());
  const [days, setDays] = useState('30');
  const [agreed, setAgreed] = useState(false);
  const [missing, setMissing] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);

  const toggle = (scope: Scope, on: boolean) => {
    setChosen(new Set(scopes.filter((other) => (other === scope ? on : chosen.has(other)))));
    setMissing(undefined);
  };
  const give = async () => {
    if (chosen.size === 0) return setMissing(sharing.needsScope);
    if (!agreed) return setMissing(sharing.needsChildren);
    setBusy(true);
    try {
      const scope = [...chosen];
      const consent = { code, scope, days: Number(days), childrenAgree: true } as const;
      await sensitive(() => household.api.sharing.consent(consent));
      await household.consents.refresh();
      showToast({ tone: 'good', text: sharing.given(worker.name) });
      onClose();
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setBusy(false);
    }
  };

  return (
    <div class="stack">
      <Notice tone="info" icon="person" title={sharing.whoIs(worker.name, worker.organisation)}>
        {sharing.whoText}
      </Notice>
      <fieldset>
        <legend class="field__label">{sharing.what}</legend>
        <div class="list card">
          {scopes.map((scope) => (
            <SwitchRow
              key={scope}
              label={sharing.scopes[scope].name}
              description={sharing.scopes[scope].text}
              checked={chosen.has(scope)}
              onToggle={(on) => toggle(scope, on)}
            />
          ))}
        </div>
      </fieldset>
      <ChoiceChips
        legend={sharing.howLong}
        options={spans.map((span) => ({ value: String(span), label: sharing.days(span) }))}
        value={days}
        onChoose={setDays}
      />
      <div class="list card">
        <SwitchRow
          label={sharing.childrenAgree}
          description={sharing.childrenAgreeText}
          checked={agreed}
          onToggle={(on) => {
            setAgreed(on);
            setMissing(undefined);
          }}
        />
      </div>
      {missing !== undefined && <Notice tone="warn" icon="alert" title={missing} />}
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      <Button tone="primary" wide busy={busy} onClick={() => void give()}>
        {sharing.give}
      </Button>
    </div>
  );
}
