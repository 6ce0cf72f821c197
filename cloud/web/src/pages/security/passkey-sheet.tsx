import { useState } from 'preact/hooks';
import type { Security } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from './use-own.ts';

interface PasskeySheetProps {
  passkey: Security['passkeys'][number];
  onClose: () => void;
  onChanged: () => Promise<void>;
}

/** Names a passkey, or removes it, which is asked twice. */
export function PasskeySheet({ passkey, onClose, onChanged }: PasskeySheetProps) {
  const texts = useTexts();
  const { security } = texts;
  const { own } = useApp().api;
  const run = useSensitiveRun();
  const [name, setName] = useState(passkey.name);
  const [removing, setRemoving] = useState(false);
  const [busy, setBusy] = useState(false);

  const change = async (task: () => Promise<unknown>, text: string) => {
    setBusy(true);
    if (await run(task, { text })) {
      onClose();
      await onChanged();
    } else setBusy(false);
  };

  if (removing) {
    return (
      <AskSheet
        title={security.passkeyRemove}
        confirm={texts.common.remove}
        onConfirm={() => change(() => own.removePasskey(passkey.id), security.passkeyRemoved)}
        onClose={onClose}
      >
        <p>{security.passkeyRemoveText}</p>
      </AskSheet>
    );
  }

  return (
    <Sheet title={security.passkeySheet} onClose={onClose}>
      {passkey.copied && <Notice tone="bad" icon="alert" title={security.passkeyCopied} />}
      {passkey.backedUp && <p class="small muted">{security.passkeySynced}</p>}
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '')
            void change(() => own.renamePasskey(passkey.id, name.trim()), texts.common.saved);
        }}
      >
        <TextField
          label={security.passkeyName}
          autocomplete="off"
          maxLength={64}
          value={name}
          onText={setName}
          error={name.trim() === '' ? texts.account.required : undefined}
        />
        <Button tone="primary" type="submit" wide busy={busy}>
          {texts.common.save}
        </Button>
        <Button tone="danger-soft" icon="trash" wide onClick={() => setRemoving(true)}>
          {security.passkeyRemove}
        </Button>
      </form>
    </Sheet>
  );
}
