import { useLocation } from 'preact-iso';
import { useApp } from '../../app/context.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { useHome, useHousehold, useRun } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';

/** Leaving has no way back without an invitation, so it is asked twice. */
export function LeaveSheet({ onClose }: { onClose: () => void }) {
  const { members } = useTexts();
  const { session } = useApp();
  const { name } = useHome();
  const { api } = useHousehold();
  const { route } = useLocation();
  const run = useRun();
  const leave = async () => {
    const left = await run(() => api.members.leave(), { text: members.left(name) });
    if (!left) return;
    onClose();
    route('/', true);
    await session.ask();
  };
  return (
    <AskSheet
      title={members.leaveTitle(name)}
      confirm={members.leaveConfirm}
      onConfirm={leave}
      onClose={onClose}
    >
      <p>{members.leaveText}</p>
    </AskSheet>
  );
}
