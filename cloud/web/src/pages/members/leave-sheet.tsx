import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useApp } from '../../app/context.ts';
import { Button } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** Leaving has no way back without an invitation, so it is asked twice. */
export function LeaveSheet({ onClose }: { onClose: () => void }) {
  const texts = useTexts();
  const { members } = texts;
  const { session } = useApp();
  const { name } = useHome();
  const { api } = useHousehold();
  const { route } = useLocation();
  const run = useRun();
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    const left = await run(() => api.members.leave(), { text: members.left(name) });
    setBusy(false);
    if (!left) return;
    onClose();
    route('/', true);
    await session.ask();
  };
  return (
    <Sheet title={members.leaveTitle(name)} onClose={onClose}>
      <p>{members.leaveText}</p>
      <div class="sheet__actions">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button tone="danger" busy={busy} onClick={() => void leave()}>
          {members.leaveConfirm}
        </Button>
      </div>
    </Sheet>
  );
}
