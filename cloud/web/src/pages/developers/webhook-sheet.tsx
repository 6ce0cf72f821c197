import { useEffect, useMemo, useState } from 'preact/hooks';
import type { WebhookAttempt, WebhookView } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Dot } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';

interface WebhookProps {
  webhook: WebhookView;
  onChanged: () => Promise<void>;
  onClose: () => void;
}

/** How sending to a webhook goes, to try it out, and to end it. */
export function WebhookSheet({ webhook, onChanged, onClose }: WebhookProps) {
  const { developers } = useTexts();
  const { api } = useHousehold();
  const run = useRun();
  const sensitiveRun = useSensitiveRun();
  const [tried, setTried] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { id } = webhook;
  const attempts = useMemo(() => new Resource(() => api.developers.attempts(id)), [api, id]);
  const { value } = useStore(attempts);
  useEffect(() => {
    void attempts.refresh();
  }, [attempts]);
  const tryOut = async () => setTried(await run(() => api.developers.tryWebhook(id)));
  const enable = async () => {
    if (await sensitiveRun(() => api.developers.changeWebhook(id, { enabled: true }))) await onChanged();
  };
  const remove = async () => {
    if (await sensitiveRun(() => api.developers.removeWebhook(id), { text: developers.removed })) onClose();
  };

  const { host } = new URL(webhook.url);
  if (removing) {
    return (
      <AskSheet
        title={developers.removeTitle(host)}
        confirm={developers.remove}
        onConfirm={remove}
        onClose={onClose}
      >
        <p>{developers.removeText}</p>
      </AskSheet>
    );
  }
  return (
    <Sheet title={host} onClose={onClose}>
      <p class="small mono secret">{webhook.url}</p>
      {webhook.disabledAt !== null && (
        <Notice
          tone="bad"
          icon="alert"
          title={developers.off}
          action={<Button onClick={() => void enable()}>{developers.enable}</Button>}
        >
          {developers.offText}
        </Notice>
      )}
      <div class="sheet__actions">
        <Button onClick={() => void tryOut()}>{developers.tryOut}</Button>
        <Button onClick={() => void attempts.refresh()}>{developers.refresh}</Button>
      </div>
      {tried && <p class="small muted">{developers.tried}</p>}
      <h3 class="small">{developers.attempts}</h3>
      {value === undefined || value.items.length === 0 ? (
        <p class="small muted">{developers.attemptsNone}</p>
      ) : (
        <List label={developers.attempts}>
          {value.items.map((attempt) => (
            <Attempt key={attempt.id} attempt={attempt} />
          ))}
        </List>
      )}
      <Button tone="danger-soft" icon="trash" wide onClick={() => setRemoving(true)}>
        {developers.remove}
      </Button>
    </Sheet>
  );
}

function Attempt({ attempt }: { attempt: WebhookAttempt }) {
  const { developers, notifications } = useTexts();
  const format = useFormat();
  const { kind, status, failure, at } = attempt;
  const came =
    failure !== null ? developers.failures[failure] : status === null ? '' : developers.status(status);
  const taken = status !== null && status >= 200 && status < 300;
  return (
    <PlainRow
      leading={<Dot tone={taken ? 'good' : 'bad'} />}
      title={kind === 'test' ? developers.test : notifications.kinds[kind].name}
      detail={`${came} · ${format.moment(at, Date.now())}`}
    />
  );
}
