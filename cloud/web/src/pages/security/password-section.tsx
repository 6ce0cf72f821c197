import { useState } from 'preact/hooks';
import type { Security } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { PasswordSheet } from './password-sheet.tsx';

interface PasswordSectionProps {
  password: Security['password'];
  onChanged: () => Promise<void>;
}

export function PasswordSection({ password, onChanged }: PasswordSectionProps) {
  const { security } = useTexts();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  return (
    <Section title={security.password}>
      <List>
        <ButtonRow
          leading={<Icon name="lock" />}
          title={password === null ? security.passwordAdd : security.passwordChange}
          detail={
            password === null
              ? security.passwordNone
              : security.passwordSet(format.ago(password.changedAt, Date.now()))
          }
          onClick={() => setOpen(true)}
        />
      </List>
      {open && (
        <PasswordSheet isSet={password !== null} onClose={() => setOpen(false)} onChanged={onChanged} />
      )}
    </Section>
  );
}
