import { useEffect, useMemo } from 'preact/hooks';
import type { Channel, NotificationKind, NotificationSettings } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Page, Section } from '../../app/page.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { Skeleton } from '../../design/empty.tsx';
import { SwitchRow } from '../../design/switch.tsx';
import { useHousehold } from '../../household/context.ts';
import { useTexts } from '../../language/language.ts';
import { PushCard } from './push-card.tsx';
import { QuietHours } from './quiet-hours.tsx';
import { useChoices } from './use-choices.ts';
import './notifications.css';

const CHANNELS: readonly Channel[] = ['push', 'in-app', 'off'];

const groups = [
  { id: 'children', kinds: ['help', 'request', 'bypass', 'quota'] },
  { id: 'devices', kinds: ['new-device', 'device-changed'] },
  { id: 'router', kinds: ['router-offline', 'rules-failing', 'list-old', 'connection-contested'] },
  { id: 'family', kinds: ['weekly', 'webhook-off'] },
] as const;

/** How whoever is signed in is told: on this device, when not, and of what. */
export function NotificationSettingsPage() {
  const texts = useTexts();
  const words = texts.notifications;
  const household = useHousehold();
  const { session } = useApp();
  const state = useStore(session);
  const settings = useMemo(() => new Resource(() => household.api.notifications.settings()), [household]);
  const { value, error } = useStore(settings);
  useEffect(() => {
    void settings.refresh();
  }, [settings]);
  const account = state.kind === 'signed-in' ? state.account.id : undefined;

  return (
    <Page title={words.settings} back={{ href: '/notifications', name: words.title }}>
      <Section title={words.pushTitle}>{account !== undefined && <PushCard account={account} />}</Section>
      {value !== undefined ? (
        <Choices settings={value} refresh={() => settings.refresh()} />
      ) : error === undefined ? (
        <Skeleton rows={5} />
      ) : (
        <LoadFailed error={error} onRetry={() => void settings.refresh()} />
      )}
    </Page>
  );
}

function Choices({
  settings: kept,
  refresh,
}: {
  settings: NotificationSettings;
  refresh: () => Promise<void>;
}) {
  const texts = useTexts();
  const words = texts.notifications;
  const household = useHousehold();
  const { settings, choose } = useChoices(kept, async (change) => {
    await household.api.notifications.choose(change);
    await refresh();
  });
  return (
    <>
      <div class="card">
        <SwitchRow
          label={words.details}
          description={words.detailsText}
          checked={settings.details}
          onToggle={(details) => choose({ details })}
        />
      </div>
      <QuietHours
        quiet={settings.quiet}
        onChange={(quiet, undo) =>
          choose(
            { quiet: [...quiet] },
            undo && {
              text: undo.text,
              action: { label: texts.common.undo, run: () => choose({ quiet: [...undo.before] }) },
            },
          )
        }
      />
      <Section title={words.choose}>
        <p class="small muted">{words.chooseText}</p>
        {groups.map(({ id, kinds }) => (
          <div class="stack stack--tight" key={id}>
            <h3>{words.groups[id]}</h3>
            <ul class="list card">
              {kinds.map((kind) => (
                <ChannelRow
                  key={kind}
                  kind={kind}
                  chosen={settings.channels[kind]}
                  fixed={settings.fixed.includes(kind)}
                  onChoose={(channel) => choose({ channels: { [kind]: channel } })}
                />
              ))}
            </ul>
          </div>
        ))}
      </Section>
    </>
  );
}

function ChannelRow({
  kind,
  chosen,
  fixed,
  onChoose,
}: {
  kind: NotificationKind;
  chosen: Channel;
  fixed: boolean;
  onChoose: (channel: Channel) => void;
}) {
  const words = useTexts().notifications;
  const { name, text } = words.kinds[kind];
  return (
    <li class="channel">
      <div>
        <p class="channel__name">{name}</p>
        <p class="small muted">{text}</p>
      </div>
      {!fixed && (
        <ChoiceChips
          legend={name}
          hideLegend
          options={CHANNELS.map((value) => ({ value, label: words.channels[value] }))}
          value={chosen}
          onChoose={onChoose}
        />
      )}
    </li>
  );
}
