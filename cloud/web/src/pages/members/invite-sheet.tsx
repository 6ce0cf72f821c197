import { useState } from 'preact/hooks';
import type { Role } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHome, useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';
import { RoleChoice } from './member-sheet.tsx';
import './members.css';

/** Makes an invitation, and shows its link the one time that it is known. */
export function InviteSheet({ onClose }: { onClose: () => void }) {
  const texts = useTexts();
  const { members } = texts;
  const { api } = useHousehold();
  const run = useSensitiveRun();
  const [label, setLabel] = useState('');
  const [role, setRole] = useState<Role>('carer');
  const [link, setLink] = useState<string>();
  const [busy, setBusy] = useState(false);

  const make = async () => {
    setBusy(true);
    await run(async () => {
      const { token } = await api.members.invite(role, label.trim() === '' ? undefined : label.trim());
      setLink(`${location.origin}/join#${token}`);
    });
    setBusy(false);
  };

  if (link !== undefined) return <LinkSheet link={link} onClose={onClose} />;
  return (
    <Sheet title={members.inviteTitle} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextField
          label={`${members.inviteFor} (${texts.common.optional})`}
          autocomplete="off"
          placeholder={members.inviteForPlaceholder}
          maxLength={64}
          value={label}
          onText={setLabel}
        />
        <RoleChoice value={role} onChoose={setRole} />
        <Button tone="primary" type="submit" wide busy={busy}>
          {members.inviteMake}
        </Button>
      </form>
    </Sheet>
  );
}

function LinkSheet({ link, onClose }: { link: string; onClose: () => void }) {
  const texts = useTexts();
  const { members } = texts;
  const { name } = useHome();
  // Rejects where the browser forbids it, or who was asked sent it to nobody: the link is there to be selected.
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => showToast({ tone: 'good', text: members.copied }),
      () => undefined,
    );
  const share = () => navigator.share({ text: members.shareText(name), url: link }).catch(() => undefined);
  return (
    <Sheet title={members.linkTitle} onClose={onClose}>
      <p>{members.linkText}</p>
      <p class="invitation-link mono">{link}</p>
      <p class="small muted">{members.linkOnce}</p>
      <div class="sheet__actions">
        {'clipboard' in navigator && <Button onClick={() => void copy()}>{members.copy}</Button>}
        {'share' in navigator && (
          <Button tone="primary" onClick={() => void share()}>
            {members.share}
          </Button>
        )}
      </div>
      <Button wide onClick={onClose}>
        {texts.common.done}
      </Button>
    </Sheet>
  );
}
