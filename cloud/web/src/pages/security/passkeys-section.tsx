import { useState } from 'preact/hooks';
import type { Security } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { Notice } from '../../design/notice.tsx';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { usePasskeyHindrance } from '../account/use-passkeys.ts';
import { PasskeySheet } from './passkey-sheet.tsx';
import { useSensitiveRun } from './use-own.ts';

type Passkey = Security['passkeys'][number];

interface PasskeysProps {
  passkeys: readonly Passkey[];
  onChanged: () => Promise<void>;
}

export function PasskeysSection({ passkeys, onChanged }: PasskeysProps) {
  const texts = useTexts();
  const { security } = texts;
  const { own } = useApp().api;
  const run = useSensitiveRun();
  const format = useFormat();
  const hindrance = usePasskeyHindrance();
  const [opened, open] = useState<Passkey>();
  const [busy, setBusy] = useState(false);
  const now = Date.now();
  const detailOf = ({ usedAt, createdAt, copied }: Passkey) => {
    if (copied) return security.passkeyCopied;
    const used = usedAt === null ? security.passkeyNeverUsed : security.passkeyUsed(format.ago(usedAt, now));
    return `${used} · ${security.passkeyCreated(format.ago(createdAt, now))}`;
  };
  const add = async () => {
    setBusy(true);
    if (await run(() => own.passkeys.add(), { text: security.passkeyAdded })) await onChanged();
    setBusy(false);
  };

  return (
    <Section title={security.passkeys}>
      <p class="small muted">{passkeys.length === 0 ? security.passkeysNone : security.passkeyWhat}</p>
      {passkeys.length > 0 && (
        <List label={security.passkeys}>
          {passkeys.map((passkey) => (
            <ButtonRow
              key={passkey.id}
              leading={<Icon name={passkey.copied ? 'alert' : 'key'} />}
              title={passkey.name}
              detail={detailOf(passkey)}
              onClick={() => open(passkey)}
            />
          ))}
        </List>
      )}
      {hindrance === undefined ? (
        <Button
          icon="plus"
          tone={passkeys.length === 0 ? 'primary' : 'soft'}
          busy={busy}
          onClick={() => void add()}
        >
          {security.addPasskey}
        </Button>
      ) : (
        <Notice tone="info" icon="key" title={security.hindered[hindrance]} />
      )}
      {opened && <PasskeySheet passkey={opened} onClose={() => open(undefined)} onChanged={onChanged} />}
    </Section>
  );
}
