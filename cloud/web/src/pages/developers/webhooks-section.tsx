import { useState } from 'preact/hooks';
import type { WebhookView } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { useTexts } from '../../language/language.ts';
import { AddWebhookSheet } from './add-webhook-sheet.tsx';
import { WebhookSheet } from './webhook-sheet.tsx';

interface WebhooksProps {
  webhooks: readonly WebhookView[];
  onChanged: () => Promise<void>;
}

/** Addresses that are told of what happens. */
export function WebhooksSection({ webhooks, onChanged }: WebhooksProps) {
  const { developers } = useTexts();
  const [open, setOpen] = useState<WebhookView['id'] | 'new'>();
  const shown = webhooks.find(({ id }) => id === open);
  const close = () => {
    setOpen(undefined);
    void onChanged();
  };

  return (
    <Section title={developers.webhooks}>
      <p class="small muted">{webhooks.length === 0 ? developers.webhooksNone : developers.webhooksText}</p>
      {webhooks.length > 0 && (
        <List label={developers.webhooks}>
          {webhooks.map((webhook) => (
            <ButtonRow
              key={webhook.id}
              title={new URL(webhook.url).host}
              detail={developers.kindsCount(webhook.kinds.length)}
              trailing={<Standing webhook={webhook} />}
              onClick={() => setOpen(webhook.id)}
            />
          ))}
        </List>
      )}
      <Button icon="plus" onClick={() => setOpen('new')}>
        {developers.addWebhook}
      </Button>
      {open === 'new' && <AddWebhookSheet onClose={close} />}
      {shown !== undefined && <WebhookSheet webhook={shown} onChanged={onChanged} onClose={close} />}
    </Section>
  );
}

function Standing({ webhook }: { webhook: WebhookView }) {
  const { developers } = useTexts();
  if (webhook.disabledAt !== null) return <Badge tone="bad">{developers.off}</Badge>;
  if (webhook.failingSince !== null) return <Badge tone="pause">{developers.failing}</Badge>;
  return <Badge tone="good">{developers.working}</Badge>;
}
