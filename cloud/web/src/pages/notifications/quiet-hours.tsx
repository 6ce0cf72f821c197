import { useState } from 'preact/hooks';
import type { QuietHours as Hours } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { daysText, windowText } from '../../household/schedule-text.ts';
import { useTexts } from '../../language/language.ts';
import { QuietSheet } from './quiet-sheet.tsx';

const NIGHT: Hours = { days: [1, 2, 3, 4, 5, 6, 7], start: '22:00', end: '06:30' };
const MOST = 7;

export function QuietHours({
  quiet,
  onChange,
}: {
  quiet: readonly Hours[];
  onChange: (quiet: readonly Hours[], undo?: { text: string; before: readonly Hours[] }) => void;
}) {
  const texts = useTexts();
  const words = texts.notifications;
  /** Which are being changed; one past the last for new ones. */
  const [editing, setEditing] = useState<number>();
  const change: typeof onChange = (...changed) => {
    setEditing(undefined);
    onChange(...changed);
  };
  return (
    <Section title={words.quietTitle}>
      <p class="small muted">{words.quietText}</p>
      {quiet.length > 0 && (
        <List label={words.quietTitle}>
          {quiet.map((hours, index) => (
            <ButtonRow
              key={`${hours.days} ${hours.start} ${hours.end}`}
              leading={<Icon name="moon" />}
              title={windowText(texts, hours)}
              detail={daysText(texts, hours.days)}
              onClick={() => setEditing(index)}
            />
          ))}
        </List>
      )}
      {quiet.length < MOST && (
        <Button icon="plus" onClick={() => setEditing(quiet.length)}>
          {words.quietAdd}
        </Button>
      )}
      {editing !== undefined && (
        <QuietSheet
          hours={quiet[editing] ?? NIGHT}
          known={editing < quiet.length}
          onClose={() => setEditing(undefined)}
          onSave={(hours) => change([...quiet.slice(0, editing), hours, ...quiet.slice(editing + 1)])}
          onRemove={() =>
            change(
              quiet.filter((_, index) => index !== editing),
              { text: words.quietRemoved, before: quiet },
            )
          }
        />
      )}
    </Section>
  );
}
