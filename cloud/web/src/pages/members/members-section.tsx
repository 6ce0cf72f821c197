import { useState } from 'preact/hooks';
import type { MemberView } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { Avatar } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { ButtonRow, List, PlainRow } from '../../design/list.tsx';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { LeaveSheet } from './leave-sheet.tsx';
import { MemberSheet } from './member-sheet.tsx';

interface MembersProps {
  members: readonly MemberView[];
  onChanged: () => Promise<void>;
}

export function MembersSection({ members, onChanged }: MembersProps) {
  const { members: texts } = useTexts();
  const format = useFormat();
  const [opened, open] = useState<MemberView>();
  const [leaving, setLeaving] = useState(false);
  const isOwner = members.some(({ me, role }) => me && role === 'owner');
  const owners = members.filter(({ role }) => role === 'owner').length;
  const lookOf = ({ account, name, me, role, joinedAt }: MemberView) => ({
    leading: <Avatar id={account} name={name} />,
    title: me ? `${name} (${texts.me})` : name,
    detail:
      joinedAt === null
        ? texts.roles[role].name
        : `${texts.roles[role].name}, ${texts.joined(format.dayInSentence(joinedAt, Date.now()))}`,
  });

  return (
    <Section title={texts.list}>
      <List label={texts.list}>
        {members.map((member) =>
          isOwner && !(member.me && owners === 1) ? (
            <ButtonRow key={member.account} {...lookOf(member)} onClick={() => open(member)} />
          ) : (
            <PlainRow key={member.account} {...lookOf(member)} />
          ),
        )}
      </List>
      {isOwner && owners === 1 ? (
        members.length > 1 && <p class="small muted">{texts.lastOwner}</p>
      ) : (
        <Button icon="out" onClick={() => setLeaving(true)}>
          {texts.leave}
        </Button>
      )}
      {opened && <MemberSheet member={opened} onClose={() => open(undefined)} onChanged={onChanged} />}
      {leaving && <LeaveSheet onClose={() => setLeaving(false)} />}
    </Section>
  );
}
