import { useState } from 'preact/hooks';
import type { Security } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { Section } from '../../app/page.tsx';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { CodesSheet } from './codes-sheet.tsx';
import { useSensitiveRun } from './use-own.ts';

/** So few codes are a reason to make new ones. */
const FEW = 3;

interface CodesProps {
  codes: Security['recoveryCodes'];
  onChanged: () => Promise<void>;
}

export function CodesSection({ codes, onChanged }: CodesProps) {
  const { security } = useTexts();
  const { own } = useApp().api;
  const run = useSensitiveRun();
  const format = useFormat();
  const [made, setMade] = useState<readonly string[]>();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);

  const make = async () => {
    setAsking(false);
    setBusy(true);
    await run(async () => setMade((await own.makeRecoveryCodes()).codes));
    setBusy(false);
  };

  return (
    <Section title={security.codes}>
      {codes === null ? (
        <Notice tone="warn" icon="key" title={security.noCodes}>
          {security.codesNoneText}
        </Notice>
      ) : (
        <>
          {codes.left <= FEW && <Notice tone="warn" icon="key" title={security.codesFew} />}
          <p class="small muted">
            {security.codesLeft(codes.left, format.ago(codes.createdAt, Date.now()))}. {security.codesText}
          </p>
        </>
      )}
      <Button busy={busy} onClick={() => (codes === null ? void make() : setAsking(true))}>
        {codes === null ? security.codesMake : security.codesRenew}
      </Button>
      {asking && (
        <AskSheet
          title={security.codesRenew}
          confirm={security.codesRenew}
          tone="primary"
          onConfirm={make}
          onClose={() => setAsking(false)}
        >
          <p>{security.codesRenewText}</p>
        </AskSheet>
      )}
      {made && (
        <CodesSheet
          codes={made}
          onClose={() => {
            setMade(undefined);
            void onChanged();
          }}
        />
      )}
    </Section>
  );
}
