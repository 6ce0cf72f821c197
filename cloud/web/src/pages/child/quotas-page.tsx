import { serviceById } from '@khien/shared/catalogue';
import { useState } from 'preact/hooks';
import { newId, type ProfileView, type Quota, type QuotaTarget, type Rules } from '../../api/contract.ts';
import { Page } from '../../app/page.tsx';
import { Button } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { TimeField } from '../../design/field.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { ButtonRow, List } from '../../design/list.tsx';
import { blockingOf } from '../../household/blocking.ts';
import { useRules } from '../../household/context.ts';
import { targetGlyph, targetName, weekTexts } from '../../household/quota-text.ts';
import { dropQuota, putQuota, setQuotaReset } from '../../household/rules-edit.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { DeliveryLine } from './access-state.tsx';
import { QuotaSheet } from './quota-sheet.tsx';
import { QuotaTargetSheet } from './quota-target-sheet.tsx';
import { useEdit } from './use-edit.ts';
import { backTo, WithChild } from './with-child.tsx';
import './quotas.css';

/** As the server takes it. */
const LIMIT = 32;
/** What a new limit starts from, minutes: a school day, a free day. */
const START: Readonly<Record<QuotaTarget['kind'], readonly [number, number]>> = {
  network: [120, 180],
  category: [60, 120],
  service: [30, 60],
};

export function QuotasPage() {
  return <WithChild>{(profile) => <Quotas profile={profile} />}</WithChild>;
}

function Quotas({ profile }: { profile: ProfileView }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const rules = useRules(profile);
  const edit = useEdit(profile);
  const [editing, setEditing] = useState<Quota>();
  const [choosing, setChoosing] = useState(false);
  const { quotas, quotaReset } = rules;
  const full = quotas.length >= LIMIT;

  const startWith = (of: QuotaTarget) => {
    const [school, free] = START[of.kind];
    setChoosing(false);
    setEditing({ id: newId(), of, minutes: [school, school, school, school, school, free, free] });
  };

  return (
    <Page title={texts.quota.title} back={backTo(profile)} intro={texts.quota.intro}>
      {quotas.length === 0 ? (
        <Empty icon="hourglass" title={texts.quota.none}>
          {texts.quota.noneText}
        </Empty>
      ) : (
        <List label={texts.quota.title}>
          {quotas.map((quota) => (
            <ButtonRow
              key={quota.id}
              onClick={() => setEditing(quota)}
              leading={<Glyph>{targetGlyph(quota.of)}</Glyph>}
              title={targetName(texts, language, quota.of)}
              detail={
                <>
                  {weekTexts(texts, format, quota.minutes).map((line) => (
                    <span class="rule-line" key={line}>
                      {line}
                    </span>
                  ))}
                  {isBlocked(rules, quota.of) && <span class="coverage">{texts.quota.blocked}</span>}
                </>
              }
            />
          ))}
        </List>
      )}
      <div class="stack stack--tight">
        <Button icon="plus" disabled={full} onClick={() => setChoosing(true)}>
          {texts.quota.add}
        </Button>
        {full && <p class="small muted">{texts.quota.limit}</p>}
        <DeliveryLine profile={profile} />
      </div>
      {quotas.length > 0 && (
        <div class="card card--padded">
          <TimeField
            label={texts.quota.reset}
            hint={texts.quota.resetText(quotaReset)}
            value={quotaReset}
            onTime={(time) => {
              if (time !== '' && time !== quotaReset) edit(setQuotaReset(time));
            }}
          />
        </div>
      )}
      {choosing && (
        <QuotaTargetSheet
          taken={quotas.map(({ of }) => of)}
          onClose={() => setChoosing(false)}
          onChoose={startWith}
        />
      )}
      {editing && (
        <QuotaSheet
          quota={editing}
          known={quotas.some(({ id }) => id === editing.id)}
          onClose={() => setEditing(undefined)}
          onSave={(quota) => {
            setEditing(undefined);
            edit(putQuota(quota));
          }}
          onRemove={() => {
            setEditing(undefined);
            edit(dropQuota(editing.id), {
              text: texts.quota.removed(targetName(texts, language, editing.of)),
              undo: putQuota(editing),
            });
          }}
        />
      )}
    </Page>
  );
}

function isBlocked(rules: Rules, of: QuotaTarget): boolean {
  if (of.kind === 'network') return false;
  if (of.kind === 'category') return rules.blockedCategories.includes(of.id);
  const service = serviceById(of.id);
  return service !== undefined && blockingOf(service, rules) !== undefined;
}
