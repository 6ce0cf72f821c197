import { useState } from 'preact/hooks';
import type { InvitationView } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { InviteSheet } from './invite-sheet.tsx';

interface InvitationsProps {
  invitations: readonly InvitationView[];
  onChanged: () => Promise<void>;
}

export function InvitationsSection({ invitations, onChanged }: InvitationsProps) {
  const { members } = useTexts();
  const { api } = useHousehold();
  const run = useRun();
  const format = useFormat();
  const [inviting, setInviting] = useState(false);
  const revoke = async (id: InvitationView['id']) => {
    if (await run(() => api.members.revoke(id), { text: members.revoked })) await onChanged();
  };

  return (
    <Section title={members.invitations}>
      {invitations.length === 0 ? (
        <p class="small muted">{members.invitationsNone}</p>
      ) : (
        <List label={members.invitations}>
          {invitations.map(({ id, role, label, expiresAt }) => {
            const name = label ?? members.invitationUnnamed;
            return (
              <PlainRow
                key={id}
                leading={<Icon name="hourglass" />}
                title={name}
                detail={members.invitationOf(members.roles[role].name, format.moment(expiresAt, Date.now()))}
                trailing={
                  <Button label={members.revokeOf(name)} onClick={() => void revoke(id)}>
                    {members.revoke}
                  </Button>
                }
              />
            );
          })}
        </List>
      )}
      <Button tone="primary" icon="plus" onClick={() => setInviting(true)}>
        {members.invite}
      </Button>
      {inviting && (
        <InviteSheet
          onClose={() => {
            setInviting(false);
            void onChanged();
          }}
        />
      )}
    </Section>
  );
}
