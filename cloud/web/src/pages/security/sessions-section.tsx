import { useState } from 'preact/hooks';
import type { SessionView } from '../../api/contract.ts';
import { useApp } from '../../app/context.ts';
import { Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

interface SessionsProps {
  sessions: readonly SessionView[];
  onChanged: () => Promise<void>;
}

export function SessionsSection({ sessions, onChanged }: SessionsProps) {
  const texts = useTexts();
  const { security } = texts;
  const { own } = useApp().api;
  const run = useRun();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const now = Date.now();
  const nameOf = ({ browser, system }: SessionView) => {
    if (browser === null || system === null) return browser ?? system ?? security.sessionUnknown;
    return security.sessionOn(browser, system);
  };
  const detailOf = ({ usedAt, createdAt }: SessionView) =>
    `${security.sessionUsed(format.ago(usedAt, now))}, ${security.sessionSince(format.ago(createdAt, now))}`;
  const end = async (task: () => Promise<unknown>, text: string) => {
    setAsking(false);
    if (await run(task, { text })) await onChanged();
  };

  return (
    <Section title={security.sessions}>
      <List label={security.sessions}>
        {sessions.map((session) => {
          const name = nameOf(session);
          return (
            <PlainRow
              key={session.id}
              leading={<Icon name="device" />}
              title={name}
              detail={detailOf(session)}
              trailing={
                session.current ? (
                  <Badge tone="good">{security.sessionHere}</Badge>
                ) : (
                  <Button
                    label={security.sessionEndOf(name)}
                    onClick={() => void end(() => own.endSession(session.id), security.sessionEnded(name))}
                  >
                    {security.sessionEnd}
                  </Button>
                )
              }
            />
          );
        })}
      </List>
      {sessions.length > 1 && (
        <Button icon="out" onClick={() => setAsking(true)}>
          {security.sessionsEndOthers}
        </Button>
      )}
      {asking && (
        <Sheet title={security.sessionsEndOthers} onClose={() => setAsking(false)}>
          <p>{security.sessionsEndOthersText}</p>
          <div class="sheet__actions">
            <Button onClick={() => setAsking(false)}>{texts.common.cancel}</Button>
            <Button
              tone="danger"
              onClick={() => void end(() => own.endOtherSessions(), security.sessionsEnded)}
            >
              {security.sessionEnd}
            </Button>
          </div>
        </Sheet>
      )}
    </Section>
  );
}
