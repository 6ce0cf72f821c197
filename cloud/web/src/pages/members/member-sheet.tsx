import { useState } from 'preact/hooks';
import { type MemberView, ROLES, type Role } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Button } from '../../design/button.tsx';
import { ChoiceRows } from '../../design/choice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';

interface MemberSheetProps {
  member: MemberView;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

/** Changes somebody's role, or takes them out, which is asked twice. */
export function MemberSheet({ member, onClose, onChanged }: MemberSheetProps) {
  const texts = useTexts();
  const { members } = texts;
  const { session } = useApp();
  const { api } = useHousehold();
  const run = useSensitiveRun();
  const [role, setRole] = useState<Role>(member.role);
  const [removing, setRemoving] = useState(false);
  const [busy, setBusy] = useState(false);

  const change = async (task: () => Promise<unknown>, text: string) => {
    setBusy(true);
    if (await run(task, { text })) {
      onClose();
      // It may have been the own role.
      await Promise.all([onChanged(), session.ask()]);
    } else setBusy(false);
  };

  if (removing) {
    return (
      <AskSheet
        title={members.remove(member.name)}
        confirm={members.removeConfirm}
        onConfirm={() => change(() => api.members.remove(member.account), members.removed(member.name))}
        onClose={onClose}
      >
        <p>{members.removeText(member.name)}</p>
      </AskSheet>
    );
  }

  return (
    <Sheet title={members.memberSheet(member.name)} onClose={onClose}>
      <RoleChoice value={role} onChoose={setRole} />
      <Button
        tone="primary"
        wide
        busy={busy}
        disabled={role === member.role}
        onClick={() =>
          void change(
            () => api.members.changeRole(member.account, role),
            members.roleChanged(member.name, members.roles[role].name),
          )
        }
      >
        {texts.common.save}
      </Button>
      {!member.me && (
        <Button tone="danger-soft" icon="trash" wide onClick={() => setRemoving(true)}>
          {members.remove(member.name)}
        </Button>
      )}
    </Sheet>
  );
}

export function RoleChoice({ value, onChoose }: { value: Role; onChoose: (role: Role) => void }) {
  const { members } = useTexts();
  return (
    <ChoiceRows
      legend={members.role}
      options={ROLES.map((role) => ({
        value: role,
        label: members.roles[role].name,
        description: members.roles[role].text,
      }))}
      value={value}
      onChoose={onChoose}
    />
  );
}
