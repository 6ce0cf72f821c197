import { useState } from 'preact/hooks';
import type { ApiKeyView } from '../../api/contract.ts';
import { Section } from '../../app/page.tsx';
import { AskSheet } from '../../design/ask-sheet.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { useHousehold } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import { useSensitiveRun } from '../security/use-own.ts';
import { MakeKeySheet } from './make-key-sheet.tsx';

interface KeysProps {
  keys: readonly ApiKeyView[];
  onChanged: () => Promise<void>;
}

/** The keys of programs. */
export function KeysSection({ keys, onChanged }: KeysProps) {
  const { developers } = useTexts();
  const { api } = useHousehold();
  const run = useSensitiveRun();
  const format = useFormat();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyView>();
  const revoke = async ({ id }: ApiKeyView) => {
    if (!(await run(() => api.developers.revokeKey(id), { text: developers.revoked }))) return;
    setRevoking(undefined);
    await onChanged();
  };
  const detail = ({ scopes, usedAt, expiresAt }: ApiKeyView) => {
    const used =
      usedAt === null ? developers.neverUsed : developers.usedAt(format.moment(usedAt, Date.now()));
    const scope = scopes.includes('care') ? developers.care : developers.read;
    const ends = expiresAt === null ? [] : [developers.expiresAt(format.moment(expiresAt, Date.now()))];
    return [scope, used, ...ends].join(' · ');
  };

  return (
    <Section title={developers.keys}>
      {keys.length === 0 ? (
        <p class="small muted">{developers.keysNone}</p>
      ) : (
        <List label={developers.keys}>
          {keys.map((key) => (
            <PlainRow
              key={key.id}
              leading={<Icon name="key" />}
              title={key.name}
              detail={detail(key)}
              trailing={
                <Button label={developers.revokeOf(key.name)} onClick={() => setRevoking(key)}>
                  {developers.revoke}
                </Button>
              }
            />
          ))}
        </List>
      )}
      <Button icon="plus" onClick={() => setMaking(true)}>
        {developers.makeKey}
      </Button>
      {revoking && (
        <AskSheet
          title={developers.revokeTitle(revoking.name)}
          confirm={developers.revoke}
          onConfirm={() => revoke(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          <p>{developers.revokeText}</p>
        </AskSheet>
      )}
      {making && (
        <MakeKeySheet
          onClose={() => {
            setMaking(false);
            void onChanged();
          }}
        />
      )}
    </Section>
  );
}
